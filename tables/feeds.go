package tables

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/internal/cidr"
)

// readLines reads an indicator a line. "#", ";" and "//" begin comments; of hosts files
// ("0.0.0.0 bad.example") the name counts, and what they have for the machine itself is none.
func (t *indicators) readLines(text string) error {
	n := t.note()
	for line := range strings.Lines(text) {
		if i := strings.IndexAny(line, "#;"); i >= 0 && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
		}
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "//") {
			continue
		}
		for _, value := range lineValues(words) {
			if err := t.add(value, &n); err != nil {
				return err
			}
		}
	}
	return nil
}

// lineValues are the names of a line of a hosts file, the range between two addresses, or the first word.
func lineValues(words []string) []string {
	first, err := netip.ParseAddr(words[0])
	switch {
	case err != nil || len(words) == 1:
	case isHere(first):
		return slices.DeleteFunc(words[1:], func(s string) bool { return s == "localhost.localdomain" || s == "0.0.0.0" })
	case len(words) > 2 && words[1] == "-":
		if _, err := cidr.Between(words[0], words[2]); err == nil {
			return []string{words[0] + "-" + words[2]}
		}
	case len(words) > 2: // DShield's lists have first, last, and the length of the prefix
		if all, err := cidr.Between(words[0], words[1]); err == nil && len(all) == 1 && words[2] == strconv.Itoa(all[0].Bits()) {
			return []string{all[0].String()}
		}
	}
	return words[:1]
}

