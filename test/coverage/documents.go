package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// flagship are the families of the devices that most users have.
var flagship = []string{"apache_httpd", "cisco_asa_ftd", "fortinet_fortigate", "linux_auth", "nginx", "panw_panos", "suricata", "windows_events", "zeek"}

// pair is one record of the corpus with the document that its makers expect.
type pair struct {
	ID        string          `json:"id"`
	Family    string          `json:"family"`
	Source    string          `json:"source"`
	Oracle    string          `json:"oracle"`
	File      string          `json:"file"`
	Generated bool            `json:"generated"`
	Raw       json.RawMessage `json:"raw"`
	Input     json.RawMessage `json:"input"`
	Expected  json.RawMessage `json:"expected"`
	Config    struct {
		Fields map[string]json.RawMessage `json:"fields"`
	} `json:"config"`
}

// zone is that which the makers of the record set for its input, as --zone takes it;
// "": none.
func (p *pair) zone() string {
	var name string
	for _, key := range []string{"_conf", "_tmp", "event"} {
		var conf struct {
			Offset string `json:"tz_offset"`
			Zone   string `json:"timezone"`
		}
		_ = json.Unmarshal(p.Config.Fields[key], &conf) // some are lists or texts
		name = cmp.Or(name, conf.Offset, conf.Zone)
	}
	if hours, ok := strings.CutPrefix(name, "GMT"); ok && len(hours) == 2 { // Java's GMT+2
		return hours[:1] + "0" + hours[1:]
	} else if ok {
		return hours
	}
	if strings.EqualFold(name, "local") { // the machine's, which says nothing of the line
		return ""
	}
	return name
}

// line is the raw text where there is one, else what the pipeline was given.
func (p *pair) line() json.RawMessage {
	var s string
	if json.Unmarshal(p.Raw, &s) == nil && s != "" {
		return p.Raw
	}
	return p.Input
}

// aside says whether the record is of a type of message that was kept from the packs'
// authors: a quarter of the types of each source, told apart by event.code, else
// event.action, else the file they came in.
func (p *pair) aside() bool {
	var doc struct {
		Event struct{ Code, Action any }
	}
	_ = json.Unmarshal(p.Expected, &doc) // what is no object has no type: the file decides
	kind := p.File
	for _, v := range []any{doc.Event.Action, doc.Event.Code} {
		switch v := v.(type) {
		case string:
			if v != "" {
				kind = v
			}
		case float64:
			kind = fmt.Sprint(int64(v))
		}
	}
	return crc32.ChecksumIEEE([]byte(p.Source+"|"+kind))%4 == 0
}

// tally is a row of score_ecs.py's --json.
type tally struct {
	Events    int      `json:"events"`
	Recall    *float64 `json:"recall"`
	Rule      *float64 `json:"rule_field_recall"`
	Precision *float64 `json:"precision"`
}

// scores are what score_ecs.py says of one set of records.
type scores struct {
	Total  tally            `json:"total"`
	Groups map[string]tally `json:"groups"`
}

