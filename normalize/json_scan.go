package normalize

// member is where the value of a key of the object at begins, or the element of that number
// of a list; -1: there is none.
func member(text string, at int, key string) int {
	if n, ok := atoi(key); ok && at < len(text) && text[at] == '[' {
		return item(text, at, n)
	}
	if at >= len(text) || text[at] != '{' {
		return -1
	}
	for at = blanks(text, at+1); at >= 0 && at < len(text) && text[at] == '"'; {
		name, value, next := pairAt(text, at)
		if name == key {
			return value
		}
		at = next
	}
	return -1
}

// pairAt is the key at, where its value begins and where the next key does; -1: nowhere.
func pairAt(text string, at int) (name string, value, next int) {
	end := valueEnd(text, at)
	name = text[at+1 : max(at+1, end-1)]
	if at = blanks(text, end); at >= len(text) || text[at] != ':' {
		return name, -1, -1
	}
	value = blanks(text, at+1)
	next = blanks(text, valueEnd(text, value))
	if next < len(text) && text[next] == ',' {
		next = blanks(text, next+1)
	}
	return name, value, next
}

// item is where the n-th element of the list at begins; -1: there are fewer.
func item(text string, at, n int) int {
	at = blanks(text, at+1)
	for ; n > 0 && at < len(text); n-- {
		if at = blanks(text, valueEnd(text, at)); at >= len(text) || text[at] != ',' {
			return -1
		}
		at = blanks(text, at+1)
	}
	if at >= len(text) || text[at] == ']' {
		return -1
	}
	return at
}

// blanks is the first byte from at that is no white space.
func blanks(text string, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r') {
		at++
	}
	return at
}

// valueEnd is behind the JSON value at: where its quotes or brackets close, or the text
// ends.
func valueEnd(text string, at int) int {
	depth := 0
	for i := at; i < len(text); i++ {
		switch text[i] {
		case '"':
			if i = closingQuote(text, i); i < 0 {
				return len(text)
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth--; depth < 0 {
				return i // the end of what a scalar stood in
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
}

func closingQuote(text string, at int) int {
	for i := at + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