// isHere says whether an address is no other machine's: hosts files block names by some, and name
// broadcasthost, ip6-allnodes and the like by others.
func isHere(a netip.Addr) bool {
	return a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() || a.IsLinkLocalUnicast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// aliases are the names that feeds give their columns.
var aliases = map[string][]string{
	"value": {
		"indicator", "ioc", "ioc_value", "value", "observable", "ip", "ip_address", "ipaddress", "dst_ip", "src_ip", "domain", "hostname", "host", "fqdn", "url",
		"hash", "md5", "md5_hash", "sha1", "sha1_hash", "sha256", "sha256_hash", "email", "cidr", "network", "first_ip",
	},
	"name":        {"name", "threat", "malware", "malware_printable", "family", "signature", "title", "listingreason"},
	"description": {"description", "comment", "threat_type", "reason", "info"},
	"confidence":  {"confidence", "confidence_level", "score"},
	"reference":   {"reference", "references", "link", "urlhaus_link", "source_url"},
	"tlp":         {"tlp", "marking"},
	"first_seen":  {"first_seen", "first_seen_utc", "firstseen", "dateadded", "created", "valid_from"},
	"last_seen":   {"last_seen", "last_seen_utc", "lastseen", "last_online", "modified"},
}

// readCSV reads a table. Its columns are those of the settings, or are found by their
// names; without either, the first cell of a row that is an indicator is it.
func (t *indicators) readCSV(text []byte) error {
	r := &csvReader{text: text, sep: t.s.Separator}
	c := t.s.Columns
	by := map[string]string{
		"value": c.Value, "name": c.Name, "description": c.Description, "confidence": c.Confidence, "reference": c.Reference,
		"tlp": c.TLP, "first_seen": c.FirstSeen, "last_seen": c.LastSeen,
	}
	var at map[string]int
	notes := map[string]*note{}
	for {
		row, err := r.read()
		switch {
		case errors.Is(err, io.EOF):
			t.skipped += r.broken
			return nil
		case err != nil:
			return err
		case len(row) == 0 || len(row) == 1 && strings.TrimSpace(row[0]) == "":
			continue
		}
		if at == nil || strings.HasPrefix(row[0], "#") {
			found, header := columns(row, by)
			switch {
			case header:
				at = found
				continue
			case strings.HasPrefix(row[0], "#"):
				continue
			case at == nil:
				if at = found; by["value"] != "" && found["value"] == 0 {
					return fmt.Errorf("no column is called %s", by["value"])
				}
			}
		}
		if err := t.row(row, at, notes); err != nil {
			return err
		}
	}
}

// columns finds the columns by number from 1, by name, or by an alias. header: the row
// names them.
func columns(row []string, by map[string]string) (at map[string]int, header bool) {
	at = map[string]int{}
	names := map[string]int{}
	for i, cell := range row {
		name := strings.ToLower(strings.Trim(strings.TrimSpace(strings.TrimLeft(cell, "#")), `"' `))
		if _, ok := names[name]; !ok && name != "" {
			names[name] = i + 1
		}
	}
	for what, want := range by {
		if n, err := strconv.Atoi(want); err == nil && n > 0 {
			at[what] = n
		} else if want != "" {
			at[what] = names[strings.ToLower(want)]
			header = header || at[what] > 0
		}
	}
	for what, list := range aliases {
		for _, alias := range list {
			if by[what] == "" && at[what] == 0 && names[alias] > 0 {
				at[what] = names[alias]
				header = header || what == "value"
			}
		}
	}
	if !header && by["value"] == "" {
		clear(at) // no header: words of the data that happen to be names
	}
	return at, header
}

func (t *indicators) row(row []string, at map[string]int, notes map[string]*note) error {
	cell := func(what string) string {
		if n := at[what]; n > 0 && n <= len(row) {
			return strings.TrimSpace(row[n-1])
		}
		return ""
	}
	value := cell("value")
	if at["value"] == 0 {
		for _, c := range row {
			if kind, _ := classify(c); kind != isNone {
				value = c
				break
			}
		}
	}
	n := t.note()
	n.name, n.description, n.reference = cell("name"), cell("description"), cell("reference")
	if c := cell("confidence"); c != "" {
		n.confidence = confidence(c)
	}
	if m := tlp(cell("tlp")); m != "" {
		n.tlp = m
	}
	n.first, n.last = day(cell("first_seen")), day(cell("last_seen"))
	key := fmt.Sprintf("%q%q%q%q%q%d%d", n.name, n.description, n.reference, n.confidence, n.tlp, n.first.Unix(), n.last.Unix())
	shared, ok := notes[key]
	if !ok {
		shared = n.clone()
		if len(notes) < 100_000 {
			notes[key] = shared
		}
	}
	return t.add(strings.Clone(value), shared)
}

// clone gives a note memory of its own: a row's cells are parts of the whole file.
func (n note) clone() *note {
	for _, s := range []*string{&n.name, &n.description, &n.reference, &n.confidence} {
		*s = strings.Clone(*s)
	}
	return &n
}

// confidence is a number from 0 to 100 as the words of ECS, by STIX's scale; words stay.
func confidence(s string) string {
	n, err := strconv.Atoi(strings.TrimSuffix(s, "%"))
	switch {
	case err != nil:
		for _, w := range []string{"None", "Low", "Medium", "High"} {
			if strings.EqualFold(s, w) {
				return w
			}
		}
		return "Not Specified"
	case n <= 0:
		return "None"
	case n < 30:
		return "Low"
	case n < 70:
		return "Medium"
	}
	return "High"
}

// day reads the dates of feeds.
func day(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02 15:04:05 UTC", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// mispAttribute is one value of a MISP event.
type mispAttribute struct {
	Type, Value, Comment string
	ToIDs                *bool  `json:"to_ids"`
	FirstSeen            string `json:"first_seen"`
	LastSeen             string `json:"last_seen"`
	Deleted              bool
}

type mispEvent struct {
	Info, Date string
	Orgc       struct{ Name string }
	Tag        []struct{ Name string }
	Attribute  []mispAttribute
	Object     []struct{ Attribute []mispAttribute }
}

// readMISP reads an event of a MISP feed, or what MISP's API answers: a list of events,
// or attributes alone. Values that are not meant for detection (to_ids) are passed over.
func (t *indicators) readMISP(text []byte) error {
	type wrapped struct {
		Event     *mispEvent
		Attribute []mispAttribute
		Response  json.RawMessage
	}
	var all []wrapped
	if isList(text) {
		if err := json.Unmarshal(text, &all); err != nil {
			return fmt.Errorf("no MISP event: %w", err)
		}
	} else {
		var one wrapped
		if err := json.Unmarshal(text, &one); err != nil {
			return fmt.Errorf("no MISP event: %w", err)
		}
		if len(one.Response) > 0 {
			return t.readMISP(one.Response)
		}
		all = append(all, one)
	}
	for _, w := range all {
		ev := w.Event
		if ev == nil {
			ev = &mispEvent{}
		}
		ev.Attribute = append(ev.Attribute, w.Attribute...)
		for _, o := range ev.Object {
			ev.Attribute = append(ev.Attribute, o.Attribute...)
		}
		if err := t.mispEvent(ev); err != nil {
			return err
		}
	}
	return nil
}

// isList says whether a JSON text is a list.
func isList(text []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("[")) }

func (t *indicators) mispEvent(ev *mispEvent) error {
	base := t.note()
	base.name = ev.Info
	if base.provider == "" {
		base.provider = ev.Orgc.Name
	}
	for _, tag := range ev.Tag {
		if m := tlp(tag.Name); m != "" {
			base.tlp = m
		}
	}
	base.first = day(ev.Date)
	for _, a := range ev.Attribute {
		if a.ToIDs != nil && !*a.ToIDs || a.Deleted {
			continue
		}
		n := &base
		if a.Comment != "" || a.FirstSeen != "" || a.LastSeen != "" {
			own := base
			own.description = a.Comment
			if f := day(a.FirstSeen); !f.IsZero() {
				own.first = f
			}
			own.last = day(a.LastSeen)
			n = &own
		}
		values := strings.Split(a.Value, "|")
		switch {
		case a.Type == "filename", a.Type == "attachment", a.Type == "email-attachment":
			continue // setup.py could be a domain
		case strings.HasPrefix(a.Type, "filename|"), strings.HasPrefix(a.Type, "malware-sample"):
			values = values[1:]
		case strings.HasSuffix(a.Type, "|port"):
			values = values[:1]
		case !strings.Contains(a.Type, "|"): // a URL may have a bar
			values = []string{a.Value}
		}
		for _, v := range values {
			if err := t.add(v, n); err != nil {
				return err
			}
		}
	}
	return nil
}
