package tables

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"sluice/event"
)

// Domains cuts domains by the list of public suffixes, which is part of the program.
type Domains struct{}

// NewDomains is the kind domains.
func NewDomains() Settings { return &Domains{} }

// Validate implements Settings.
func (s *Domains) Validate() error { return nil }

// Path implements Settings.
func (s *Domains) Path() string { return "" }

// Build implements Settings.
func (s *Domains) Build([]File) (Table, error) { return domains{}, nil }

type domains struct{}

func (domains) Size() int        { return 1 }
func (domains) fields() []string { return nil }
func (domains) rank() rank       { return rankDomains }

func (domains) bind(look lookup) applier {
	a := &domainApplier{known: map[string]cut{}}
	for object, name := range map[string]string{
		"url": "domain", "dns.question": "name", "source": "domain", "destination": "domain", "client": "domain", "server": "domain",
	} {
		a.sides = append(a.sides, domainSide{
			look(object + "." + name), look(object + ".registered_domain"), look(object + ".subdomain"), look(object + ".top_level_domain"),
		})
	}
	return a
}

type domainSide struct{ name, registered, sub, top event.Field }

// cut is where a domain is cut: its registered domain and top level begin there.
// registered < 0: there is none.
type cut struct{ registered, top int }

// Bounds of the domains that a worker remembers: below 2 MiB. A look-up in the list costs
// ten times that of the map.
const (
	maxDomains = 8192
	maxDomain  = 128
)

type domainApplier struct {
	sides []domainSide
	known map[string]cut
}

func (a *domainApplier) apply(_ *Worker, ev *event.Event) (hit bool) {
	for i := range a.sides {
		s := &a.sides[i]
		if ev.Has(s.name) && !ev.Has(s.registered) {
			hit = a.set(ev, s) || hit
		}
	}
	return hit
}

func (a *domainApplier) set(ev *event.Event, s *domainSide) bool {
	name := strings.TrimSuffix(ev.Text(s.name), ".")
	c, ok := a.known[name]
	if !ok {
		c = cutDomain(name)
		if len(name) <= maxDomain {
			if len(a.known) >= maxDomains {
				clear(a.known)
			}
			a.known[strings.Clone(name)] = c
		}
	}
	if c.registered < 0 {
		return false
	}
	ev.SetText(s.registered, name[c.registered:])
	if s.top != event.None && !ev.Has(s.top) {
		ev.SetText(s.top, name[c.top:])
	}
	if c.registered > 1 && s.sub != event.None && !ev.Has(s.sub) {
		ev.SetText(s.sub, name[:c.registered-1])
	}
	return true
}

// cutDomain finds the public suffix and the label in front of it.
func cutDomain(name string) cut {
	none := cut{-1, -1}
	if name == "" || len(name) > maxName || !isDomain(name) {
		return none
	}
	suffix, _ := publicsuffix.PublicSuffix(ascii(name)) // the list has names of other letters in that form
	top := len(name)
	for range strings.Count(suffix, ".") + 1 {
		if top = strings.LastIndexByte(name[:top], '.'); top < 0 {
			return none
		}
	}
	top++
	return cut{strings.LastIndexByte(name[:top-1], '.') + 1, top}
}

// isDomain says whether a text is a name with points, and no address.
func isDomain(s string) bool {
	letter := false
	label := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
			letter = false // an address ends in digits alone
			continue
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 || c == '-' || c == '_':
			letter = true
		case c < '0' || c > '9':
			return false
		}
		label++
	}
	return letter && label > 0
}
