package settings

import (
	"fmt"
	"os"

	"usher/classify/model"
	"usher/cmd/usher/show"

	"github.com/urfave/cli/v2"
)

// ModelFlag names a model file.
func ModelFlag() cli.Flag {
	return &cli.StringFlag{Name: "model", Usage: "judge by the model in `FILE`, as `usher train` wrote it (default: the one compiled in)"}
}

// ReadModel reads a model file; without a name it gives the one compiled in.
func ReadModel(file string) (*model.Weights, error) {
	if file == "" {
		return model.Shipped(), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	defer f.Close()
	weights, err := model.Read(f)
	if err != nil {
		return nil, show.Hint(fmt.Errorf("%s: %w", file, err), "a model is written by `usher train --out FILE`")
	}
	return weights, nil
}
