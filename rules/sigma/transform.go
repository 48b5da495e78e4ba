package sigma

import (
	"encoding/base64"
	"encoding/binary"
	"maps"
	"regexp"
	"strings"
	"unicode/utf16"

	"sluice/internal/strictyaml"
)

// mostVariants bounds what windash and expand may make of one value.
const mostVariants = 2000

// transform applies the modifiers that change a value, in the order written.
func (r *reader) transform(ps []pattern, v *strictyaml.Node, m modifiers) ([]pattern, error) {
	for _, step := range m.steps {
		var out []pattern
		for _, p := range ps {
			switch step {
			case "windash":
				out = append(out, windash(p)...)
			case "expand":
				more, err := r.expand(p, v)
				if err != nil {
					return nil, err
				}
				out = append(out, more...)
			default:
				s, ok := p.plain()
				if !ok {
					return nil, r.fail(v, "escape them", "%s cannot encode a value with wildcards", step)
				}
				if least := shortest(step); len(s) < least {
					return nil, r.fail(v, "", "%s of %q says nothing of the text that holds it; it takes at least %d bytes", step, s, least)
				}
				for _, e := range encode(step, s) {
					out = append(out, pattern{pieces: []string{e}, bytes: true})
				}
			}
			if len(out) > mostVariants {
				return nil, r.fail(v, "split the value", "%s makes more than %d values of this one", step, mostVariants)
			}
		}
		ps = out
	}
	return ps, nil
}

// shortest is how many bytes an encoding needs: of fewer, one of its forms is empty and would fit
// every text.
func shortest(step string) int {
	if step == "base64offset" {
		return 2
	}
	return 1
}

func encode(step, s string) []string {
	switch step {
	case "utf16le":
		return []string{wide(s, binary.LittleEndian)}
	case "utf16be":
		return []string{wide(s, binary.BigEndian)}
	case "utf16":
		return []string{"\xff\xfe" + wide(s, binary.LittleEndian)}
	case "base64":
		return []string{base64.StdEncoding.EncodeToString([]byte(s))}
	}
	return offsets(s)
}

// offsets are the three forms that s takes inside a longer base64 text: what is
// left of each after the characters that also depend on its neighbours are cut.
func offsets(s string) (out []string) {
	start, end := [3]int{0, 2, 3}, [3]int{0, 3, 2}
	for i := range 3 {
		e := base64.StdEncoding.EncodeToString(append(make([]byte, i), s...))
		out = append(out, e[start[i]:len(e)-end[(len(s)+i)%3]])
	}
	return out
}

func wide(s string, order binary.AppendByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// dash is one that begins an option.
var dash = regexp.MustCompile(`\B[-/–—―]\b`)

// windash lists the value with every kind of dash that Windows takes before an option, or too
// many of them.
func windash(p pattern) []pattern {
	out := []pattern{{}}
	for _, piece := range p.pieces {
		texts := []string{""}
		at := 0
		for _, m := range dash.FindAllStringIndex(piece, -1) {
			if len(texts) > mostVariants {
				break
			}
			var next []string
			for _, t := range texts {
				for _, d := range []string{"-", "/", "–", "—", "―"} {
					next = append(next, t+piece[at:m[0]]+d)
				}
			}
			texts, at = next, m[1]
		}
		var next []pattern
		for _, q := range out[:min(len(out), mostVariants/len(texts)+1)] {
			for _, t := range texts {
				next = append(next, pattern{pieces: append(append([]string(nil), q.pieces...), t+piece[at:])})
			}
		}
		out = next
	}
	return out
}

var placeholder = regexp.MustCompile(`%([A-Za-z0-9_]+)%`)

// expand puts the configured values in for %name%, or too many of them. What they hold of
// that form stays as it is: %TEMP% is a text that logs have.
func (r *reader) expand(p pattern, v *strictyaml.Node) ([]pattern, error) {
	ways := []map[string]string{{}}
	for _, m := range placeholder.FindAllStringSubmatch(strings.Join(p.pieces, "*"), -1) {
		if _, again := ways[0][m[0]]; again || len(ways) > mostVariants {
			continue
		}
		vals := r.t.placeholders[m[1]]
		if len(vals) == 0 {
			return nil, r.refuse(Placeholder, v, "give it values under placeholders", "the placeholder %s has no values", m[0])
		}
		var next []map[string]string
		for _, way := range ways[:min(len(ways), mostVariants/len(vals)+1)] {
			for _, val := range vals {
				one := maps.Clone(way)
				one[m[0]] = val
				next = append(next, one)
			}
		}
		ways = next
	}
	out := make([]pattern, len(ways))
	for i, way := range ways {
		out[i] = p.each(func(s string) string {
			return placeholder.ReplaceAllStringFunc(s, func(name string) string { return way[name] })
		})
	}
	return out, nil
}
