package app

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"sluice/alert"
	"sluice/bus/kafka"
	"sluice/config"
	"sluice/console"
	"sluice/ingest"
	"sluice/internal/strictyaml"
	"sluice/normalize"
	"sluice/pipeline"
	"sluice/report"
	"sluice/rules"
	"sluice/rules/sigma"
	"sluice/sinks"
	"sluice/sinks/elasticsearch"
	"sluice/tables"
)

// Settings are the whole configuration, decoded and checked.
type Settings struct {
	Main     Main
	Inputs   []Named[ingest.Settings]
	Channels []Named[alert.Settings]
	Reports  []Named[*report.Settings]
	Archives []Named[sinks.Settings]
	Enrich   []Named[tables.Settings]

	Kafka         *kafka.Settings // nil: the embedded bus
	Elasticsearch *elasticsearch.Settings
	Console       console.Settings
	Rules         RuleSettings
	Packs         PackSettings
	Retention     Retention
	Limits        Limits

	began watched      // files that the settings name, before they were read
	file  *config.File // where all that stands, for faults of what is found there later: see at; nil without one
}

// at is the place of a value under a key of a section, as a prefix; "" if no file has it there.
func (s *Settings) at(section, key, value string) string {
	if s.file == nil {
		return ""
	}
	return s.file.Section(section).Where(key, value)
}

// placeOf is the place of a key of a section, as a prefix; "" if no file has it.
func (s *Settings) placeOf(section, key string) string {
	if s.file == nil {
		return ""
	}
	return s.file.Section(section).Place(key)
}

// same tells whether two files say the same, wherever in them it stands.
func (s *Settings) same(other *Settings) bool {
	a, b := *s, *other
	a.file, b.file = nil, nil
	a.began, b.began = watched{}, watched{}
	return reflect.DeepEqual(a, b)
}

// Main are the top-level keys that are no sections.
type Main struct {
	Data     string        `yaml:"data"`     // directory of everything that must survive
	Name     string        `yaml:"name"`     // of this node, in accounts and positions; default the host's name
	Ack      Ack           `yaml:"ack"`      // when senders are answered
	Lateness time.Duration `yaml:"lateness"` // how far apart collectors may be
	Health   string        `yaml:"health"`   // host:port of health, metrics and account where the role serve does not run
}

// Ack says what must have an event before its sender is answered.
type Ack string

// The values of ack.
const (
	AckLocal Ack = "local" // the local journal, fsynced
	AckBus   Ack = "bus"   // Kafka, for collectors whose disk may vanish
)

// UnmarshalText refuses other values.
func (a *Ack) UnmarshalText(text []byte) error {
	if *a = Ack(text); *a != AckLocal && *a != AckBus {
		return fmt.Errorf("%.40q is not local or bus", text)
	}
	return nil
}

// Named is one entry of a section, with what all kinds share.
type Named[S any] struct {
	Name      string
	Kind      string
	Namespace string       // of inputs
	Policy    alert.Policy // of channels: whom it tells what
	Settings  S
}

// RuleSettings are the section rules.
type RuleSettings struct {
	Library bool     `yaml:"library"` // the shipped rules
	Paths   []string `yaml:"paths"`   // files and folders of our rules or of Sigma's
	Shadow  []string `yaml:"shadow"`  // ids of rules on trial: their alerts are told to nobody

	Mappings []string `yaml:"mappings"` // files laid over the shipped mapping of Sigma's log sources and fields
}

// PackSettings are the section packs. A pack of a path replaces the shipped one of its name.
type PackSettings struct {
	Paths []string `yaml:"paths"` // folders with a folder for each pack
}

// Retention is how long and how much is kept, oldest first, never what is not indexed yet.
type Retention struct {
	Age  time.Duration `yaml:"age"`  // of events in the store; 0: no bound
	Size Bytes         `yaml:"size"` // of everything under data; 0: 80 % of what was free at first start
	Bus  time.Duration `yaml:"bus"`  // of messages on the embedded bus that all have read; 0: not at all; Kafka has kafka.retention
}

// leastSize lets the bus hold a few of its largest writes, 16 MiB each, in half of it.
const leastSize = 128 << 20

// Validate refuses what nothing could be kept with.
func (r *Retention) Validate() error {
	var all []error
	if r.Size != 0 && r.Size < leastSize {
		all = append(all, fmt.Errorf("size: %v is less than %v, and the bus could hold nothing in its share", r.Size, Bytes(leastSize)))
	}
	if r.Age < 0 {
		all = append(all, fmt.Errorf("age: %v is negative", r.Age))
	}
	if r.Bus < 0 {
		all = append(all, fmt.Errorf("bus: %v is negative", r.Bus))
	}
	return errors.Join(all...)
}

// Limits bound the process.
type Limits struct {
	Memory Bytes `yaml:"memory"` // 0: three quarters of the cgroup's limit, at most 704 MiB
}

