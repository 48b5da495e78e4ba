package consoletest

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/console"
)

// matches judges one clause of the query language.
func matches(q object, d Doc) (bool, error) {
	for kind, v := range q {
		o, _ := v.(object)
		switch kind {
		case "bool":
			return boolean(o, d)
		case "range":
			return inRange(o, d), nil
		case "term":
			for field, want := range o {
				return hasAny(values(d, field), []any{want}), nil
			}
		case "terms":
			for field, want := range o {
				list, _ := want.([]any)
				return hasAny(values(d, field), list), nil
			}
		case "exists":
			return len(values(d, fmt.Sprint(o["field"]))) > 0, nil
		case "ids":
			list, _ := o["values"].([]any)
			return slices.Contains(list, any(d.ID)), nil
		case "query_string":
			return queryString(fmt.Sprint(o["query"]), d)
		}
	}
	return false, fmt.Errorf("consoletest: the query %v is not known", q)
}

func boolean(o object, d Doc) (bool, error) {
	some := 0
	for kind, v := range o {
		list, _ := v.([]any)
		for _, clause := range list {
			c, _ := clause.(object)
			ok, err := matches(c, d)
			if err != nil {
				return false, err
			}
			if ok && kind == "should" {
				some++
			}
			if ok == (kind == "must_not") && kind != "should" {
				return false, nil
			}
		}
	}
	return o["should"] == nil || some > 0, nil
}

func inRange(o object, d Doc) bool {
	for _, v := range o {
		r, _ := v.(object)
		from, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(r["gte"]))
		to, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(r["lt"]))
		t := at(d)
		return !t.Before(from) && t.Before(to)
	}
	return false
}

func hasAny(have, want []any) bool {
	return slices.ContainsFunc(have, func(v any) bool {
		return slices.ContainsFunc(want, func(w any) bool { return fmt.Sprint(v) == fmt.Sprint(w) })
	})
}

// queryString knows words, field:value, field:"value", NOT and AND, and answers a
// query that ends in an operator as Elasticsearch does.
func queryString(q string, d Doc) (bool, error) {
	parts := split(q)
	if n := len(parts); n > 0 && (parts[n-1] == "AND" || parts[n-1] == "NOT" || strings.Count(q, `"`)%2 == 1 && !strings.Contains(q, `\"`)) {
		return false, syntaxError(q)
	}
	not := false
	for _, p := range parts {
		switch p {
		case "AND":
			continue
		case "NOT":
			not = true
			continue
		}
		if clause(p, d) == not {
			return false, nil
		}
		not = false
	}
	return true, nil
}

func clause(p string, d Doc) bool {
	field, value, ok := strings.Cut(p, ":")
	if !ok || strings.HasPrefix(p, `"`) {
		return hasWord(d, strings.ToLower(unquote(p)))
	}
	want := unquote(value)
	return slices.ContainsFunc(values(d, strings.ReplaceAll(field, `\`, "")), func(v any) bool {
		ok, _ := path.Match(want, fmt.Sprint(v))
		return ok && !strings.HasPrefix(value, `"`) || fmt.Sprint(v) == want
	})
}

// hasWord looks for a word, or for a text with several, in the whole document.
func hasWord(d Doc, want string) bool {
	text, err := json.Marshal(d.Source)
	if err != nil {
		return false
	}
	lower := strings.ToLower(string(text))
	if strings.ContainsRune(want, ' ') {
		return strings.Contains(lower, want)
	}
	return slices.Contains(wholeWord.FindAllString(lower, -1), want)
}

// byNumber is a letter by its number.
var byNumber = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	s = byNumber.ReplaceAllStringFunc(s, func(u string) string {
		n, _ := strconv.ParseUint(u[2:], 16, 16)
		return string(rune(n))
	})
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s)
}

// split cuts at spaces outside quotes.
func split(q string) []string {
	var out []string
	var word strings.Builder
	quoted, escaped := false, false
	for _, c := range q {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			out = append(out, word.String())
			word.Reset()
			continue
		}
		word.WriteRune(c)
	}
	out = append(out, word.String())
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// syntaxError is what Elasticsearch 8 answers to a query that ends too early.
func syntaxError(q string) error {
	reason := fmt.Sprintf("Failed to parse query [%s]", q)
	cause := fmt.Sprintf("parse_exception: Cannot parse '%s': Encountered \"<EOF>\" at line 1, column %d.\nWas expecting one of:\n    <NOT> ...", q, len([]rune(q)))
	inner := object{"type": "query_shard_exception", "reason": reason, "caused_by": object{"type": "parse_exception", "reason": cause}}
	body, err := json.Marshal(object{
		"error": object{
			"root_cause": []any{object{"type": "query_shard_exception", "reason": reason}},
			"type":       "search_phase_execution_exception", "reason": "all shards failed", "phase": "query",
			"failed_shards": []any{object{"shard": 0, "index": "logs", "reason": inner}},
		},
		"status": 400,
	})
	if err != nil {
		return err
	}
	return &console.IndexError{Status: 400, Body: body}
}
