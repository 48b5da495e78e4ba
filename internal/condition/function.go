package condition

import (
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/expr-lang/expr"

	"sluice/event"
	"sluice/internal/zone"
)

// function is one with a value, which a condition compares with something. It runs on
// expr's machine.
type function struct {
	call     func(...any) (any, error)
	types    []any                           // signatures
	gives    string                          // for people
	constant func(i int, text string) string // what is wrong with a constant argument; ""
	of       event.Type                      // of the fields that it takes; Keyword: of any
	never    func(text string) string        // why it never gives that value; ""
}

// valueFunctions are the functions that we add to expr's own.
var valueFunctions = map[string]function{
	"entropy":       {textOf(func(s string) any { return entropy(s) }), []any{new(func(string) float64)}, "a number", nil, event.Keyword, nil},
	"decode_base64": {textOf(func(s string) any { return decodeBase64(s) }), []any{new(func(string) string)}, "a text", nil, event.Keyword, nil},
	"geo_distance":  {geoDistance, []any{new(func(string, string) float64)}, "kilometres", badPoint, event.JSON, nil},
	"hour":          {clock(func(t time.Time) any { return t.Hour() }), signatures[int](), "a number from 0 to 23", badZone, event.Date, badHour},
	"time_of_day":   {clock(func(t time.Time) any { return t.Format("15:04") }), signatures[string](), `a text such as "07:30"`, badZone, event.Date, badTimeOfDay},
	"weekday":       {clock(func(t time.Time) any { return strings.ToLower(t.Weekday().String()) }), signatures[string](), `a text such as "monday"`, badZone, event.Date, badWeekday},
}

// signatures are those of the functions of a time, with a zone and without.
func signatures[T any]() []any { return []any{new(func(string) T), new(func(string, string) T)} }

// options declare them to expr.
var options = sync.OnceValue(func() (out []expr.Option) {
	for name, f := range valueFunctions {
		out = append(out, expr.Function(name, f.call, f.types...))
	}
	return slices.Clip(out)
})

// maxText bounds what a function looks at: what a log holds beyond says no more.
const maxText = 64 << 10

func textOf(f func(string) any) func(...any) (any, error) {
	return func(p ...any) (any, error) {
		s := p[0].(string)
		return f(s[:min(len(s), maxText)]), nil
	}
}

// entropy is how many bits each character of a text takes, by how often it comes: 0 where
// all are the same.
func entropy(s string) float64 {
	counts := map[rune]int{}
	n := 0
	for _, r := range s {
		counts[r]++
		n++
	}
	each := make([]int, 0, len(counts))
	for _, c := range counts {
		each = append(each, c)
	}
	slices.Sort(each) // sums of floats depend on their order, and a map has none
	bits := 0.0
	for _, c := range each {
		p := float64(c) / float64(n)
		bits -= p * math.Log2(p)
	}
	return bits
}

// decodeBase64 decodes the standard and the URL alphabet, padded or not; what is neither
// is the empty text. UTF-16, as PowerShell encodes its commands, becomes UTF-8.
func decodeBase64(s string) string {
	s = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "").Replace(strings.TrimRight(strings.TrimSpace(s), "="))
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	if len(b) >= 4 && len(b)%2 == 0 && b[1] == 0 && b[3] == 0 {
		wide := make([]uint16, len(b)/2)
		for i := range wide {
			wide[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		return string(utf16.Decode(wide))
	}
	return strings.ToValidUTF8(string(b), string(utf8.RuneError))
}

var errPoint = errors.New("no point on Earth")

func geoDistance(p ...any) (any, error) {
	a, ok := ParsePoint(p[0].(string))
	b, ok2 := ParsePoint(p[1].(string))
	if !ok || !ok2 {
		return nil, errPoint
	}
	return a.Kilometres(b), nil
}

func badPoint(_ int, text string) string {
	if _, ok := ParsePoint(text); !ok {
		return `is no place; write it like "52.52,13.40", the latitude first`
	}
	return ""
}

// clock is a function of a time in a zone, UTC if there is none.
func clock(f func(time.Time) any) func(...any) (any, error) {
	return func(p ...any) (any, error) {
		t, err := parseTime(p[0].(string))
		if err != nil {
			return nil, err
		}
		in := time.UTC
		if len(p) > 1 {
			if in, err = loadZone(p[1].(string)); err != nil {
				return nil, err
			}
		}
		return f(t.In(in)), nil
	}
}

func parseTime(text string) (t time.Time, err error) {
	for _, layout := range layouts {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

var zones sync.Map // name to *time.Location: reading one takes 20 us

func loadZone(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	z, err := zone.Load(name)
	if err == nil {
		zones.Store(name, z)
	}
	return z, err
}

func badZone(i int, text string) string {
	if i == 0 {
		if _, err := parseTime(text); err != nil {
			return `is no time; write it like "2026-03-02T08:00:00Z"`
		}
		return ""
	}
	if _, err := loadZone(text); err != nil || text == "" || text == "Local" {
		return `is no time zone; write it like "Europe/Berlin", "+05:30" or "UTC"`
	}
	return ""
}
