package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"usher/cmd/usher/command"

	"github.com/urfave/cli/v2"
)

// version is set by the Makefile from the git tag; a plain `go build` leaves it.
var version = "devel"

func versionCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print usher's version, the Go it was built with, and its commit",
		Flags: []cli.Flag{command.JSONFlag()},
		Action: func(c *cli.Context) error {
			v := map[string]string{"version": version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH, "commit": commit()}
			if c.Bool("json") {
				return std.JSON(v)
			}
			fmt.Fprintf(std.Out, "usher %s, commit %s, %s, %s\n", v["version"], v["commit"], v["go"], v["platform"])
			return nil
		},
	}
}

func commit() string {
	b, ok := debug.ReadBuildInfo()
	if ok {
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				return s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return "unknown"
}
