package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// lines compares single lines with what fail2ban and Wazuh say of them.
func lines(t *tools, p *page) error {
	p.printf(`
## Lines of attacks

fail2ban: of services whose lines a pack reads, the share of lines on which we agree whom a failure is about; for sshd and
PAM also that the others show none. Wazuh: the share of lines of a decoder that the pack of the same
device reads whole. Not counted are devices without a pack and lines that fail2ban's filters take together with others: those
that do not hold the host which is expected of them, and of sshd's sessions of several lines those at which fail2ban says
nothing since it speaks at another one.

| with | lines of | lines | agree |
|---|---|---:|---:|
`)
	if err := fail2ban(t, p); err != nil {
		return err
	}
	return wazuh(t, p)
}

// logins are fail2ban's filters whose match is a failed login of a service that tells
// how log-ins end: there a line without a match must not be a failure either.
var logins = map[string]bool{"sshd-journal": true, "pam-generic": true}

// generics are packs that know no service.
var generics = []string{"syslog_generic", "kv_generic", "json_generic", "xml_generic", "cef_generic", "leef_generic", "linux_kernel", ""}

// fail2ban compares, for services whose lines a pack of ours reads, whom a line is about.
func fail2ban(t *tools, p *page) error {
	type line struct {
		ID       string          `json:"id"`
		Service  string          `json:"service"`
		Raw      json.RawMessage `json:"raw"`
		Expected *struct {
			Match bool   `json:"match"`
			Host  string `json:"host"`
			IPv4  string `json:"ip4"`
			IPv6  string `json:"ip6"`
		} `json:"expected"`
	}
	var all []line
	var recs []record
	sessions := map[string]int{} // how many lines a process has
	err := read(t.corpus("detect", "fail2ban-lines.jsonl.gz"), func(l line) error {
		if l.Expected != nil {
			l.Expected.Host = cmp.Or(l.Expected.Host, l.Expected.IPv4, l.Expected.IPv6)
			all, recs = append(all, l), append(recs, record{l.ID, l.Raw})
			if s := session(l.Raw); s != "" {
				sessions[s]++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	docs, err := t.documentsOf(recs, "fail2ban.jsonl")
	if err != nil {
		return err
	}
	read := map[string]*agreement{} // by service: how many of its lines a pack reads
	for _, l := range all {
		if read[l.Service] == nil {
			read[l.Service] = &agreement{}
		}
		d := docs[l.ID]
		read[l.Service].add(d != nil && !slices.Contains(generics, d.Sluice.Pack))
	}
	by, total := map[string]*agreement{}, agreement{}
	for _, l := range all {
		d, login := docs[l.ID], logins[l.Service]
		if d == nil {
			d = &document{}
		}
		if r := read[l.Service]; r.right*2 < r.of || !login && (!l.Expected.Match || l.Expected.Host == "") {
			continue
		}
		if l.Expected.Match && !strings.Contains(string(l.Raw), l.Expected.Host) || login && !l.Expected.Match && sessions[session(l.Raw)] > 1 {
			continue
		}
		found := d.Source.Address != "" && (!login || d.Event.Outcome == "failure")
		if by[l.Service] == nil {
			by[l.Service] = &agreement{}
		}
		agrees := found == l.Expected.Match && (!found || strings.EqualFold(d.Source.Address, l.Expected.Host))
		by[l.Service].add(agrees)
		total.add(agrees)
	}
	p.lines("fail2ban", by)
	p.lines("fail2ban", map[string]*agreement{"all of these": &total})
	return nil
}

// session is what a line begins with up to its process number; "" where it has none.
func session(raw json.RawMessage) string {
	before, _, _ := strings.Cut(string(raw), "]: ")
	if len(before) == len(raw) {
		return ""
	}
	return before
}

// decoders are Wazuh's, with the pack that reads the same device.
var decoders = map[string]string{
	"sshd": "linux_auth", "sudo": "linux_auth", "su": "linux_auth", "pam": "linux_auth",
	"kernel": "linux_netfilter", "cisco-asa": "cisco_asa", "cisco-ftd": "cisco_asa",
	"nginx-errorlog": "nginx_access", "apache-errorlog": "apache_access",
	"web-accesslog": "nginx_access",
}

func wazuh(t *tools, p *page) error {
	type line struct {
		ID       string          `json:"id"`
		Raw      json.RawMessage `json:"raw"`
		Expected struct {
			Decoder string `json:"decoder"`
		} `json:"expected"`
	}
	var all []line
	var recs []record
	err := read(t.corpus("detect", "wazuh-ruleset-tests.jsonl.gz"), func(l line) error {
		if decoders[l.Expected.Decoder] != "" {
			all, recs = append(all, l), append(recs, record{l.ID, l.Raw})
		}
		return nil
	})
	if err != nil {
		return err
	}
	docs, err := t.documentsOf(recs, "wazuh.jsonl")
	if err != nil {
		return err
	}
	by := map[string]*agreement{}
	for _, l := range all {
		d, want := docs[l.ID], decoders[l.Expected.Decoder]
		if by[l.Expected.Decoder] == nil {
			by[l.Expected.Decoder] = &agreement{}
		}
		// nginx and Apache write the same access log
		same := d != nil && (d.Sluice.Pack == want || l.Expected.Decoder == "web-accesslog" && d.Sluice.Pack == "apache_access")
		by[l.Expected.Decoder].add(same && d.Sluice.Unparsed == "")
	}
	p.lines("Wazuh", by)
	return nil
}

func (p *page) lines(with string, by map[string]*agreement) {
	for _, name := range slices.Sorted(maps.Keys(by)) {
		a := by[name]
		p.printf("| %s | %s | %d | %s |\n", with, name, a.of, p.hold("lines/"+with+"/"+name, share(a.right, a.of)))
	}
}
