package pattern

import "strings"

// skipLiteral returns the offset behind lit at pos, or -1. A space in lit takes
// one or more spaces.
func skipLiteral(s string, pos int, lit string) int {
	if strings.HasPrefix(s[pos:], lit) {
		pos += len(lit)
	} else {
		for i := 0; i < len(lit); i++ {
			if pos >= len(s) || s[pos] != lit[i] {
				return -1
			}
			pos++
			for lit[i] == ' ' && pos < len(s) && s[pos] == ' ' {
				pos++
			}
		}
	}
	if lit[len(lit)-1] == ' ' {
		pos = skipSpaces(s, pos)
	}
	return pos
}

func skipSpaces(s string, pos int) int {
	for pos < len(s) && s[pos] == ' ' {
		pos++
	}
	return pos
}

// lastIndex is strings.LastIndex, which hashes every byte: here one of the literal's is looked
// for, the last that is no space.
func lastIndex(s, lit string) int {
	k := len(lit) - 1
	for k > 0 && lit[k] == ' ' {
		k--
	}
	for end := len(s); ; {
		end = strings.LastIndexByte(s[:end], lit[k])
		if end < k {
			return -1
		}
		if strings.HasPrefix(s[end-k:], lit) {
			return end - k
		}
	}
}

// Apostrophe returns where the quoted text that the quote at end seems to end does end: in 'o'neil' that
// is an apostrophe, with letters on both sides and, behind the rest of the name, another quote.
func Apostrophe(s string, end int) int {
	for end > 0 && inName(s[end-1]) {
		next := end + 1
		for next < len(s) && (inName(s[next]) || strings.IndexByte(".-_@\\", s[next]) >= 0) {
			next++
		}
		if next == end+1 || next == len(s) || s[next] != '\'' || !inName(s[end+1]) {
			break
		}
		end = next
	}
	return end
}

func inName(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c >= 0x80
}
