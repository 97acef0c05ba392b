package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

// JSONFlag is the option of every command that can print JSON.
func JSONFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print JSON with the field names of the manual"}
}

// JSON prints one value as an indented object.
func (std Streams) JSON(v any) error { return writeJSON(std.Out, v, "  ") }

// JSONLine prints one value as one line.
func (std Streams) JSONLine(v any) error { return writeJSON(std.Out, v, "") }

// SaveJSON writes a value to a file as Save does, or with "-" prints it.
func (std Streams) SaveJSON(ctx context.Context, path string, v any) error {
	if path == "-" {
		return std.JSON(v)
	}
	return std.Save(ctx, path, func(_ context.Context, w io.Writer) error { return writeJSON(w, v, "  ") })
}

func writeJSON(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
