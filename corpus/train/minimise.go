package train

// minimise moves x to where f is least, by the limited-memory method of Broyden,
// Fletcher, Goldfarb and Shanno, in at most so many rounds. f gives its value
// and writes its slope.
func minimise(x []float64, rounds int, f func(x, slope []float64) float64) {
	const memory = 10
	type pair struct {
		step, turn []float64
		along      float64
	}
	var past []pair
	slope, next, nextSlope := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	value := f(x, slope)
	for range rounds {
		way := make([]float64, len(x))
		copy(way, slope)
		parts := make([]float64, len(past))
		for i := len(past) - 1; i >= 0; i-- {
			parts[i] = dot(past[i].step, way) / past[i].along
			add(way, -parts[i], past[i].turn)
		}
		scale := 1 / max(1, dot(slope, slope))
		if n := len(past); n > 0 {
			scale = past[n-1].along / dot(past[n-1].turn, past[n-1].turn)
		}
		for i := range way {
			way[i] *= scale
		}
		for i := range past {
			add(way, parts[i]-dot(past[i].turn, way)/past[i].along, past[i].step)
		}
		down := dot(slope, way)
		size, best := 1.0, value
		for range 30 {
			copy(next, x)
			add(next, -size, way)
			if best = f(next, nextSlope); best <= value-1e-4*size*down {
				break
			}
			size /= 2
		}
		if best >= value {
			return
		}
		p := pair{step: make([]float64, len(x)), turn: make([]float64, len(x))}
		for i := range x {
			p.step[i], p.turn[i] = next[i]-x[i], nextSlope[i]-slope[i]
		}
		p.along = dot(p.step, p.turn)
		gained := value - best
		copy(x, next)
		copy(slope, nextSlope)
		value = best
		if p.along > 1e-12 {
			if past = append(past, p); len(past) > memory {
				past = past[1:]
			}
		}
		if gained < 1e-7*value {
			return
		}
	}
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += float64(a[i] * b[i]) // no fused step: the same sum on every machine
	}
	return sum
}

func add(to []float64, times float64, b []float64) {
	for i := range to {
		to[i] += float64(times * b[i])
	}
}
