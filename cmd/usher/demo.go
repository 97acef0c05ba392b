package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"usher/cmd/usher/demo"

	"github.com/urfave/cli/v2"
)

func demoCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "see usher at work: real mail over real LMTP on loopback, in under a minute",
		Description: "Starts a next hop that keeps a Maildir for three recipients, starts usher in front of it, sends\n" +
			"letters through it, and shows where each went and why. Everything lies in a temporary\n" +
			"folder that is gone at the end. Exit status 1 if any decision is not the expected one.",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "log", Usage: "show the daemon's log as well"}},
		Action: func(c *cli.Context) error {
			folder, err := os.MkdirTemp("", "usher-demo-")
			if err != nil {
				return fmt.Errorf("make a temporary folder: %w", err)
			}
			log := slog.New(slog.DiscardHandler)
			if c.Bool("log") {
				log = newLog(std.Err, false)
			}
			ctx, stop := untilTold(c.Context)
			defer stop()
			err = demo.Run(ctx, demo.Options{Folder: folder, Program: os.Args[0], Out: std.Out, Log: log})
			return errors.Join(err, os.RemoveAll(folder))
		},
	}
}
