package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// agreement counts, for one thing that two readers of a line may agree on.
type agreement struct{ right, of int }

func (a *agreement) add(ok bool) {
	a.of++
	if ok {
		a.right++
	}
}

// headers compares the syslog header with what two other collectors read.
func headers(t *tools, p *page) error {
	p.printf(`
## Syslog headers

The share of messages whose header we read as splunk-connect-for-syslog (sc4s) and rsyslog do, field by field. Not
compared is sc4s's product, and messages for which it expects no such field; it takes some hosts and times from inside
vendors' messages, which a header reader alone does not. *Time, no other* is time without the messages in which a date of
another year stands, that its tests leave as it was and that a pack takes as the event's own. rsyslog gives lines without a priority one of its own (13), its own
name to those without a host, and takes the first word of any message for a program, also "--", "%%PIX-7-710005" and a
whole record of Snare up to its first blank: of its programs only those that end like a tag are compared.

| with | field | messages | agree |
|---|---|---:|---:|
`)
	if err := sc4s(t, p); err != nil {
		return err
	}
	return rsyslog(t, p)
}

func sc4s(t *tools, p *page) error {
	type message struct {
		ID       string          `json:"id"`
		Raw      json.RawMessage `json:"raw"`
		Expected struct {
			Host   *string `json:"host"`
			Epoch  *string `json:"epoch"`
			Search string  `json:"search"`
		} `json:"expected"`
	}
	var all []message
	var recs []record
	err := read(t.corpus("syslog", "sc4s-messages.jsonl.gz"), func(m message) error {
		all, recs = append(all, m), append(recs, record{m.ID, m.Raw})
		return nil
	})
	if err != nil {
		return err
	}
	// the moment at which the messages were made
	docs, err := t.documentsOf(recs, "sc4s.jsonl", "--now", "2024-03-14T15:09:30Z")
	if err != nil {
		return err
	}
	var host, epoch, undated, pri agreement
	for _, m := range all {
		d := docs[m.ID]
		if d == nil {
			d = &document{}
		}
		if m.Expected.Host != nil && claimsHost(m.Expected.Search, *m.Expected.Host) {
			host.add(d.isHost(*m.Expected.Host))
		}
		if m.Expected.Epoch != nil {
			same := sameSecond(d.Timestamp, *m.Expected.Epoch)
			epoch.add(same)
			if !datedOtherwise(m.Raw, d.Timestamp) {
				undated.add(same)
			}
		}
		var raw string
		if json.Unmarshal(m.Raw, &raw) == nil {
			if want, ok := priority(raw); ok {
				pri.add(d.Log.Syslog.Priority != nil && *d.Log.Syslog.Priority == want)
			}
		}
	}
	p.agree("sc4s", "host", host)
	p.agree("sc4s", "time", epoch)
	p.agree("sc4s", "time, no other", undated)
	p.agree("sc4s", "priority", pri)
	return nil
}

// claimsHost says whether sc4s's own search demands that host. Of devices that do not
// send their name it asks for the word anywhere in the message, some even for
// another host than that.
func claimsHost(search, host string) bool {
	return !strings.Contains(search, "OR \""+host+"\"") && !strings.Contains(search, "NOT host=")
}

// isHost says whether the event names a host so, as its own or as the observer's.
func (d *document) isHost(want string) bool {
	for _, h := range []string{d.Log.Syslog.Hostname, d.Host.Hostname, d.Host.Name, d.Observer.Hostname, d.Observer.Name} {
		if strings.EqualFold(h, want) {
			return true
		}
	}
	return false
}

func sameSecond(stamp, epoch string) bool {
	t, err := time.Parse(time.RFC3339Nano, stamp)
	want, ferr := strconv.ParseFloat(epoch, 64)
	return err == nil && ferr == nil && t.Unix() == int64(want)
}

// made is the year in which sc4s's messages were made.
const made = "2024"

// datedOtherwise says whether an event's time is of a year that stands in the message and
// is not the one in which it was made.
func datedOtherwise(raw json.RawMessage, stamp string) bool {
	year, _, _ := strings.Cut(stamp, "-")
	return year != made && strings.Contains(string(raw), year)
}

// priority is the number in angle brackets at a message's start.
func priority(raw string) (int, bool) {
	digits, _, ok := strings.Cut(strings.TrimPrefix(raw, "<"), ">")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && raw[0] == '<' && n <= 191
}

func (p *page) agree(with, field string, a agreement) {
	p.printf("| %s | %s | %d | %s |\n", with, field, a.of, p.hold("headers/"+with+"/"+field, share(a.right, a.of)))
}

// ownHost is what rsyslog's tests print for a line that names no host.
const ownHost = "~H"

func rsyslog(t *tools, p *page) error {
	type parsed struct {
		ID       string          `json:"id"`
		Raw      json.RawMessage `json:"raw"`
		Expected struct {
			Pri      string `json:"pri"`
			Hostname string `json:"hostname"`
			Program  string `json:"programname"`
			Tag      string `json:"syslogtag"`
			Stamp    string `json:"timestamp"`
		} `json:"expected"`
	}
	var all []parsed
	var recs []record
	err := read(t.corpus("syslog", "rsyslog-parse-cases.jsonl.gz"), func(m parsed) error {
		all, recs = append(all, m), append(recs, record{m.ID, m.Raw})
		return nil
	})
	if err != nil {
		return err
	}
	docs, err := t.documentsOf(recs, "rsyslog.jsonl", "--pack", "syslog_generic")
	if err != nil {
		return err
	}
	var pri, host, program, stamp agreement
	for _, m := range all {
		d := docs[m.ID]
		if d == nil {
			d = &document{}
		}
		var raw string
		if json.Unmarshal(m.Raw, &raw) != nil {
			raw = ""
		}
		if want, err := strconv.Atoi(m.Expected.Pri); err == nil && strings.HasPrefix(raw, "<") {
			pri.add(d.Log.Syslog.Priority != nil && *d.Log.Syslog.Priority == want)
		}
		if m.Expected.Hostname != "" && m.Expected.Hostname != ownHost {
			host.add(d.isHost(m.Expected.Hostname))
		}
		if m.Expected.Program != "" && strings.HasSuffix(m.Expected.Tag, ":") && !strings.HasPrefix(m.Expected.Tag, "%") {
			program.add(d.Process.Name == m.Expected.Program || d.Log.Syslog.Appname == m.Expected.Program)
		}
		if want, err := time.Parse(time.Stamp, m.Expected.Stamp); err == nil {
			got, err := time.Parse(time.RFC3339Nano, d.Timestamp)
			stamp.add(err == nil && got.Format("0102150405") == want.Format("0102150405"))
		}
	}
	p.agree("rsyslog", "priority", pri)
	p.agree("rsyslog", "host", host)
	p.agree("rsyslog", "program", program)
	p.agree("rsyslog", "time", stamp)
	return nil
}
