package jsontape

// scalar reads a number or a word at i. It returns where it ends, or -1.
func (p *parser) scalar(e *entry, i int) int {
	b := p.b
	end := i
	for end < len(b) && b[end]-'0' < 10 {
		end++
	}
	e.kind = Number
	if n := end - i; n > 0 && (b[i] != '0' || n == 1) && (end == len(b) || !inNumber[b[end]]) {
		e.end = uint32(end)
		return end
	}
	for end < len(b) && inNumber[b[end]] {
		end++
	}
	if end == i || b[i]|0x20 == 'e' || b[end-1] == '-' || b[end-1] == '+' {
		return p.word(e, i, end)
	}
	e.end = uint32(end)
	if !IsNumber(b[i:end]) {
		e.flags |= loose
		p.d.loose = true
	}
	return end
}

// word reads true, false and null, and what other writers have for numbers: NaN, -Infinity.
func (p *parser) word(e *entry, i, end int) int {
	from := end
	for end < len(p.b) && (p.b[end]|0x20)-'a' < 26 {
		end++
	}
	e.end = uint32(end)
	switch text := p.b[from:end]; string(text) {
	case "true":
		e.kind = True
	case "false":
		e.kind = False
	case "null":
		e.kind = Null
	case "NaN", "nan", "NAN", "inf", "Inf", "INF", "Infinity":
		e.flags |= loose
		p.d.loose = true
		return end
	default:
		return -1
	}
	if from > i {
		return -1
	}
	return end
}

// inNumber are the bytes that numbers are made of.
var inNumber = func() (in [256]bool) {
	for _, b := range []byte("0123456789+-.eE") {
		in[b] = true
	}
	return in
}()

// IsNumber holds bytes to the grammar of JSON's numbers.
func IsNumber(s []byte) bool {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	from := i
	for i < len(s) && s[i]-'0' < 10 {
		i++
	}
	if i == from || s[from] == '0' && i > from+1 {
		return false
	}
	if i < len(s) && s[i] == '.' {
		i++
		for from = i; i < len(s) && s[i]-'0' < 10; {
			i++
		}
		if i == from {
			return false
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		for from = i; i < len(s) && s[i]-'0' < 10; {
			i++
		}
		if i == from {
			return false
		}
	}
	return i == len(s)
}
