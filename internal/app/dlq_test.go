package app

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sluice/bus"
	"sluice/event"
)

// TestLetterKeepsAll: what a replay makes of a letter's document is what died, to the byte, also
// where bytes are no UTF-8 or many.
func TestLetterKeepsAll(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 0, 0, 123456789, time.UTC)
	f := func(raw event.Raw) {
		t.Helper()
		raw.ID, raw.Received, raw.Namespace = "06h2", at, "lab"
		m := rawMessage(&raw)
		dead := deadLetter(&m, "process", errors.New("because"))
		doc := deadDocument(&dead)
		l, err := readLetter(doc.JSON)
		if err != nil {
			t.Fatal(err)
		}
		back, err := l.message()
		if err != nil {
			t.Fatal(err)
		}
		got, err := readRaw(&back)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(raw, got); diff != "" {
			t.Errorf("-died +replayed: %s", diff)
		}
		if back.Topic != bus.TopicRaw || string(back.Key) != raw.Origin || l.old() || l.header(bus.HeaderReason) != "because" || doc.Stream != "logs-sluice.dlq-lab" || l.Sluice.ID != doc.ID {
			t.Errorf("%+v of %+v", back, l)
		}
		if len(doc.JSON) > 8<<20 { // what the store takes
			t.Errorf("a letter of %d bytes", len(doc.JSON))
		}
	}
	f(event.Raw{Bytes: []byte("<13>a line"), Origin: "net:192.0.2.7", Input: "net", Peer: "192.0.2.7:514", Listener: "udp://:514"})
	f(event.Raw{Bytes: []byte{}, Origin: "net:192.0.2.7", Input: "net"})
	f(event.Raw{Bytes: []byte("latin \xe9\x00\x1b[2J\u202e"), Origin: "web:/var/log/\xe9.log", Input: "web", Listener: "/var/log/\xe9.log", Envelope: "a;\xe9;c", History: true})
	f(event.Raw{Bytes: []byte(`{"a":1}`), Origin: "o", Input: "i", Line: "06h1", Element: 3, Envelope: `{"list":[{}]}`, Pack: "json_generic", Zone: "+05:30"})
	f(event.Raw{Bytes: bytes.Repeat([]byte{1}, 3<<20), Origin: "o", Input: "i", Part: 2, Envelope: strings.Repeat("\x01", 900<<10)})
}

// TestLetterID: one that was put back and died again is another letter; the first stays as it is.
func TestLetterID(t *testing.T) {
	m := rawMessage(&event.Raw{ID: "06h2", Bytes: []byte("x"), Received: time.Now()})
	first := deadLetter(&m, "process", errors.New("because"))
	m.Headers = append(m.Headers, bus.Header{Key: bus.HeaderReplay, Value: []byte("dlq-1")})
	again := deadLetter(&m, "process", errors.New("still"))
	if a, b := letterID(&first), letterID(&again); a == b || b != a+"-dlq-1" {
		t.Errorf("%s and %s", a, b)
	}
	for _, id := range []string{"\xff", strings.Repeat("x", 500)} { // which no index takes
		m := deadLetter(&bus.Message{Topic: bus.TopicRaw, Headers: []bus.Header{{Key: bus.HeaderID, Value: []byte(id)}}}, "index", errors.New("x"))
		if got := letterID(&m); !utf8.ValidString(got) || len(got) > 512 {
			t.Errorf("%.10q: the letter's id is %.20q", id, got)
		}
	}
}

// TestOldLetter: one of a version that kept no headers is shown, and said to be so.
func TestOldLetter(t *testing.T) {
	doc := `{"@timestamp":"2026-03-02T08:00:00.000Z","event":{"original":"a line"},"data_stream":{"namespace":"default"},"sluice":{"dlq":{"reason":"BUG: x","stage":"process","topic":"sluice.raw"}}}`
	s, err := ReadShown([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Fields[len(s.Fields)-1]; got.Name != "note" || !strings.Contains(got.Value, "cannot be replayed") || string(s.Original) != "a line" {
		t.Errorf("%+v", s)
	}
}

// TestSameReason: what differs from letter to letter makes no group of its own.
func TestSameReason(t *testing.T) {
	f := func(a, b string, same bool) {
		t.Helper()
		if got := sameReason(a, "06h1") == sameReason(b, "06h2"); got != same {
			t.Errorf("%q and %q: the same %t", a, b, got)
		}
	}
	f("the event is a message of 12 bytes, at most 9", "the event is a message of 4711 bytes, at most 9", true)
	f("[1:233] failed to parse field [a] in document with id '06h1'. Preview: 'x'", "[1:9] failed to parse field [a] in document with id '06h2'. Preview: 'y \"z\"'", true)
	f("document 06h1 is bad", "document 06h2 is bad", true)
	f("failed to parse field [a]", "failed to parse field [b]", false)
}
