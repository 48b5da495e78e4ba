package console

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

// quoted is what stands for itself in a query: a phrase or a regular expression.
var quoted = regexp.MustCompile(`"(?:\\.|[^"\\])*"|/(?:\\.|[^/\\])*/`)

// mostHinted bounds how many fields of one query are looked for.
const mostHinted = 4

// queryFields are the fields that a query names, each once; a pattern of names is none: it means what it fits.
func queryFields(query string) []string {
	var names []string
	for _, word := range strings.FieldsFunc(quoted.ReplaceAllString(query, `""`), func(r rune) bool { return strings.ContainsRune(" \t\n()", r) }) {
		word = strings.TrimLeft(word, "+-!")
		name, value, ok := strings.Cut(word, ":")
		if name == "_exists_" {
			name = value
		}
		if ok && fieldName.MatchString(name) && !slices.Contains(names, name) && len(names) < mostHinted {
			names = append(names, name)
		}
	}
	return names
}

// elsewhen says that a search finds something outside of its time; "" if it does not, or has none.
func elsewhen(search object, ask func(body []byte) ([]byte, error)) string {
	query, _ := search["query"].(object)
	all, _ := query["bool"].(object)
	filter, _ := all["filter"].([]any)
	if len(filter) == 0 { // the first is the time
		return ""
	}
	body, err := json.Marshal(object{"size": 0, "track_total_hits": true, "timeout": "2s", "query": object{"bool": object{"filter": filter[1:]}}})
	if err != nil {
		return ""
	}
	raw, err := ask(body)
	if err != nil {
		return ""
	}
	a, err := parseAnswer(raw)
	switch {
	case err != nil || a.Hits.Total.Value == 0:
		return ""
	case a.Hits.Total.Value == 1:
		return "there is one outside of the time that was asked for"
	}
	return fmt.Sprintf("there are %d outside of the time that was asked for", a.Hits.Total.Value)
}

// Hint is what may be wrong with a query of a search that found nothing: its time, what other query languages write, a field
// that no event has and that is none of the known ones, a value that is none of the only ones of its field, or
// part of a longer one. The index
// is asked, since sources have fields of their own.
func Hint(query string, search map[string]any, known []string, values func(field string) []string, ask func(body []byte) ([]byte, error)) string {
	if when := elsewhen(search, ask); when != "" {
		return when
	}
	if how := habit(query, known); how != "" {
		return how
	}
	for _, name := range queryFields(query) {
		if slices.Contains(known, name) {
			continue
		}
		body, err := json.Marshal(object{"size": 0, "track_total_hits": true, "timeout": "2s", "query": object{"exists": object{"field": name}}})
		if err != nil {
			return ""
		}
		raw, err := ask(body)
		if err != nil {
			return ""
		}
		if a, err := parseAnswer(raw); err != nil || a.TimedOut || a.Shards.Failed > 0 || a.Hits.Total.Value > 0 {
			continue
		}
		small := strings.ToLower(name)
		if is := elsewhere[small]; is != "" && slices.Contains(known, is) {
			small = is
		}
		if slices.Contains(known, small) {
			return "nothing here has a field " + name + strictyaml.Hint(small)
		}
		return "nothing here has a field " + name + strictyaml.DidYouMean(name, known)
	}
	return exact(query, values)
}
