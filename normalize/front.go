package normalize

import (
	"strings"
	"time"
	"unicode"

	"sluice/event"
	"sluice/normalize/header"
)

// maxFront is how far in front a date stands, and how long one is.
const maxFront = 48

// front reads a date that begins the text, or follows a first word in brackets, where no
// header has one with a year and no step found one.
func (r *run) front(text string) {
	if r.ev.Has(r.engine.f.timestamp) && !r.yearless() || text == "" || text[0] == '{' || text[0] == '<' {
		return
	}
	if i := strings.Index(text, "] "); i > 0 && i < 12 && text[0] == '[' && r.frontDate(text[i+2:]) {
		return
	}
	if r.frontDate(strings.TrimLeft(text, "[(\"'")) {
		return
	}
	if i := strings.Index(text, " - "); i > 0 && i < 24 && r.frontDate(text[i+3:]) {
		return // [Nest] 17  - 03/02/2026, 8:59:59 AM
	}
	if i := strings.IndexAny(text, "|,("); i > 0 && i < 24 {
		behind := strings.TrimLeft(text[i+1:], " ")
		if text[i] == ',' { // what follows the next is no fraction
			behind, _, _ = strings.Cut(behind, ",")
		}
		if r.frontDate(behind) {
			return // AUDIT|2026-03-02T08:59:59Z|; 1,2026/03/02 08:59:59,serial; serial (2026-03-02T08:59:59)
		}
	}
	word, rest, _ := strings.Cut(text, " ") // INFO  2026-03-02 08:59:59,123, or Ruby's I, [2026-03-02T08:59:59
	word = strings.Trim(word, "[](),:")     // Tornado's [W 2026-03-02 08:59:59, a game server's L 03/02/2026 - 08:59:59
	if levels[lower(r.ev, word)] != "" || len(word) == 1 && strings.IndexByte("DIWEFL", word[0]) >= 0 {
		if r.frontDate(strings.TrimLeft(rest, " [(")) {
			return
		}
	}
	if !r.behindNames(text) {
		r.boxed(text)
	}
}

// maxNames is how many names stand in front of a date: a host, a program, a thread, a level.
const maxNames = 3

// behindNames reads a full date behind names, such as worker-3 INFO 2026-03-02 08:59:59,123. What is
// still to come or long past is no time of an event: cert-7 2036-03-02 08:59:59.
func (r *run) behindNames(text string) bool {
	for range maxNames {
		word, rest, ok := strings.Cut(text, " ")
		if !ok || !standsInFront(r.ev, word) {
			return false
		}
		text = strings.TrimLeft(rest, " [(")
		if text == "" || text[0]-'0' > 9 {
			continue
		}
		if t, n := header.ISO(text, r.zone); n > len("2026-03-02 08:59") {
			return t.Before(r.now.Add(48*time.Hour)) && t.After(r.now.AddDate(-10, 0, 0)) && r.began(t, text[:n])
		}
	}
	return false
}

// standsInFront says whether a word looks like the name of a host, a program or a thread, or is a level: it is
// in brackets, all in capitals, or holds a digit or a mark inside, none of which a word of a sentence does.
func standsInFront(e *event.Event, word string) bool {
	if n := len(word); n > 2 && (word[0] == '[' && word[n-1] == ']' || word[0] == '(' && word[n-1] == ')' || word[0] == '<' && word[n-1] == '>') {
		return true
	}
	word = strings.TrimRight(word, ":|,")
	if word == "" || levels[lower(e, word)] != "" {
		return word != ""
	}
	inside := strings.Trim(word, "._-/:") // a sentence's last word ends with a dot
	return strings.ContainsAny(inside, "0123456789._-/:@") || len(inside) > 1 && !strings.ContainsFunc(word, func(r rune) bool { return unicode.ToUpper(r) != r })
}

// began sets the time to a date in front of the text, unless the header's stands for another one.
func (r *run) began(t time.Time, text string) bool {
	if r.ev.Has(r.engine.f.timestamp) && !r.isSent(t, text) {
		return false
	}
	return r.ev.SetTime(r.engine.f.timestamp, t)
}

// yearless says that the time is still that of a header without a year: its year was guessed from
// the receive time, and mostly it has no zone. A date in the message tells both.
func (r *run) yearless() bool {
	if !r.head.Yearless {
		return false
	}
	v := r.ev.Get(r.engine.f.timestamp)
	return v != nil && v.Int() == r.head.Time.UnixNano()
}

