package tables

import (
	"errors"
	"strings"
	"sync"

	"github.com/ua-parser/uap-go/uaparser"

	"sluice/event"
	"sluice/internal/metrics"
)

// UserAgents takes user agents apart, by the expressions of the ua-parser project, which
// are part of the program.
type UserAgents struct {
	Cache int `yaml:"cache"` // texts that each worker remembers
}

// defaultAgents is what a busy proxy sees in an hour; 4,096 take some 3 MiB.
const defaultAgents = 4096

// NewUserAgents is the kind user_agents.
func NewUserAgents() Settings { return &UserAgents{Cache: defaultAgents} }

// Validate implements Settings.
func (s *UserAgents) Validate() error {
	if s.Cache < 16 || s.Cache > 1<<20 {
		return errors.New("cache: must be 16 to 1048576")
	}
	return nil
}

// Path implements Settings.
func (s *UserAgents) Path() string { return "" }

// parser is compiled once for all tables: its expressions take 0.2 s and 40 MiB. Its own
// cache, which has a lock, is kept small: a worker has one in front of it.
var parser = sync.OnceValues(func() (*uaparser.Parser, error) { return uaparser.New(uaparser.WithCacheSize(16)) })

// Build implements Settings.
func (s *UserAgents) Build([]File) (Table, error) {
	p, err := parser()
	return &agents{p, s.Cache}, err
}

type agents struct {
	parser *uaparser.Parser
	cache  int
}

func (a *agents) Size() int {
	return len(a.parser.UA) + len(a.parser.OS) + len(a.parser.RegexDefinitions.Device)
}
func (a *agents) fields() []string { return nil }
func (a *agents) rank() rank       { return rankAgents }

func (a *agents) bind(look lookup) applier {
	out := &agentApplier{agents: a, known: map[string]*agent{}, original: look("user_agent.original"), credit: agentBurst * agentShare}
	for i, name := range agentFields {
		out.to[i] = look("user_agent." + name)
	}
	return out
}

var agentFields = [...]string{"name", "version", "os.name", "os.version", "os.full", "device.name"}

// agent is what a user agent says, in the order of agentFields.
type agent [len(agentFields)]event.Const

// maxAgent is the longest user agent that is taken apart: each costs some hundred
// expressions, and whoever writes more than that wants us to run them.
const maxAgent = 512

type agentApplier struct {
	*agents
	original event.Field
	to       [len(agentFields)]event.Field
	known    map[string]*agent
	credit   int
}

// A text that nobody remembers costs as much as some hundred events, so whoever sends a new
// one with every request could stop us. Each worker takes a burst of them, and then one in
// agentShare events; the others keep user_agent.original alone.
const (
	agentBurst = 2000
	agentShare = 20
)

func (a *agentApplier) apply(_ *Worker, ev *event.Event) bool {
	s := ev.Text(a.original)
	if s == "" || len(s) > maxAgent || ev.Has(a.to[0]) {
		return false
	}
	a.credit = min(a.credit+1, agentBurst*agentShare)
	k, ok := a.known[s]
	if !ok {
		if a.credit < agentShare {
			metrics.EnrichSkipped.WithLabelValues().Inc()
			return false
		}
		a.credit -= agentShare
		k = a.parse(strings.Clone(s))
		if len(a.known) >= a.cache {
			clear(a.known)
		}
		a.known[strings.Clone(s)] = k
	}
	for i, f := range a.to {
		if k[i].Text() != "" && f != event.None && !ev.Has(f) {
			ev.SetConst(f, k[i])
		}
	}
	return true
}

// parse names what it does not know "Other", as Elasticsearch's own processor does.
func (a *agents) parse(s string) *agent {
	ua, os, device := a.parser.ParseUserAgent(s), a.parser.ParseOs(s), "Other"
	if !isDesktop(s) {
		device = a.parser.ParseDevice(s).Family
	}
	k := &agent{}
	set := func(i int, text string) { k[i] = event.NewConst(text) }
	set(0, ua.Family)
	set(1, version(ua.Major, ua.Minor, ua.Patch))
	if os.Family != "Other" {
		v := version(os.Major, os.Minor, os.Patch, os.PatchMinor)
		set(2, os.Family)
		set(3, v)
		set(4, strings.TrimSpace(os.Family+" "+v))
	}
	set(5, device)
	return k
}

// isDesktop knows the texts that no device's name is in, which is most of them: looking for
// one costs four fifths of the time.
func isDesktop(s string) bool {
	if !strings.Contains(s, "Windows NT") && !strings.Contains(s, "X11; Linux") {
		return false
	}
	s = strings.ToLower(s)
	for _, word := range []string{"phone", "mobile", "tablet", "touch", "android", "bot", "spider", "crawl", "http", "smart", "tv", "nokia", "xbox", "build", "kindle"} {
		if strings.Contains(s, word) {
			return false
		}
	}
	return true
}

// version joins the parts of a version up to the first that is missing.
func version(parts ...string) string {
	out := ""
	for i, p := range parts {
		if p == "" {
			break
		}
		if i > 0 {
			out += "."
		}
		out += p
	}
	return out
}
