package tables

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// readLines reads an indicator a line. "#", ";" and "//" begin comments; of hosts files
// ("0.0.0.0 bad.example") the name counts.
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
		value := words[0]
		if len(words) > 1 && (value == "0.0.0.0" || value == "127.0.0.1" || value == "::1" || value == "::") {
			value = words[1]
		}
		if err := t.add(value, &n); err != nil {
			return err
		}
	}
	return nil
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
func (t *indicators) readCSV(text string) error {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace, r.ReuseRecord = -1, true, true, true
	if t.s.Separator != "" {
		r.Comma = rune(strings.Replace(t.s.Separator, `\t`, "\t", 1)[0])
	}
	c := t.s.Columns
	by := map[string]string{
		"value": c.Value, "name": c.Name, "description": c.Description, "confidence": c.Confidence, "reference": c.Reference,
		"tlp": c.TLP, "first_seen": c.FirstSeen, "last_seen": c.LastSeen,
	}
	var at map[string]int
	notes := map[string]*note{}
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			t.skipped++
			continue
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
	return t.add(value, shared)
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

// readSTIX reads the indicators of a STIX 2.1 bundle, or of a list of objects. A pattern
// counts where any of its comparisons alone says that it matches: those that are joined
// by OR. What needs several things together is passed over.
func (t *indicators) readSTIX(text string) error {
	type object struct {
		Type, ID, Name, Description, Pattern string
		PatternType                          string `json:"pattern_type"`
		ValidFrom                            string `json:"valid_from"`
		ValidUntil                           string `json:"valid_until"`
		Created, Modified                    string
		Confidence                           *int
		Revoked                              bool
		Markings                             []string `json:"object_marking_refs"`
		CreatedBy                            string   `json:"created_by_ref"`
		Definition                           struct{ TLP string }
		References                           []struct{ URL string } `json:"external_references"`
	}
	var bundle struct{ Objects []object }
	var err error
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "[") {
		err = json.Unmarshal([]byte(text), &bundle.Objects)
	} else {
		err = json.Unmarshal([]byte(text), &bundle)
	}
	if err != nil {
		return fmt.Errorf("no STIX bundle: %w", err)
	}
	names, marks := map[string]string{}, map[string]string{}
	for _, o := range bundle.Objects {
		switch o.Type {
		case "identity":
			names[o.ID] = o.Name
		case "marking-definition":
			marks[o.ID] = tlp(o.Definition.TLP)
			if marks[o.ID] == "" {
				marks[o.ID] = tlp(o.Name)
			}
		}
	}
	for _, o := range bundle.Objects {
		if o.Type != "indicator" || o.Revoked || o.PatternType != "" && o.PatternType != "stix" {
			continue
		}
		n := t.note()
		n.name, n.description = o.Name, o.Description
		n.first, n.last, n.until = day(o.ValidFrom), day(o.Modified), day(o.ValidUntil)
		if n.provider == "" {
			n.provider = names[o.CreatedBy]
		}
		if o.Confidence != nil {
			n.confidence = confidence(strconv.Itoa(*o.Confidence))
		}
		for _, m := range o.Markings {
			if marks[m] != "" {
				n.tlp = marks[m]
			} else if wellKnown[m] != "" {
				n.tlp = wellKnown[m]
			}
		}
		for _, r := range o.References {
			if r.URL != "" {
				n.reference = r.URL
				break
			}
		}
		values, ok := alternatives(o.Pattern)
		if !ok {
			t.skipped++
			continue
		}
		for _, v := range values {
			if err := t.add(v, &n); err != nil {
				return err
			}
		}
	}
	return nil
}

// wellKnown are the markings that STIX itself defines.
var wellKnown = map[string]string{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "WHITE",
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "CLEAR",
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "GREEN",
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "AMBER",
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "AMBER+STRICT",
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "RED",
}

// alternatives are the values of a STIX pattern, each of which alone makes it match.
func alternatives(pattern string) (values []string, ok bool) {
	for s := pattern; ; {
		i := strings.IndexByte(s, '\'')
		if i < 0 {
			return values, len(values) > 0 && joined(s)
		}
		path := s[:i]
		if strings.HasSuffix(strings.TrimRight(path, " "), ".") { // hashes.'SHA-256' = '...'
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return nil, false
			}
			path, s = path+"x", s[i+end+2:]
			if i = strings.IndexByte(s, '\''); i < 0 {
				return nil, false
			}
			path += s[:i]
		}
		value, rest, closed := stixText(s[i+1:])
		path = strings.TrimRight(path, " ")
		before, isEqual := strings.CutSuffix(path, "=")
		if !closed || !isEqual || strings.HasSuffix(before, "!") || !joined(before) {
			return nil, false
		}
		values, s = append(values, value), rest
	}
}

// joined says whether what stands between two values joins them by OR alone.
func joined(s string) bool {
	for _, word := range strings.Fields(strings.NewReplacer("[", " ", "]", " ", "(", " ", ")", " ").Replace(s)) {
		switch strings.ToUpper(word) {
		case "AND", "FOLLOWEDBY", "NOT", "REPEATS", "WITHIN", "START", "STOP":
			return false
		}
	}
	return true
}

// stixText reads up to the closing quote.
func stixText(s string) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '\'':
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

// mispAttribute is one value of a MISP event.
type mispAttribute struct {
	Type, Value, Category, Comment string
	ToIDs                          *bool  `json:"to_ids"`
	FirstSeen                      string `json:"first_seen"`
	LastSeen                       string `json:"last_seen"`
	Deleted                        bool
}

type mispEvent struct {
	Info, Date, UUID string
	Orgc             struct{ Name string }
	Tag              []struct{ Name string }
	Attribute        []mispAttribute
	Object           []struct{ Attribute []mispAttribute }
}

// readMISP reads an event of a MISP feed, or what MISP's API answers: a list of events,
// or attributes alone. Values that are not meant for detection (to_ids) are passed over.
func (t *indicators) readMISP(text string) error {
	type wrapped struct {
		Event     *mispEvent
		Attribute []mispAttribute
		Response  json.RawMessage
	}
	var all []wrapped
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "[") {
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			return fmt.Errorf("no MISP event: %w", err)
		}
	} else {
		var one wrapped
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			return fmt.Errorf("no MISP event: %w", err)
		}
		if len(one.Response) > 0 {
			return t.readMISP(string(one.Response))
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
		case strings.HasPrefix(a.Type, "filename|"), strings.HasPrefix(a.Type, "malware-sample"):
			values = values[1:]
		case strings.HasSuffix(a.Type, "|port"), !strings.Contains(a.Type, "|"):
			values = values[:1]
		}
		for _, v := range values {
			if err := t.add(v, n); err != nil {
				return err
			}
		}
	}
	return nil
}
