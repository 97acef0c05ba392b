package splice

import "bytes"

// Header shows each field of the header that head begins with, its name and all
// its lines as they stand, and gives the place where the body begins. The header
// ends where a Stripper's does; where head holds no such end, all of it is
// header.
func Header(head []byte, show func(name, field []byte)) (body int) {
	start, at := 0, 0
	for {
		end := bytes.IndexByte(head[at:], '\n') + 1
		line := head[at : at+end]
		over := end == 0 || string(line) == "\r\n"
		if over || line[0] != ' ' && line[0] != '\t' {
			if field := head[start:at]; len(field) > 0 {
				name, _, _ := bytes.Cut(field, []byte{':'})
				show(bytes.TrimRight(name, " \t\r\n"), field)
			}
			start = at
		}
		if end == 0 {
			return len(head)
		}
		if at += end; over {
			return at
		}
	}
}