// documents scores ECS documents, of all records and of those kept aside.
func documents(t *tools, p *page) error {
	var all []pair
	for _, f := range []string{"ecs-sekoia.jsonl.gz", "ecs-wazuh-engine.jsonl.gz", "ecs-filebeat-raw-cef.jsonl.gz"} {
		if err := readPairs(t.corpus("normalize", f), &all); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(t.corpus("normalize", "ecs-elastic", "*.jsonl.gz"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := readPairs(f, &all); err != nil {
			return err
		}
	}
	actual, err := normalizeZones(t, all, "documents.jsonl")
	if err != nil {
		return err
	}
	unread, err := unreadBySource(actual, all)
	if err != nil {
		return err
	}
	if err := documentTables(t, p, all, actual, unread); err != nil {
		return err
	}
	return unknown(t, p, all, actual)
}

// normalizeZones gives the documents of all records, each read by an input with the zone
// that the record's makers configured: what they expect of a stamp depends on it.
func normalizeZones(t *tools, all []pair, out string, args ...string) (string, error) {
	recs := map[string][]record{}
	for i := range all {
		z := all[i].zone()
		recs[z] = append(recs[z], record{all[i].ID, all[i].line()})
	}
	var docs []byte
	for _, z := range slices.Sorted(maps.Keys(recs)) {
		part, err := t.normalize(recs[z], "documents.part", append(args, "--zone="+z)...)
		if err != nil {
			return "", err
		}
		text, err := os.ReadFile(part)
		if err != nil {
			return "", err
		}
		docs = append(docs, text...)
	}
	file := filepath.Join(t.dir, out)
	return file, os.WriteFile(file, docs, 0o600)
}

func readPairs(file string, all *[]pair) error {
	return read(file, func(one pair) error {
		if !one.Generated {
			*all = append(*all, one)
		}
		return nil
	})
}

// unreadBySource counts the records that a pack marks unparsed.
func unreadBySource(actual string, all []pair) (map[string]int, error) {
	source := map[string]string{}
	for i := range all {
		source[all[i].ID] = all[i].group()
	}
	out := map[string]int{}
	err := read(actual, func(d *document) error {
		if d != nil && d.Sluice.Unparsed != "" {
			out[source[d.Labels.ID]]++
		}
		return nil
	})
	return out, err
}

// group is what score_ecs.py calls the records of a source with --by.
func (p *pair) group() string { return p.Family + "+" + p.Source }

// scored runs the scorer over the records that keep says yes to.
func scored(t *tools, all []pair, actual, by string, keep func(*pair) bool) (scores, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for i := range all {
		if keep(&all[i]) {
			if err := enc.Encode(&all[i]); err != nil {
				return scores{}, err
			}
		}
	}
	expected, numbers := filepath.Join(t.dir, "expected.jsonl"), filepath.Join(t.dir, "ecs.json")
	if err := os.WriteFile(expected, out.Bytes(), 0o600); err != nil {
		return scores{}, err
	}
	if _, err := t.score("score_ecs.py", "--expected", expected, "--actual", actual, "--id-path", "labels.id", "--by", by, "--json", numbers); err != nil {
		return scores{}, err
	}
	text, err := os.ReadFile(numbers)
	if err != nil {
		return scores{}, err
	}
	var s scores
	return s, json.Unmarshal(text, &s)
}

const documentsHead = `
## Documents

*Recall* is the share of the expected ECS fields that are there with the expected value, *rule fields* the same over those
fields that public detection rules ask for, *precision* the share of our values of expected fields that are right; *unread*
are lines that a pack marks unparsed. Not counted are vendors' own fields, geography and autonomous systems, the parts of a
user agent, the raw line and the message, fields that the expected document only copies from its input, and the names that
each product gives itself (event.dataset, event.module). The pack is found by recognition, never named; where the makers of a
record configured a time zone, the input has it too.

*Aside* is a quarter of the message types of each source, kept from the authors of the packs; the rest they could score
against. It is not blind everywhere: the packs of ASA, Linux log-ins, netfilter, nginx, Apache, Suricata and Windows were
begun before the split was made, and the authors of those of Zeek, Sysdig, Office 365, Bitwarden, CrowdStrike FDR, Google
Cloud, NetFlow and Bitdefender saw some of it, and of Zscaler's firewall a published example that is much like it. For those of
ESET, Vectra, Darktrace, Claroty, Symantec Endpoint Security, Cloudflare, MySQL, RSA, Sysdig, NetFlow, Bitdefender, Jamf, Ubika,
Zscaler, Check Point, Prisma Cloud, WatchGuard, Office 365, Elastic Load Balancing and Security Command Center, variants were
chosen by their score on it, so that it says more of them than it would of lines nobody has; of many others that score, alone,
was read between edits.
The expectations are other products', and they contradict each other and ECS here and there: two of them agree with each
other on the same lines to 80 % recall and 98 % precision.

| all families | records | recall | rule fields | precision | aside: records | recall | rule fields | precision |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
`

func documentTables(t *tools, p *page, all []pair, actual string, unread map[string]int) error {
	percent := func(name string, v *float64) string {
		if v == nil {
			return "–"
		}
		if name == "" {
			return fmt.Sprintf("%.1f", 100**v)
		}
		return p.hold(name, 100**v)
	}
	row := func(title, name string, a, b tally) {
		n := func(col string) string {
			if name == "" {
				return ""
			}
			return "documents/" + name + "/" + col
		}
		p.printf("| %s | %d | %s | %s | %s | %d | %s | %s | %s |\n", title, a.Events,
			percent(n("recall"), a.Recall), percent(n("rule_fields"), a.Rule), percent(n("precision"), a.Precision), b.Events,
			percent(n("aside/recall"), b.Recall), percent(n("aside/rule_fields"), b.Rule), percent(n("aside/precision"), b.Precision))
	}
	p.printf("%s", documentsHead)
	flag := func(r *pair) bool { return slices.Contains(flagship, r.Family) }
	var family [2]scores
	for _, sum := range []struct {
		title, name string
		in          func(*pair) bool
	}{
		{"everything", "all", func(*pair) bool { return true }},
		{"Elastic's expectations", "elastic", func(r *pair) bool { return r.Oracle == "elastic-integrations" }},
		{"flagship families", "flagship", flag},
		{"flagship families, Elastic's expectations", "flagship_elastic", func(r *pair) bool { return flag(r) && r.Oracle == "elastic-integrations" }},
	} {
		whole, err := scored(t, all, actual, "family", sum.in)
		if err != nil {
			return err
		}
		kept, err := scored(t, all, actual, "family", func(r *pair) bool { return sum.in(r) && r.aside() })
		if err != nil {
			return err
		}
		row(sum.title, sum.name, whole.Total, kept.Total)
		if sum.name == "all" {
			family = [2]scores{whole, kept}
		}
	}
	p.printf("\n| family | records | recall | rule fields | precision | aside: records | recall | rule fields | precision |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, g := range slices.Sorted(maps.Keys(family[0].Groups)) {
		row(g, "family/"+g, family[0].Groups[g], family[1].Groups[g])
	}
	return sourceTable(t, p, all, actual, unread, row)
}

// sourceTable has a row for each source; its numbers are not held one by one: many
// sources have a handful of records.
func sourceTable(t *tools, p *page, all []pair, actual string, unread map[string]int, row func(title, name string, a, b tally)) error {
	whole, err := scored(t, all, actual, "family+source", func(*pair) bool { return true })
	if err != nil {
		return err
	}
	kept, err := scored(t, all, actual, "family+source", (*pair).aside)
	if err != nil {
		return err
	}
	p.printf("\n| source | records | recall | rule fields | precision | aside: records | recall | rule fields | precision |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, g := range slices.Sorted(maps.Keys(whole.Groups)) {
		family, source, _ := strings.Cut(g, "+")
		title := family + ": " + source
		if n := unread[g]; n > 0 {
			title += fmt.Sprintf(" (%d unread)", n)
		}
		row(title, "", whole.Groups[g], kept.Groups[g])
	}
	return nil
}
