package console

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// request is a search as a caller asked for it, checked.
type request struct {
	query     string
	from, to  time.Time // from is in the range, to is not
	size      int
	sort      string // field:asc or field:desc
	after     []json.RawMessage
	namespace string // "": all
	filters   []any  // clauses of the index's language
}

// cursor is what a page token holds: the range is in it, so that the second page of
// "the last 15 minutes" means the same minutes as the first.
type cursor struct {
	Sort  string            `json:"s"`
	From  time.Time         `json:"f"`
	To    time.Time         `json:"t"`
	After []json.RawMessage `json:"a"`
}

var (
	fieldName     = regexp.MustCompile(`^[A-Za-z0-9_@][A-Za-z0-9_@.-]{0,199}$`)
	namespaceName = regexp.MustCompile(`^[a-z0-9_.]{1,100}$`) // as inputs take it
	relativeTime  = regexp.MustCompile(`^now(?:-(\d{1,6})([smhdw]))?$`)
)

// textFields are those of an event that an index holds by their words.
var textFields = []string{"error.message", "event.original", "message"}

// farthest is as far back as a relative time goes.
const farthest = 100 * 365 * 24 * time.Hour

var units = map[string]time.Duration{
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
}

func bad(field, hint, format string, args ...any) *apiError {
	return &apiError{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...), Field: field, Hint: hint}
}

// params reads a query string in which only the known names may appear, once each.
func params(raw string, known ...string) (map[string]string, error) {
	all, err := url.ParseQuery(raw)
	if err != nil {
		return nil, bad("", "percent-encode the parameters", "the parameters cannot be read")
	}
	out := map[string]string{}
	for name, values := range all {
		if !slices.Contains(known, name) {
			hint := "known here: " + strings.Join(known, ", ")
			if len(known) == 0 {
				hint = "this address takes none"
			}
			return nil, bad(name, hint, "unknown parameter")
		}
		if len(values) > 1 {
			return nil, bad(name, "give it once", "parameter given %d times", len(values))
		}
		if !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0) {
			return nil, bad(name, "send UTF-8", "not a text")
		}
		out[name] = values[0]
	}
	return out, nil
}

// pageParams are the parameters that every search takes.
var pageParams = []string{"after", "from", "namespace", "q", "size", "sort", "to"}

// parseRequest checks the parameters of a search. back is how far it looks back when
// the caller names no range.
func (s *Server) parseRequest(p map[string]string, back time.Duration) (*request, error) {
	q := &request{query: strings.TrimSpace(p["q"]), size: defaultSize, sort: "@timestamp:desc", namespace: p["namespace"]}
	if err := cmp.Or(checkQuery("q", q.query), CheckNamespace(q.namespace)); err != nil {
		return nil, err
	}
	if v, ok := p["size"]; ok {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxSize {
			return nil, bad("size", "", "size is a whole number from 1 to %d", maxSize)
		}
		q.size = n
	}
	if v, ok := p["sort"]; ok {
		field, order, _ := strings.Cut(v, ":")
		if !fieldName.MatchString(field) || order != "asc" && order != "desc" {
			return nil, bad("sort", "such as @timestamp:desc", "sort is FIELD:asc or FIELD:desc")
		}
		if slices.Contains(textFields, field) {
			return nil, bad("sort", "such as @timestamp:desc", "%s is a text, and an index sorts by none", field)
		}
		q.sort = v
	}
	if err := q.parseRange(p["from"], p["to"], s.opt.Now(), back); err != nil {
		return nil, err
	}
	if v := p["after"]; v != "" {
		return q, q.resume(v)
	}
	return q, nil
}

// checkQuery refuses one that is too long.
func checkQuery(field, query string) error {
	if n := utf8.RuneCountInString(query); n > maxQuery {
		return bad(field, "", "the query has %d characters; at most %d are taken", n, maxQuery)
	}
	return nil
}

// CheckNamespace refuses what is no name of one; "" is all.
func CheckNamespace(name string) error {
	if name != "" && !namespaceName.MatchString(name) {
		return bad("namespace", "", "a namespace has lower-case letters, digits, '_' and '.'")
	}
	return nil
}

func (q *request) parseRange(from, to string, now time.Time, back time.Duration) error {
	var err error
	if q.to, err = parseTime("to", to, now, now); err != nil {
		return err
	}
	if q.from, err = parseTime("from", from, now, q.to.Add(-back)); err != nil {
		return err
	}
	return checkRange(q.from, q.to)
}

// checkOrder refuses a range of two times of a body that nothing is in; a zero time is no bound.
func checkOrder(from, to string, begin, end time.Time) error {
	if end.IsZero() || begin.Before(end) {
		return nil
	}
	return bad(to, "", "%s is not before %s", from, to)
}

func checkRange(from, to time.Time) error {
	if !from.Before(to) {
		return bad("from", "the range ends before it begins; without to it ends now", "from is not before to")
	}
	if to.Sub(from) > maxRange {
		return bad("from", "search a part of it", "the range is longer than %d days", int(maxRange.Hours()/24))
	}
	return nil
}

// parseTime reads now, now-15m or RFC 3339, in milliseconds: what the index keeps.
func parseTime(field, text string, now, absent time.Time) (time.Time, error) {
	if text == "" {
		return absent.UTC().Truncate(time.Millisecond), nil
	}
	if m := relativeTime.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi("0" + m[1])
		ago := farthest // a number that a Duration cannot hold would turn into the future
		if unit := units[m[2]]; unit == 0 || time.Duration(n) < farthest/unit {
			ago = time.Duration(n) * unit
		}
		return now.Add(-ago).UTC().Truncate(time.Millisecond), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, bad(field, "such as now-15m or 2026-03-01T12:00:00Z", "%s is neither relative to now nor RFC 3339", field)
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// resume goes on where a page token says. The token comes from outside and is
// checked like any parameter.
func (q *request) resume(token string) error {
	wrong := bad("after", "pass next of the answer before, with the same other parameters", "not a page token")
	if len(token) > maxToken {
		return wrong
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return wrong
	}
	var c cursor
	if json.Unmarshal(raw, &c) != nil || c.Sort != q.sort || len(c.After) != len(q.order("")) || checkRange(c.From, c.To) != nil {
		return wrong
	}
	for _, v := range c.After {
		if len(v) == 0 || v[0] == '{' || v[0] == '[' {
			return wrong
		}
	}
	q.from, q.to, q.after = c.From.UTC(), c.To.UTC(), c.After
	return nil
}

// next is the token of the page behind a hit with these sort values.
func (q *request) next(after []json.RawMessage) string {
	raw, err := json.Marshal(cursor{Sort: q.sort, From: q.from, To: q.to, After: after})
	if err != nil {
		return ""
	}
	if token := base64.RawURLEncoding.EncodeToString(raw); len(token) <= maxToken {
		return token
	}
	return ""
}
