package normalize

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// readable is the text of a line that header and packs read: UTF-8, without the codes
// of a terminal, and with the control bytes that a relay wrote as #012. Most lines are
// that already and come back as they are. The raw bytes stay what event.original has.
// A decoded text is memory of its own: an event that is read anew empties its arena.
func (w *Worker) readable(line string) string {
	line = unlisted(line)
	if len(line) > 1 && line[0] == '{' && line[1] != 0 && utf8.ValidString(line) {
		return line // what JSON holds it escapes in its own way
	}
	simple := w.ev.Raw == line && !w.ev.Odd() // ASCII without control bytes and backslashes
	octal := strings.Contains(line, "#0")
	if simple && !octal {
		return line
	}
	text := line
	if !simple {
		if u, ok := fromUTF16(line); ok {
			text = view(u)
		} else if !utf8.ValidString(line) {
			text = view(appendLatin(nil, line))
		}
	}
	if len(text) > 0 && text[0] == '{' {
		return text
	}
	if octal || strings.Count(text, `\011`) >= minTabs {
		text = view(appendOctal(nil, text))
	}
	if strings.IndexByte(text, esc) >= 0 {
		text = view(appendUncoloured(nil, text))
	}
	return text
}

// unlisted is a line without what its place in a file put around it: the byte order mark of its first
// line, the line end that a relay wrote as #015, the comma behind an object of a list that has one on each
// line, and the quotes of a table with one column, in which quotes are doubled.
func unlisted(line string) string {
	line = strings.TrimPrefix(line, "\ufeff")
	for strings.HasSuffix(line, "#015") || strings.HasSuffix(line, "#012") || strings.HasSuffix(line, "#000") {
		line = line[:len(line)-len("#015")]
	}
	n := len(line)
	switch {
	case n < 8:
	case line[0] == '{' && line[n-1] == ',' && line[n-2] == '}':
		return line[:n-1]
	case line[0] == '"' && line[n-1] == '"' && (line[1] == '<' || strings.HasPrefix(line[1:], "CEF:") || strings.HasPrefix(line[1:], "LEEF:")):
		if line = line[1 : n-1]; strings.Contains(line, `""`) {
			line = strings.ReplaceAll(line, `""`, `"`)
		}
	}
	return line
}

// fromUTF16 decodes a line of UTF-16. A byte order mark says what it is; the other lines
// of such a file have none, and begin or end with half of the line feed at which they
// were cut: "\x00" of little-endian, in front.
func fromUTF16(s string) ([]byte, bool) {
	switch {
	case len(s) < 4:
		return nil, false
	case s[0] == 0xff && s[1] == 0xfe:
		return appendUTF16(s[2:], little), true
	case s[0] == 0xfe && s[1] == 0xff:
		return appendUTF16(s[2:], big), true
	case s[0] != 0 && s[1] != 0 || strings.Count(s, "\x00")*3 < len(s): // text is mostly ASCII
		return nil, false
	case s[0] != 0:
		return appendUTF16(s, little), true
	}
	text := appendUTF16(s, big)
	if len(s)%2 == 1 {
		if other := appendUTF16(s[1:], little); ascii(other) > ascii(text) {
			return other, true
		}
	}
	return text, true
}

// The index of the upper one of two bytes.
const (
	big    = 0
	little = 1
)

// appendUTF16 decodes pairs of bytes; high is big or little.
func appendUTF16(s string, high int) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i+1 < len(s); i += 2 {
		r := rune(s[i+high])<<8 | rune(s[i+1-high])
		if utf16.IsSurrogate(r) && i+3 < len(s) {
			if pair := utf16.DecodeRune(r, rune(s[i+2+high])<<8|rune(s[i+3-high])); pair != utf8.RuneError {
				r = pair
				i += 2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// ascii counts the characters of ASCII that texts have.
func ascii(b []byte) (n int) {
	for _, c := range b {
		if (c >= ' ' || c == '\r' || c == '\t') && c < utf8.RuneSelf {
			n++
		}
	}
	return n
}

// appendLatin decodes what is no UTF-8 as Windows-1252, which has ISO 8859-1 in it. A
// character of UTF-8 that was cut at the end of the line is no Latin text.
func appendLatin(dst []byte, s string) []byte {
	wide := false
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r != utf8.RuneError || size > 1 {
			wide = wide || size > 1
			dst = append(dst, s[i:i+size]...)
			i += size
			continue
		}
		c := s[i]
		switch {
		case wide && c >= 0xc2 && !utf8.FullRuneInString(s[i:]):
			return utf8.AppendRune(dst, utf8.RuneError)
		case c < 0xa0:
			dst = utf8.AppendRune(dst, windows1252[c-0x80])
		default:
			dst = utf8.AppendRune(dst, rune(c))
		}
		i++
	}
	return dst
}

// windows1252 are the characters from 0x80 to 0x9f.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

// minTabs is how many \011 make a record of columns: one alone may be a Windows path.
const minTabs = 3

// appendOctal decodes control bytes that rsyslog (#012) or its elder form (\012) wrote
// as octal numbers. Others, such as #100, are text, and so is all within the texts of
// JSON, which cannot hold control bytes.
func appendOctal(dst []byte, s string) []byte {
	backslash := strings.Count(s, `\011`) >= minTabs
	object, quoted := objectStart(s), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if object >= 0 && i >= object {
			switch {
			case c == '"':
				quoted = !quoted
			case quoted && c == '\\' && i+1 < len(s):
				dst = append(dst, c, s[i+1])
				i++
				continue
			}
		}
		if !quoted && (c == '#' || c == '\\' && backslash) && i+3 < len(s) && s[i+1] == '0' && s[i+2]-'0' < 4 && s[i+3]-'0' < 8 {
			dst = append(dst, (s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 3
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// objectStart is where a JSON object begins in a line, or -1.
func objectStart(s string) int {
	at := strings.IndexByte(s, '{')
	if at < 0 {
		return -1
	}
	rest := s[at+1:]
	for {
		rest = strings.TrimLeft(rest, " ")
		if len(rest) < 4 || rest[0] != '#' || rest[1] != '0' {
			break
		}
		rest = rest[4:]
	}
	if strings.HasPrefix(rest, `"`) {
		return at
	}
	return -1
}

const esc = 0x1b

// appendUncoloured leaves out the codes by which programs colour a terminal: ESC [ ... m
// and its kin (ECMA-48), and titles (ESC ] ... BEL).
func appendUncoloured(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] != esc {
			dst = append(dst, s[i])
			continue
		}
		switch {
		case i+1 == len(s):
		case s[i+1] == '[':
			for i += 2; i < len(s) && s[i] >= 0x20 && s[i] < 0x40; i++ {
			}
		case s[i+1] == ']':
			for i += 2; i < len(s) && s[i] != 7 && s[i] != esc; i++ {
			}
			if i+1 < len(s) && s[i] == esc && s[i+1] == '\\' {
				i++
			}
		default:
			for i++; i < len(s) && s[i] >= 0x20 && s[i] < 0x30; i++ { // ESC ( B, a set of characters
			}
		}
	}
	return dst
}