// ownYear sets the time to that of a key which names the event's own, as began does.
func (r *run) ownYear(text string) bool {
	if !r.yearless() || !strings.Contains(r.head.Message, text) { // of what wraps the line it is none
		return false
	}
	t, ok := r.parseTime(vAny, text)
	return ok && r.isSent(t, text) && r.putTime(r.engine.f.timestamp, vAny, "", text, t)
}

// How far a message's time may be from that of its header: it was written a little before; and where
// it names its zone, the header may be in another one, which all are apart by quarters of an hour.
const (
	maxWritten = 2 * time.Minute
	quarter    = 15 * time.Minute
	maxClocks  = 26 * time.Hour
)

// isSent says whether a date may be the time that the header tells without its year.
func (r *run) isSent(t time.Time, text string) bool {
	sent := r.head.Time
	for year := sent.Year() - 1; year <= sent.Year()+1; year++ { // around New Year
		apart := t.AddDate(year-t.Year(), 0, 0).Sub(sent)
		if header.Instant(text) && apart.Abs() < maxClocks {
			apart -= apart.Round(quarter)
		}
		if apart.Abs() < maxWritten {
			return strings.IndexByte(text, ':') > 0 || len(text) > len("2026-03-02") // a day alone says less than the header
		}
	}
	return false
}

// maxBoxed is how far in front a date in brackets stands: behind a client, who it says it is, a
// bucket, or what sort of record it is.
const maxBoxed = 256

// boxed reads a date that stands in brackets behind the first words, as in access logs:
// 192.0.2.1 - ann [02/Mar/2026:08:59:59 +0000], Event [7] [2026-03-02T08:59:59Z].
func (r *run) boxed(text string) {
	front := text[:min(len(text), maxBoxed)]
	for at := strings.IndexByte(front, '['); at >= 0; {
		rest := text[at+1:]
		if end := strings.IndexByte(rest, ']'); end > 15 && end < 36 && rest[0]-'0' < 10 {
			if t, n := header.CLF(rest[:end], r.zone); n > 0 {
				r.began(t, rest[:end])
				return
			}
			if t, n := header.ISO(rest[:end], r.zone); n == end {
				r.began(t, rest[:end])
				return
			}
		}
		next := strings.IndexByte(front[at+1:], '[')
		if next < 0 {
			return
		}
		at += 1 + next
	}
}

// dateEnds may stand behind a date.
const dateEnds = " ]|\",;)\t/"

// frontDate sets the time by what text begins with; of the places where it may end the last
// one counts that leaves a date.
func (r *run) frontDate(text string) bool {
	text = text[:min(len(text), maxFront)]
	word, _, _ := strings.Cut(text, " ")
	if word = strings.TrimRight(word, "]"); len(word) == 16 && word[8] == 'T' || len(word) > 9 && len(word) < 21 && word[0] == '1' && strings.Trim(word, "0123456789.") == "" {
		t, ok := header.Any(word, r.now, r.zone) // 20260302T085959Z, 1772441999.123
		return ok && t.Sub(r.now).Abs() < 365*24*time.Hour && r.began(t, word)
	}
	clock := strings.IndexByte(text, ':')
	if clock < 1 || text[clock-1]-'0' > 9 || !minutes(text[clock+1:]) {
		return false
	}
	text = text[:clock+1+dateBehind(text[clock+1:])]
	for end := len(text); end > clock+2; end-- {
		if end < len(text) && strings.IndexByte(dateEnds, text[end]) < 0 {
			continue
		}
		if t, ok := header.Any(strings.TrimRight(text[:end], " -:"), r.now, r.zone); ok {
			return r.began(t, strings.TrimRight(text[:end], " -:"))
		}
	}
	return false
}

// minutes says whether a text begins with two digits and no third, as behind the first colon of
// any date: a port has more, and an IPv6 address mostly letters.
func minutes(s string) bool {
	return len(s) > 1 && s[0]-'0' < 10 && s[1]-'0' < 10 && (len(s) == 2 || s[2]-'0' > 9)
}

// dateBehind is how much of what follows a clock's first colon may still be of its date: a zone,
// a year, a fraction, but no word and no other mark.
func dateBehind(s string) int {
	word := 0 // how many small letters stand before i
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c-'a' < 26:
			if word++; word == 3 {
				if at := strings.LastIndexAny(s[:i], dateEnds); at >= 0 {
					return at
				}
				return len(s)
			}
		case strings.IndexByte("*={}<>#@&$%?!", c) >= 0:
			return i
		default:
			word = 0
		}
	}
	return len(s)
}
