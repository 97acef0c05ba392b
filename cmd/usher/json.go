package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print JSON with the field names of the manual"}
}

// json prints one value as an indented object.
func (std streams) json(v any) error { return writeJSON(std.out, v, "  ") }

// jsonLine prints one value as one line.
func (std streams) jsonLine(v any) error { return writeJSON(std.out, v, "") }

func writeJSON(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
