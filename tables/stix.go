package tables

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readSTIX reads the indicators of a STIX 2.1 bundle, or of a list of objects. A pattern
// counts where any of its comparisons alone says that it matches: those that are joined
// by OR. What needs several things together is passed over.
func (t *indicators) readSTIX(text []byte) error {
	type object struct {
		Type, ID, Name, Description, Pattern string
		PatternType                          string `json:"pattern_type"`
		ValidFrom                            string `json:"valid_from"`
		ValidUntil                           string `json:"valid_until"`
		Modified                             string
		Confidence                           *int
		Revoked                              bool
		Markings                             []string `json:"object_marking_refs"`
		CreatedBy                            string   `json:"created_by_ref"`
		Definition                           struct{ TLP string }
		References                           []struct{ URL string } `json:"external_references"`
	}
	var bundle struct{ Objects []object }
	var err error
	if isList(text) {
		err = json.Unmarshal(text, &bundle.Objects)
	} else {
		err = json.Unmarshal(text, &bundle)
	}
	if err != nil {
		return fmt.Errorf("no STIX bundle: %w", err)
	}
	names, marks := map[string]string{}, map[string]string{}
	for _, o := range bundle.Objects {
		switch o.Type {
		case "identity":
			names[o.ID] = o.Name
		case "marking-definition":
			marks[o.ID] = tlp(o.Definition.TLP)
			if marks[o.ID] == "" {
				marks[o.ID] = tlp(o.Name)
			}
		}
	}
	for _, o := range bundle.Objects {
		if o.Type != "indicator" {
			continue
		}
		n := t.note()
		n.name, n.description = o.Name, o.Description
		n.first, n.changed, n.until = day(o.ValidFrom), day(o.Modified), day(o.ValidUntil)
		if !t.newest(o.ID, &n) || o.Revoked || o.PatternType != "" && o.PatternType != "stix" {
			continue
		}
		if n.provider == "" {
			n.provider = names[o.CreatedBy]
		}
		if o.Confidence != nil {
			n.confidence = confidence(strconv.Itoa(*o.Confidence))
		}
		for _, m := range o.Markings {
			if marks[m] != "" {
				n.tlp = marks[m]
			} else if wellKnown[m] != "" {
				n.tlp = wellKnown[m]
			}
		}
		for _, r := range o.References {
			if r.URL != "" {
				n.reference = r.URL
				break
			}
		}
		values, ok := alternatives(o.Pattern)
		if !ok {
			t.skipped++
			continue
		}
		for _, v := range values {
			if err := t.add(v, &n); err != nil {
				return err
			}
		}
	}
	return nil
}

// newest says whether a version of an indicator is the latest of those that the files have, and takes the
// ones before back: a later bundle of a folder may revoke what an earlier one says.
func (t *indicators) newest(id string, n *note) bool {
	if id == "" {
		return true
	}
	if had := t.versions[id]; had != nil {
		if !n.changed.After(had.changed) {
			return false
		}
		had.until = time.Unix(0, 0)
	}
	t.versions[id] = n
	return true
}

// wellKnown are the markings that STIX itself defines.
var wellKnown = map[string]string{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "WHITE",
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "CLEAR",
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "GREEN",
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "AMBER",
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "AMBER+STRICT",
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "RED",
}

// alternatives are the values of a STIX pattern (STIX 2.1 section 9), each of which alone
// makes it match: its comparisons by =, IN and ISSUBSET, joined by OR. What else is joined
// by OR is left out; a pattern that needs several things together, or denies one, has none.
func alternatives(pattern string) (values []string, ok bool) {
	tokens, ok := stixTokens(pattern)
	if !ok {
		return nil, false
	}
	at := func(i int) stixToken {
		if i < len(tokens) {
			return tokens[i]
		}
		return stixToken{}
	}
	for i := 0; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t.quoted:
			return nil, false
		case strings.EqualFold(t.text, "OR"), slices.Contains([]string{"[", "]", "(", ")"}, t.text):
			continue
		case strings.EqualFold(t.text, "EXISTS"):
			i++
			continue
		case !strings.Contains(t.text, ":"): // AND, FOLLOWEDBY, NOT, WITHIN, REPEATS, START
			return nil, false
		}
		path := tokens[i].text
		op := at(i + 1)
		operands := []stixToken{at(i + 2)}
		if i += 2; !at(i).quoted && at(i).text == "(" {
			end := slices.Index(tokens[i:], stixToken{text: ")"})
			if end < 0 {
				return nil, false
			}
			operands, i = tokens[i+1:i+end], i+end
		}
		switch op := strings.ToUpper(op.text); {
		case op == "NOT":
			return nil, false
		case op != "=" && op != "==" && op != "IN" && op != "ISSUBSET" || !isObservable(path):
			continue
		}
		for _, v := range operands {
			if v.quoted {
				values = append(values, v.text)
			}
		}
	}
	return values, len(values) > 0
}

// isObservable says whether a path leads to what indicators are looked for by: an address,
// a domain, a URL or a hash. The name of a file may look like a domain and is none.
func isObservable(path string) bool {
	return strings.HasSuffix(path, ":value") || strings.HasSuffix(path, ".value") || strings.Contains(path, "hashes")
}

// stixToken is a text in quotes, a sign, or what stands between.
type stixToken struct {
	text   string
	quoted bool
}

// stixTokens cuts a pattern; false: a quote is not closed.
func stixTokens(s string) (out []stixToken, ok bool) {
	for s = strings.TrimLeft(s, " \t\r\n"); s != ""; s = strings.TrimLeft(s, " \t\r\n") {
		n := 1
		switch {
		case s[0] == '\'':
			text, rest, closed := stixText(s[1:])
			if !closed {
				return nil, false
			}
			out, s = append(out, stixToken{text, true}), rest
			continue
		case strings.IndexByte("[](),", s[0]) >= 0:
		case strings.IndexByte("=!<>", s[0]) >= 0:
			for n < len(s) && s[n] == '=' {
				n++
			}
		default:
			if n = stixWord(s); n < 0 {
				return nil, false
			}
		}
		if s[:n] != "," {
			out = append(out, stixToken{text: s[:n]})
		}
		s = s[n:]
	}
	return out, true
}

// stixWord is how long the word is that s begins with, such as file:hashes.'SHA-256' or
// a:b[*].c; -1: a quote in it is not closed.
func stixWord(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' && i > 0 && s[i-1] == '.':
			_, rest, closed := stixText(s[i+1:])
			if !closed {
				return -1
			}
			i = len(s) - len(rest) - 1
		case c == '[' && i > 0:
			if end := strings.IndexByte(s[i:], ']'); end > 0 {
				i += end
			}
		case strings.IndexByte("'()],=!<> \t\r\n", c) >= 0:
			return max(i, 1)
		}
	}
	return len(s)
}

// stixText reads up to the closing quote.
func stixText(s string) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '\'':
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}
