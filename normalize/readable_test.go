package normalize_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"sluice/event"
	"sluice/normalize"
)

// utf16le is a text as Windows writes it.
func utf16le(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func utf16be(s string) []byte {
	b := utf16le(s)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return b
}

// TestEncodings: whatever a line is encoded in, its bytes are kept exactly, its
// document is valid UTF-8, and packs read the text that was meant.
func TestEncodings(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	get := func(name string) event.Field {
		f, ok := packs.Schema().Lookup(name)
		if !ok {
			t.Fatal("no field " + name)
		}
		return f
	}
	message, host, original, original64 := get("message"), get("log.syslog.hostname"), get("event.original"), get("sluice.original_base64")
	const head = "<13>Mar  2 08:59:59 "
	f := func(what string, line []byte, wantHost, wantMessage string) {
		t.Helper()
		ev, _ := w.Normalize(&event.Raw{ID: "1", Bytes: line, Received: received}, "", received)
		if got := ev.Text(message); got != wantMessage {
			t.Errorf("%s: message %q, want %q", what, got, wantMessage)
		}
		if got := ev.Text(host); got != wantHost {
			t.Errorf("%s: host %q, want %q", what, got, wantHost)
		}
		doc := ev.AppendJSON(nil)
		var out struct {
			Event  struct{ Original string }
			Sluice struct {
				Original64 string `json:"original_base64"`
			}
		}
		if !utf8.Valid(doc) || json.Unmarshal(doc, &out) != nil {
			t.Errorf("%s: no JSON: %q", what, doc)
		}
		kept := []byte(out.Event.Original)
		if !utf8.Valid(line) {
			kept, _ = base64.StdEncoding.DecodeString(out.Sluice.Original64)
		} else if ev.Has(original64) {
			t.Errorf("%s: base64 beside a text that JSON holds", what)
		}
		if !bytes.Equal(kept, line) || ev.Text(original) != string(line) {
			t.Errorf("%s: the bytes are not kept: %q", what, kept)
		}
	}
	f("UTF-8", []byte(head+"h x: größe €"), "h", "größe €")
	f("ISO 8859-1", []byte(head+"h x: gr\xf6\xdfe"), "h", "größe")
	f("ISO 8859-1 in the host", []byte(head+"h\xe9 x: a"), "hé", "a")
	f("Windows-1252", []byte(head+"h x: 5 \x80 \x93a\x94"), "h", "5 € “a”")
	f("UTF-8 that was cut", []byte(head+"h x: größe \xe2\x82"), "h", "größe \ufffd")
	f("no text at all", []byte(head+"h x: \xff\xfe\xfd"), "h", "ÿþý")
	f("UTF-16 little-endian, with its mark", append([]byte{0xff, 0xfe}, utf16le(head+"h x: größe € \U0001f512")...), "h", "größe € \U0001f512")
	f("UTF-16 big-endian, with its mark", append([]byte{0xfe, 0xff}, utf16be(head+"h x: größe € \U0001f512")...), "h", "größe € \U0001f512")
	f("UTF-16 little-endian, later line of a file", append(append([]byte{0}, utf16le(head+"h x: 5 €")...), '\r', 0), "h", "5 €")
	f("UTF-16 big-endian, later line of a file", append(utf16be(head+"h x: 5 €\r"), 0), "h", "5 €")
	f("UTF-16 little-endian, without a mark", utf16le(head+"h x: größe"), "h", "größe")
	f("UTF-16 with half a pair", append([]byte{0xff, 0xfe}, append(utf16le(head+"h x: a"), 0x3d, 0xd8)...), "h", "a\ufffd")
	f("byte order mark of UTF-8", []byte("\ufeff"+head+"h x: a"), "h", "a")
	f("NULs at the end", []byte(head+"h x: a\x00\x00"), "h", "a")
	f("NULs inside", []byte(head+"h x: a\x00b"), "h", "a\x00b")
	f("colours", []byte(head+"h x: \x1b[1;31mERROR\x1b[0m \x1b]0;title\x07done\x1b[K"), "h", "ERROR done")
	f("colours as tput takes them back", []byte(head+"h x: \x1b[31mERROR\x1b(B\x1b[m done\x1b("), "h", "ERROR done")
	f("colours that rsyslog escaped", []byte(head+"h x: #033[31mERROR#033[0m"), "h", "ERROR")
	f("line feed that rsyslog escaped", []byte(head+"h x: a#012b#011c"), "h", "a\nb\tc")
	f("no control byte", []byte(head+"h x: ticket #0999, #100 and #04"), "h", "ticket #0999, #100 and #04")
	f("tabs of the elder form", []byte(head+`h x: a\0111\011b\011c`), "h", "a\t1\tb\tc")
	f("a path", []byte(head+`h x: D:\011\a`), "h", `D:\011\a`)
	f("escape at the end", []byte(head+"h x: a\x1b"), "h", "a")
	ev, pack := w.Normalize(&event.Raw{ID: "1", Bytes: []byte(head + `h x: {#012 "a": "b#012\"c",#012#011"d": "1"#012}`), Received: received}, "", received)
	got := map[string]string{}
	for key, text := range ev.Vendor {
		got[key] = text
	}
	if pack != "json_generic" || got["a"] != `b#012"c` || got["d"] != "1" {
		t.Errorf("JSON on several lines, and the text #012 in it: %s %q", pack, got)
	}
}

// TestUnlisted: what the place of a line in its file put around it is no part of it.
func TestUnlisted(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	for _, c := range []struct{ line, pack, field, want string }{
		{`{"event": "connect", "user": "ann", "ip": "192.0.2.3"},`, "json_generic", "user.name", "ann"},
		{`"CEF:0|Acme|Gate|1|10|Stopped|9|src=192.0.2.3 suser=ann"`, "cef_generic", "user.name", "ann"},
		{`"CEF:0|Acme|Gate|1|10|Stopped ""x""|9|src=192.0.2.3"`, "cef_generic", "message", `Stopped "x"`},
		{`"<14>Mar  2 08:59:59 host1 app: hello"`, "syslog_generic", "message", "hello"},
	} {
		f, _ := packs.Schema().Lookup(c.field)
		original, _ := packs.Schema().Lookup("event.original")
		ev, pack := w.Normalize(&event.Raw{ID: "1", Bytes: []byte(c.line), Received: received}, "", received)
		if pack != c.pack || ev.Text(f) != c.want {
			t.Errorf("%s: read by %s, %s is %q, want %s, %q", c.line, pack, c.field, ev.Text(f), c.pack, c.want)
		}
		if got := ev.Text(original); got != c.line {
			t.Errorf("event.original is %q, want %q", got, c.line)
		}
	}
}

// TestAroundALine: what stands around a line in a file, or was made of its end by a relay, is no part of it.
func TestAroundALine(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	for _, line := range []string{
		`{"log":"Mar  2 08:59:59 h sshd[7]: Invalid user ann from 192.0.2.9 port 22","stream":"stdout"}`,
		"03-02 08:30:00.123  1234  5678 I ActivityManager: Start proc 9999:com.example.app/u0a123 for activity {com.example.app/.Main}",
	} {
		_, want := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
		for _, around := range []string{line + "#015", line + "#015#012", "\ufeff" + line, "\ufeff" + line + "#000"} {
			ev, by := w.Normalize(&event.Raw{Bytes: []byte(around), Received: received}, "", received)
			if unparsed, _ := packs.Schema().Lookup("sluice.unparsed"); by != want || ev.Has(unparsed) {
				t.Errorf("%q is read by %s, %s; want %s", around, by, ev.Text(unparsed), want)
			}
		}
	}
}
