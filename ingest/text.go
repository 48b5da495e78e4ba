package ingest

import "unicode/utf8"

// Priority reports whether b begins with "<", one to three digits, and ">", as far as
// it goes.
func Priority(b []byte) bool {
	if len(b) == 0 || b[0] != '<' {
		return false
	}
	for i := 1; i < len(b) && i <= 4; i++ {
		switch c := b[i]; {
		case c == '>':
			return i > 1
		case c < '0' || c > '9':
			return false
		}
	}
	return len(b) <= 4
}

// TrimEnd takes off the line end that some senders count into the message.
func TrimEnd(b []byte) []byte {
	if n := len(b); n > 0 && (b[n-1] == '\n' || b[n-1] == 0) {
		b = b[:n-1]
		if n := len(b); n > 0 && b[n-1] == '\r' {
			b = b[:n-1]
		}
	}
	return b
}

// RuneCut is the greatest cut of at most n bytes that divides no UTF-8 character.
func RuneCut(b []byte, n int) int {
	for back := range utf8.UTFMax {
		if utf8.RuneStart(b[n-back]) {
			return n - back
		}
	}
	return n // no UTF-8
}

// Parts has take take a line, in numbered parts where it is longer than most bytes; part is 0 of a whole
// one.
func Parts(line []byte, most int, take func(line []byte, part int)) {
	if len(line) <= most {
		take(line, 0)
		return
	}
	for part := 1; len(line) > 0; part++ {
		n := len(line)
		if n > most {
			n = RuneCut(line, most)
		}
		take(line[:n], part)
		line = line[n:]
	}
}
