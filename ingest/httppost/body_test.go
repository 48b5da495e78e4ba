package httppost

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	f := func(body string, want ...string) {
		t.Helper()
		got, err := split([]byte(body), false)
		if err != nil {
			t.Errorf("%q: %v", body, err)
		}
		var texts []string
		for _, e := range got {
			texts = append(texts, string(e))
		}
		if !slices.Equal(texts, want) {
			t.Errorf("%q: %q, want %q", body, texts, want)
		}
	}
	f("")
	f(" \n\n")
	f("a", "a")
	f("a\nb\n", "a", "b")
	f("a\r\n\r\n b \r\n", "a", " b ")
	f("\xef\xbb\xbfa", "a")
	f(`{"a":1}`, `{"a":1}`)
	f("{\n  \"a\": \"}\\\"{\"\n}\n", "{\n  \"a\": \"}\\\"{\"\n}")
	f("{\"a\":1}\n{\"a\":2}\n", `{"a":1}`, `{"a":2}`)
	f(`{"a":1}{"a":[{}]} {}`, `{"a":1}`, `{"a":[{}]}`, `{}`)
	f(`[{"a":1}, {"a":"],"}]`, `{"a":1}`, `{"a":"],"}`)
	f("[\"<34>a\\tb\",\"\"]\n", "<34>a\tb")
	f("[\"caf\xe9 \\t\xff\", \"\xc3\xa9\", \"\xe9\"]", "caf\xe9 \t\xff", "\xc3\xa9", "\xe9")
	f(`["\u0041\ud83d\ude00", "\\"]`, "A\U0001F600", `\`)
	f("[]")
	// lines that only begin as JSON does
	f("[2026-11-28 08:10:01] a\n[x", "[2026-11-28 08:10:01] a", "[x")
	f("{a}\n{\"b\":1}", "{a}", `{"b":1}`)
	f("{\"a\":1}\n{\"b\":", `{"a":1}`, `{"b":`)
	f("[1,2]", "[1,2]")
	f("[,]", "[,]")
	f("[{}", "[{}")
	f("[{},", "[{},")
	f("[{}] x", "[{}] x")
	f("[{} {}]", "[{} {}]")

	bad := func(body, want string) {
		t.Helper()
		if _, err := split([]byte(body), true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", body, err, want)
		}
	}
	bad("a", "byte 0: this is no JSON")
	bad(`{"a":1} x`, "byte 8: this is no JSON")
	bad(`{"a":1}}`, "byte 7: a value is missing")
	bad(`[{"a":1}`, errEnd.Error())
	bad(`[{"a":1},`, "byte 9: a value is missing")
	bad(`[{} {}]`, "byte 4: neither a comma nor the end of the list")
	bad(`[[1]]`, "byte 1: an event is an object or a text")
	bad(`{"a":`, errEnd.Error())
	bad(`["\ud800x`, errEnd.Error())
}

// TestMany: what a body may hold is bounded beyond its bytes.
func TestMany(t *testing.T) {
	for _, body := range []string{strings.Repeat("x\n", maxEvents+1), strings.Repeat("{}", maxEvents+1), "[" + strings.Repeat("{},", maxEvents) + "{}]"} {
		if _, err := split([]byte(body), false); !errors.Is(err, errMany) {
			t.Errorf("%.20q...: %v", body, err)
		}
	}
	if _, err := split([]byte(`{"a":[`+strings.Repeat("1,", maxValues)+"1]}"), true); err == nil || !strings.Contains(err.Error(), "too many values") {
		t.Error(err)
	}
}

// FuzzSplit: any body is cut or refused, and no longer than it is.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a\nb", `{"a":"\\"}{}`, `[{"a":1},"x"]`, `[1`, "[,]", `{"a":[}]}`, "\xef\xbb\xbf[", `"`, "]"} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, strict bool) {
		all, err := split(body, strict)
		if err != nil && !strict && !errors.Is(err, errMany) {
			t.Errorf("%v", err)
		}
		size := 0
		for _, e := range all {
			size += len(e)
			if len(e) == 0 {
				t.Error("an event without a byte")
			}
		}
		if size > 3*len(body) { // a byte that is no UTF-8 becomes three in a text
			t.Errorf("%d bytes of %d", size, len(body))
		}
	})
}

// BenchmarkSplit cuts NDJSON into its events; it is per event.
func BenchmarkSplit(b *testing.B) {
	const events = 1000
	body := []byte(strings.Repeat(`{"eventTime":"2026-11-28T12:00:00Z","eventName":"CreateUser","sourceIPAddress":"203.0.113.9","userIdentity":{"type":"IAMUser","userName":"bob"},"requestParameters":{"userName":"eve"}}`+"\n", events))
	b.ReportAllocs()
	b.SetBytes(int64(len(body) / events))
	for i := 0; i < b.N; i += events {
		if all, err := split(body, false); err != nil || len(all) != events {
			b.Fatal(len(all), err)
		}
	}
}
