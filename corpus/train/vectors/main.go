// Command vectors makes the table of classify/vectors: it has a sentence encoder
// read words and definitions, and fits vectors of words to what it says. It is run
// by hand (make vectors), needs npm and node, and never runs in a test.
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"log"
	"os"

	"usher/classify/vectors"
)

func main() {
	log.SetFlags(0)
	work := flag.String("work", "", "folder for what is fetched and encoded, some 2 GB; what is there is used again")
	out := flag.String("out", "classify/vectors/table.bin", "the table to write")
	flag.Parse()
	if *work == "" {
		log.Fatal("name a folder to work in: make vectors WORK=FOLDER")
	}
	if err := run(*work, *out); err != nil {
		log.Fatalf("make the table of vectors: %v", err)
	}
}

func run(work, out string) error {
	if err := fetch(work); err != nil {
		return err
	}
	log.Print("reading the word list and the dictionary")
	s, err := readSources(work)
	if err != nil {
		return err
	}
	log.Printf("%d words, %d definitions, %d names of several words, %d newer words", len(s.words), len(s.definitions), len(s.names), len(s.newer))
	t, err := teach(work, s)
	if err != nil {
		return err
	}
	entries := fit(s, t)
	var b bytes.Buffer
	if err := vectors.Write(&b, entries); err != nil {
		return err
	}
	if err := os.WriteFile(out, b.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d words, %d bytes, sha256 %x\n", out, len(entries), b.Len(), sha256.Sum256(b.Bytes()))
	return nil
}