// leastMemory: with less the collector of garbage would never rest.
const leastMemory = 128 << 20

// Validate refuses a budget that no work can be done in.
func (l *Limits) Validate() error {
	if l.Memory != 0 && l.Memory < leastMemory {
		return fmt.Errorf("memory: %v is less than %v", l.Memory, Bytes(leastMemory))
	}
	return nil
}

// defaultNamespace is that of inputs that name none.
const defaultNamespace = "default"

// sections are the top-level keys of the file.
var sections = []string{
	"ack", "archives", "channels", "console", "data", "elasticsearch", "enrich", "health", "inputs", "kafka",
	"lateness", "limits", "name", "packs", "reports", "retention", "rules",
}

// NoFile is the configuration where there is no file: syslog on loopback.
const NoFile = `inputs:
  syslog:
    kind: syslog
    udp: 127.0.0.1:5514
    tcp: 127.0.0.1:5514
`

// readSettings reads and checks the file at path; "" stands for NoFile.
func readSettings(path string, look config.Lookup) (*Settings, error) {
	if path == "" {
		return parseSettings("(defaults)", []byte(NoFile), look)
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", config.ErrNoFile, path)
	}
	if err != nil {
		return nil, err
	}
	return parseSettings(path, text, look)
}

// parseSettings checks a configuration without any other I/O. The error has every
// fault, each with its place.
func parseSettings(name string, text []byte, look config.Lookup) (*Settings, error) {
	f, err := config.Parse(name, text, look)
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	s := &Settings{
		Main:          Main{Data: defaultData(), Name: nodeName(host), Ack: AckLocal, Lateness: pipeline.DefaultLateness},
		Elasticsearch: elasticsearch.Defaults().(*elasticsearch.Settings),
		Console:       *console.Defaults(),
		Rules:         RuleSettings{Library: true},
	}
	f.Known(sections...)
	f.Only("data", "name", "ack", "lateness", "health").Decode(&s.Main)
	s.sections(f)
	s.Inputs = entries(f, "inputs", Inputs)
	s.Channels = entries(f, "channels", Channels)
	s.decodeReports(f)
	s.Archives = entries(f, "archives", Archives)
	s.Enrich = entries(f, "enrich", Tables)
	s.check(f)
	s.file = f
	return s, f.Err()
}

// nodeName makes a host's name fit for positions and metrics.
func nodeName(host string) string {
	host, _, _ = strings.Cut(host, ".")
	if host == "" {
		return "sluice"
	}
	return strings.ReplaceAll(host, " ", "-")
}

// checked is what every section's settings can say of themselves.
type checked interface{ Validate() error }

func (s *Settings) sections(f *config.File) {
	section := func(name string, v any) {
		p := f.Section(name)
		p.Decode(v)
		if c, ok := v.(checked); ok {
			p.Invalid(c.Validate())
		}
	}
	section("elasticsearch", s.Elasticsearch)
	section("console", &s.Console)
	section("rules", &s.Rules)
	section("packs", &s.Packs)
	section("retention", &s.Retention)
	section("limits", &s.Limits)
	if f.Section("kafka").Present() {
		s.Kafka = kafka.Defaults()
		section("kafka", s.Kafka)
	}
}

// entries decodes the named parts of a section, each by its kind.
func entries[S checked](f *config.File, section string, kinds map[string]func() S) (out []Named[S]) {
	for _, p := range f.Entries(section) {
		defaults, ok := kinds[p.Kind]
		names := slices.Sorted(maps.Keys(kinds))
		switch {
		case p.Kind == "":
			p.Fail("kind is missing: one of %s", strings.Join(names, ", "))
			continue
		case !ok:
			p.FailKind("unknown kind %q%s (known: %s)", p.Kind, strictyaml.DidYouMean(p.Kind, names), strings.Join(names, ", "))
			continue
		}
		n := Named[S]{Name: p.Name, Kind: p.Kind, Namespace: defaultNamespace, Settings: defaults()}
		if section == "inputs" {
			whole := p
			if ns := p.Cut("namespace"); ns != "" {
				n.Namespace = ns
			}
			if !validNamespace(n.Namespace) {
				whole.Invalid(fmt.Errorf("namespace: %.40q must be lower-case letters, digits, _ and ., at most 100 of them (it becomes part of index names)", n.Namespace))
			}
		}
		if section == "channels" {
			n.Policy = alert.DefaultPolicy()
			policy := p.CutPart("notify")
			policy.Decode(&n.Policy)
			policy.Invalid(n.Policy.Validate())
		}
		p.Decode(n.Settings)
		p.Invalid(n.Settings.Validate())
		out = append(out, n)
	}
	return out
}

