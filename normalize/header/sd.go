package header

import (
	"strings"

	"sluice/event"
)

// maxParams bounds what is read of one element.
const maxParams = 64

// sdEnd is where the structured data at the start of s ends, or 0 if it is none:
// some devices begin their message with a bracket.
func sdEnd(s string) int {
	n := 0
	for n < len(s) && s[n] == '[' {
		end := sdElementEnd(s[n:])
		if end == 0 {
			break
		}
		n += end
	}
	if n < len(s) && s[n] != ' ' {
		return 0
	}
	return n
}

// sdElementEnd is the length of [id name="value" ...], or 0. The devices that we
// know put spaces around "=" now and then.
func sdElementEnd(s string) int {
	i := 1
	for i < len(s) && s[i] != ' ' && s[i] != ']' {
		if s[i] == '"' || s[i] == '=' || s[i] == '[' {
			return 0
		}
		i++
	}
	if i == 1 {
		return 0
	}
	bare, quoted := s[min(i, len(s)-1)] != ' ', false // [id] alone, or with parameters
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			bare, quoted = true, !quoted
		case c == ']' && !quoted:
			if !bare {
				return 0
			}
			return i + 1
		case c == '[' && !quoted:
			return 0
		}
	}
	return 0
}

// appendElement appends "id":{"name":"value"}; a name that is given more than
// once holds a list (RFC 5424 allows it, and "ip" uses it).
func appendElement(dst []byte, s string) []byte {
	id, rest, _ := strings.Cut(s, " ")
	dst = append(event.AppendString(dst, id), ":{"...)
	var params [maxParams][2]string
	n := 0
	for n < maxParams {
		name, value, after, ok := nextParam(rest)
		if !ok {
			break
		}
		params[n] = [2]string{name, value}
		n++
		rest = after
	}
	first := true
	for i := range n {
		if seen(params[:i], params[i][0]) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(event.AppendString(dst, params[i][0]), ':')
		dst = appendValues(dst, params[i:n], params[i][0])
	}
	return append(dst, '}')
}

func seen(params [][2]string, name string) bool {
	for _, p := range params {
		if p[0] == name {
			return true
		}
	}
	return false
}

func appendValues(dst []byte, params [][2]string, name string) []byte {
	if !seen(params[1:], name) {
		return appendUnescaped(dst, params[0][1])
	}
	dst = append(dst, '[')
	for i, p := range params {
		if p[0] != name {
			continue
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendUnescaped(dst, p[1])
	}
	return append(dst, ']')
}

// nextParam reads name="value".
func nextParam(s string) (name, value, rest string, ok bool) {
	name, s, ok = strings.Cut(s, "=")
	name, s = strings.TrimSpace(name), strings.TrimLeft(s, " ")
	if !ok || name == "" || len(s) == 0 || s[0] != '"' {
		return "", "", "", false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return name, s[1:i], s[i+1:], true
		}
	}
	return "", "", "", false
}

// appendUnescaped appends a value without the backslashes before ", \ and ].
func appendUnescaped(dst []byte, s string) []byte {
	if strings.IndexByte(s, '\\') < 0 {
		return event.AppendString(dst, s)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`"\]`, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return event.AppendString(dst, b.String())
}
