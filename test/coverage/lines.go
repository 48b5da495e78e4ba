package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// lines compares single lines with what fail2ban and Wazuh say of them.
func lines(t *tools, p *page) error {
	p.printf(`
## Lines of attacks

fail2ban: the share of lines on which we agree whether they show a failure, and of which address; for web servers, whose
failures are a matter of the rule, the address alone. Wazuh: the share of lines of a decoder that the pack of the same
device reads whole. Not counted are lines that fail2ban's filters take together with others, and devices without a pack.

| with | lines of | lines | agree |
|---|---|---:|---:|
`)
	if err := fail2ban(t, p); err != nil {
		return err
	}
	return wazuh(t, p)
}

// services are fail2ban's filters for which there is a pack. For those that are true a
// match is a failed login.
var services = map[string]bool{
	"sshd-journal": true, "pam-generic": true,
	"nginx-http-auth": false, "nginx-botsearch": false,
	"apache-auth": false, "apache-noscript": false, "apache-nohome": false, "apache-overflows": false, "apache-shellshock": false, "apache-modsecurity": false,
}

func fail2ban(t *tools, p *page) error {
	type line struct {
		ID       string          `json:"id"`
		Service  string          `json:"service"`
		Raw      json.RawMessage `json:"raw"`
		Expected *struct {
			Match bool   `json:"match"`
			Host  string `json:"host"`
		} `json:"expected"`
	}
	var all []line
	var recs []record
	err := read(t.corpus("detect", "fail2ban-lines.jsonl.gz"), func(l line) error {
		if _, ok := services[l.Service]; ok && l.Expected != nil {
			all, recs = append(all, l), append(recs, record{l.ID, l.Raw})
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
	by := map[string]*agreement{}
	for _, l := range all {
		d, login := docs[l.ID], services[l.Service]
		if d == nil {
			d = &document{}
		}
		if !login && !l.Expected.Match {
			continue
		}
		found := d.Source.Address != "" && (!login || d.Event.Outcome == "failure")
		if by[l.Service] == nil {
			by[l.Service] = &agreement{}
		}
		by[l.Service].add(found == l.Expected.Match && (!found || strings.EqualFold(d.Source.Address, l.Expected.Host)))
	}
	p.lines("fail2ban", by)
	return nil
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
