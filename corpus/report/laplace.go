package report

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Sampler draws discrete Laplace noise by integers alone, after Canonne, Kamath and
// Steinke, "The Discrete Gaussian for Differential Privacy" (2020), so that no digit of a
// rounded number tells what was added.
type Sampler struct {
	Source io.Reader // of random bytes; its error stops the report
}

// errRange is that a sampler was asked for what cannot be drawn.
var errRange = errors.New("draw: the bound is not positive")

// uniform draws from 0 up to n-1.
func (s Sampler) uniform(n uint64) (uint64, error) {
	if n == 0 {
		return 0, errRange
	}
	least := -n % n // 2^64 mod n
	for {
		var b [8]byte
		if _, err := io.ReadFull(s.Source, b[:]); err != nil {
			return 0, fmt.Errorf("draw noise: %w", err)
		}
		if u := binary.BigEndian.Uint64(b[:]); least == 0 || u < -least {
			return u % n, nil
		}
	}
}

// bexp is true with probability e^(-a/b), for 0 <= a <= b.
func (s Sampler) bexp(a, b uint64) (bool, error) {
	for k := uint64(1); ; k++ {
		u, err := s.uniform(b * k)
		if err != nil {
			return false, err
		}
		if u >= a {
			return k%2 == 1, nil
		}
	}
}

// Laplace draws x with a probability in proportion to e^(-|x|*s/t).
func (s Sampler) Laplace(t, over uint64) (int64, error) {
	if over == 0 {
		return 0, errRange
	}
	for {
		u, err := s.uniform(t)
		if err != nil {
			return 0, err
		}
		if is, err := s.bexp(u, t); err != nil {
			return 0, err
		} else if !is {
			continue
		}
		v := uint64(0)
		for {
			is, err := s.bexp(1, 1)
			if err != nil {
				return 0, err
			}
			if !is {
				break
			}
			v++
		}
		y := int64((u + t*v) / over)
		sign, err := s.uniform(2)
		switch {
		case err != nil:
			return 0, err
		case sign == 0:
			return y, nil
		case y != 0:
			return -y, nil
		}
	}
}