// validNamespace follows data_stream.namespace of ECS.
func validNamespace(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// check is what no section can see alone.
func (s *Settings) check(f *config.File) {
	s.checkAddresses(f)
	if s.Main.Ack == AckBus && s.Kafka == nil {
		f.Section("ack").Fail("bus needs a section kafka")
	}
	if s.Main.Data == "" { // of a variable that is
		f.Section("data").Fail("it is empty; name a directory, or leave the key out for its default")
	}
	if first, _, _ := strings.Cut(s.Main.Data, "/"); strings.HasPrefix(first, "~") { // a shell would have
		f.Section("data").Fail("%s is a folder of that name in the working directory, not somebody's home: write the whole path, or ${HOME}/...", first)
	}
	if n := s.Main.Name; n == "" || strings.ContainsFunc(n, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		f.Section("name").Fail("%.60q is no single word: positions on the bus are told by it, with blanks between their parts", n)
	}
	if s.Main.Lateness < time.Second || s.Main.Lateness > time.Hour {
		f.Section("lateness").Fail("%v is not between 1s and 1h", s.Main.Lateness)
	}
	if s.Main.Health != "" { // the same server as the console's: the same token must not cross a network in the clear
		there := s.Console
		there.Listen, there.Hosts = s.Main.Health, nil
		if err := there.Validate(); err != nil {
			f.Section("health").Fail("%v", err)
		}
	}
}

// namespaces are those of all inputs.
func (s *Settings) namespaces() []string {
	seen := map[string]bool{defaultNamespace: true}
	for _, in := range s.Inputs {
		seen[in.Namespace] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// unfed says that nothing comes in, as behind a file that was cut off; "" where inputs do, or another process on
// the bus may have them.
func (s *Settings) unfed() string {
	if len(s.Inputs) > 0 || s.Kafka != nil {
		return ""
	}
	return "no inputs are configured, so nothing is collected"
}

// sources reads the texts of packs and rules, and the tables: what ships with the program, then the
// paths. A shipped pack gives way to one of the same folder name.
func (s *Settings) sources() (pipeline.Sources, error) {
	src := pipeline.Sources{Packs: normalize.Shipped(), Lateness: s.Main.Lateness, Shadow: s.Rules.Shadow}
	src.ShadowAt = func(id string) string { return s.at("rules", "shadow", id) }
	if s.Rules.Library {
		src.Rules = rules.Library()
	}
	dialect, err := s.dialect()
	src.Dialect = dialect
	faults := []error{err}
	src.Tables, err = s.buildTables(s.Enrich)
	faults = append(faults, err)
	for _, p := range s.Packs.Paths {
		files, err := yamlFiles(p)
		if err != nil {
			faults = append(faults, fmt.Errorf("%spacks.paths: %w", s.at("packs", "paths", p), err))
		}
		for _, f := range files {
			src.Packs = slices.DeleteFunc(src.Packs, func(old normalize.File) bool { return packName(old.Name) == packName(f.name) })
			src.Packs = append(src.Packs, normalize.File{Name: f.name, Text: f.text})
		}
	}
	// Of two that know a line the first by name reads it, wherever it comes from.
	slices.SortStableFunc(src.Packs, func(a, b normalize.File) int { return strings.Compare(packName(a.Name), packName(b.Name)) })
	for _, p := range s.Rules.Paths {
		files, err := readRules(p)
		if err != nil {
			faults = append(faults, fmt.Errorf("%srules.paths: %w", s.at("rules", "paths", p), err))
		}
		src.Rules = append(src.Rules, files...)
	}
	return src, errors.Join(faults...)
}

// dialect is Sigma, with the mapping that ships and those laid over it, as far as they have
// no faults.
func (s *Settings) dialect() (*sigma.Translator, error) {
	files := []rules.File{sigma.Shipped()}
	var faults []error
	for _, p := range s.Rules.Mappings {
		text, err := os.ReadFile(p)
		if err != nil {
			faults = append(faults, fmt.Errorf("%srules.mappings: %w", s.at("rules", "mappings", p), unread(err)))
			continue
		}
		files = append(files, rules.File{Name: p, Text: text})
	}
	t, err := sigma.New(files...)
	return t, errors.Join(append(faults, err)...)
}

// packName is the folder that a pack file is in.
func packName(path string) string { return filepath.Base(filepath.Dir(path)) }

type textFile struct {
	name string
	text []byte
}

// yamlFiles reads a file, or every .yml and .yaml below a folder, and below those that links in it lead to.
func yamlFiles(path string) (out []textFile, err error) {
	names, err := yamlNames(path)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return out, unread(err)
		}
		out = append(out, textFile{name, text})
	}
	return out, err
}

// yamlNames are the files that yamlFiles reads.
func yamlNames(path string) (names []string, err error) {
	err = walk(path, func(name string) error {
		if ext := filepath.Ext(name); name == path || ext == ".yml" || ext == ".yaml" {
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, unread(err)
}
