package console

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Where the index names a place in a query: Elasticsearch's parser says
// "at line 1, column 5" and counts columns from 0.
var (
	placeInQuery = regexp.MustCompile(`line 1, column (\d{1,5})`)
	noNumber     = regexp.MustCompile(`^For input string: "([^"]{1,100})"`)
	tokenAtFault = regexp.MustCompile(`Encountered "\s?(?:<[A-Z_]+> ")?([^"]{1,60}?)\s?"`)
)

// explain turns a refusal of the index into words for who wrote the query.
func (s *Server) explain(e *IndexError) error {
	if e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable {
		return &apiError{Status: http.StatusServiceUnavailable, Message: "the index is busy", Hint: "try again in a moment"}
	}
	if e.Status != http.StatusBadRequest {
		s.opt.Log.Warn("console: the index refused a search", "status", e.Status, "body", cut(string(e.Body), 2000))
		return &apiError{Status: http.StatusBadGateway, Message: "the index refused the search", Hint: "the program's log has its answer"}
	}
	return queryFault(e.Body)
}

// QueryFault is what the API answers about a query that the index does not understand, as JSON;
// nil if e is about anything else.
func QueryFault(e *IndexError) []byte {
	if e.Status != http.StatusBadRequest {
		return nil
	}
	text, err := json.Marshal(queryFault(e.Body))
	if err != nil {
		return nil
	}
	return text
}

// QueryLine is QueryFault for people, in a line; "" if e is about anything else.
func QueryLine(e *IndexError) string {
	if e.Status != http.StatusBadRequest {
		return ""
	}
	return queryFault(e.Body).line()
}

// line is the error for people, in one.
func (e *apiError) line() string {
	line := e.Message
	if e.At != nil {
		line += " (behind " + strconv.Itoa(*e.At) + " characters)"
	}
	if e.Hint != "" {
		line += "; " + e.Hint
	}
	return line
}

// queryFault reads the index's answer to a query that it does not understand.
func queryFault(body []byte) *apiError {
	text := innermost(body)
	out := &apiError{
		Status: http.StatusBadRequest, Field: "q", Message: "the query is not understood",
		Hint: `quote values with special characters, as in message:"a/b"; \ escapes one`,
	}
	if m := placeInQuery.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		out.At = &n
	}
	switch m := tokenAtFault.FindStringSubmatch(text); {
	case m != nil && m[1] == "<EOF>":
		out.Message = "the query ends too early"
		out.Hint = `a quote, a parenthesis or a bracket is not closed, or a word such as AND lacks what follows`
	case m != nil && strings.EqualFold(m[1], "to"):
		out.Message, out.Hint = "the query is not understood at "+strconv.Quote(m[1]), "between the ends of a range stands TO, as in source.port:[1 TO 1023]"
	case m != nil:
		out.Message = "the query is not understood at " + strconv.Quote(m[1])
	case strings.Contains(text, "nicode escape sequence"):
		out.Message, out.Hint = `the query is not understood at \u`, `four hexadecimal digits follow \u; a backslash is written \\`
	case out.At == nil && cut(text, 300) != "":
		why, parsed := strings.CutPrefix(text, "failed to create query: ")
		if out.Message = cut(why, 300); parsed { // where quotes do not help
			out.Hint = "a value does not fit its field, or a regular expression is none"
		}
		if strings.HasPrefix(why, "failed to parse date field") {
			out.Hint = "a time is written 2026-03-02T09:00:00Z, 2026-03-02 or now-1h"
		}
		if m := noNumber.FindStringSubmatch(why); m != nil {
			out.Message, out.Hint = strconv.Quote(m[1])+" is no number", "the field that it is asked of holds numbers"
		}
	}
	return out
}

// innermost is the reason that lies deepest in an Elasticsearch error: the outer
// ones only say that shards failed.
func innermost(body []byte) string {
	var doc any
	if json.Unmarshal(body, &doc) != nil {
		return ""
	}
	best, depth := "", -1
	var walk func(v any, d int)
	walk = func(v any, d int) {
		switch v := v.(type) {
		case map[string]any:
			if text, ok := v["reason"].(string); ok && d > depth && text != "" {
				best, depth = text, d
			}
			for _, w := range v {
				walk(w, d+1)
			}
		case []any:
			for _, w := range v {
				walk(w, d)
			}
		}
	}
	walk(doc, 0)
	return best
}

// cut keeps the first line of text, at most n bytes of it.
func cut(text string, n int) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "") + "…"
	}
	return text
}
