package tables

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gaissmai/bart"

	"sluice/internal/cidr"
)

// Indicators is a list of addresses, ranges, domains, hashes, URLs and mail addresses
// that a threat feed gives.
type Indicators struct {
	File       string  `yaml:"file"`        // or a folder of JSON files, as MISP's feeds are
	Format     Format  `yaml:"format"`      // auto tells them apart
	Provider   string  `yaml:"provider"`    // who gives it; default: what the feed says
	Feed       string  `yaml:"feed"`        // its name
	TLP        string  `yaml:"tlp"`         // of entries that say nothing
	Confidence string  `yaml:"confidence"`  // of entries that say nothing: Low, Medium, High
	Separator  string  `yaml:"separator"`   // of csv
	Columns    Columns `yaml:"columns"`     // of csv; default: found by their names
	Exact      bool    `yaml:"exact"`       // a domain does not stand for what is below it
	MaxEntries int     `yaml:"max_entries"` // a larger feed is refused
}

// Columns name what a CSV file's columns hold, by the names in its first line or by number
// from 1.
type Columns struct {
	Value       string `yaml:"value"`       // the indicator
	Name        string `yaml:"name"`        // of the indicator or its campaign
	Description string `yaml:"description"` // what is known of it
	Confidence  string `yaml:"confidence"`  // Low, Medium, High, or a number to 100
	Reference   string `yaml:"reference"`   // a URL with more
	TLP         string `yaml:"tlp"`         // white, clear, green, amber, amber+strict or red
	FirstSeen   string `yaml:"first_seen"`  // RFC 3339, or a date
	LastSeen    string `yaml:"last_seen"`   // RFC 3339, or a date
}

// Format is how a feed is written.
type Format string

// The formats.
const (
	FormatAuto  Format = "auto"
	FormatLines Format = "lines"
	FormatCSV   Format = "csv"
	FormatSTIX  Format = "stix"
	FormatMISP  Format = "misp"
)

// UnmarshalText refuses other values.
func (f *Format) UnmarshalText(text []byte) error {
	switch *f = Format(text); *f {
	case FormatAuto, FormatLines, FormatCSV, FormatSTIX, FormatMISP:
		return nil
	}
	return fmt.Errorf("%.40q is none of auto, lines, csv, stix, misp", text)
}

// defaultEntries bounds a table at some 400 MiB: an entry takes 100 to 200 bytes beside
// its texts. The greatest public feed has 1.2 million.
const defaultEntries = 2_000_000

// NewIndicators is the kind indicators.
func NewIndicators() Settings { return &Indicators{Format: FormatAuto, MaxEntries: defaultEntries} }

// Validate implements Settings.
func (s *Indicators) Validate() error {
	all := []error{needsFile(s.File), oneByte(s.Separator)}
	if s.MaxEntries < 1 {
		all = append(all, errors.New("max_entries: must be at least 1"))
	}
	if s.TLP != "" && tlp(s.TLP) == "" {
		all = append(all, fmt.Errorf("tlp: %q is none of WHITE, CLEAR, GREEN, AMBER, AMBER+STRICT, RED", s.TLP))
	}
	return errors.Join(all...)
}

// Path implements Settings.
func (s *Indicators) Path() string { return s.File }

// Build implements Settings.
func (s *Indicators) Build(files []File) (Table, error) {
	t := &indicators{s: s, domains: map[string]int32{}, texts: map[string]int32{}, versions: map[string]*note{}}
	if err := readAll(files, t.read); err != nil {
		return nil, err
	}
	t.versions = nil
	if len(t.all) == 0 {
		return nil, fmt.Errorf("%s: no indicator in it (%d entries are none)", s.File, t.skipped)
	}
	return t, nil
}

// indicator is one entry of a feed.
type indicator struct {
	kind  indicatorKind
	value string // as the feed has it, without what was done to make it harmless
	note  *note  // what many entries share; nil: nothing
}

// note is what a feed says beside the value.
type note struct {
	name, description, provider, feed, confidence, reference, tlp string
	first, last, changed, until                                   time.Time // until: not valid after
}

type indicatorKind uint8

const (
	isNone indicatorKind = iota
	isIP
	isRange
	isName
	isHash
	isURL
	isMail
)

// indicators is a table. It finds addresses by prefix, domains by their name and those
// above it, hashes, URLs and mail addresses as texts.
type indicators struct {
	s        *Indicators
	all      []indicator
	ips      bart.Table[int32]
	domains  map[string]int32
	texts    map[string]int32
	versions map[string]*note // of STIX's indicators by id, while the files are read
	skipped  int
}

func (t *indicators) Size() int        { return len(t.all) }
func (t *indicators) fields() []string { return nil }
func (t *indicators) rank() rank       { return rankIndicators }

// read reads one file of the feed.
func (t *indicators) read(f File) error {
	data := bytes.TrimPrefix(f.Data, []byte("\ufeff"))
	format := t.s.Format
	if format == FormatAuto {
		format = guess(f.Name, string(data[:min(len(data), 4096)]))
	}
	switch format {
	case FormatSTIX:
		return t.readSTIX(data)
	case FormatMISP:
		return t.readMISP(data)
	case FormatCSV:
		return t.readCSV(data)
	}
	return t.readLines(string(data))
}

// guess tells the formats apart by how a file begins.
func guess(name, start string) Format {
	start = strings.TrimLeft(start, " \t\r\n")
	if strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[") {
		if strings.Contains(start, `"bundle"`) || strings.Contains(start, `"spec_version"`) || strings.Contains(start, `"objects"`) {
			return FormatSTIX
		}
		return FormatMISP
	}
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return FormatCSV
	}
	for line := range strings.Lines(start) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != ';' {
			if strings.Count(line, ",") > 1 {
				return FormatCSV
			}
			break
		}
	}
	return FormatLines
}

// add takes one value of a feed. Values that are no indicator are counted.
func (t *indicators) add(value string, n *note) error {
	kind, value := classify(value)
	if kind == isNone {
		t.skipped++
		return nil
	}
	if len(t.all) >= t.s.MaxEntries {
		return fmt.Errorf("more than %d indicators; set max_entries, at 100 to 200 bytes of memory each", t.s.MaxEntries)
	}
	id := int32(len(t.all))
	switch kind {
	case isIP, isRange:
		if !t.addRange(value, n, id) {
			return nil
		}
	case isName:
		key := ascii(value)
		if had, ok := t.domains[key]; ok {
			t.again(had, value, n)
			return nil
		}
		t.domains[key] = id
	default:
		key := value
		if kind == isURL {
			key = urlKey(value)
		}
		if had, ok := t.texts[key]; ok {
			t.again(had, value, n)
			return nil
		}
		t.texts[key] = id
	}
	t.all = append(t.all, indicator{kind, value, n})
	return nil
}

// addRange takes an address or a range; new: something of it was not there.
func (t *indicators) addRange(value string, n *note, id int32) (new bool) {
	all, err := ranges(value)
	if err != nil || slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Bits() == 0 }) {
		t.skipped++
		return false
	}
	for _, p := range all {
		if had, ok := t.ips.Get(p); ok {
			t.again(had, value, n)
			continue
		}
		t.ips.Insert(p, id)
		new = true
	}
	return new
}

// ranges are what an address, a range by its prefix, or one by its first and last address stands for.
func ranges(value string) (cidr.Set, error) {
	if from, to, ok := strings.Cut(value, "-"); ok {
		return cidr.Between(from, to)
	}
	return cidr.ParseSet([]string{value})
}

// again takes a value that is there: the first one counts, unless another is valid for longer.
func (t *indicators) again(id int32, value string, n *note) {
	had := &t.all[id]
	if !had.note.until.IsZero() && (n.until.IsZero() || n.until.After(had.note.until)) {
		had.value, had.note = value, n
	}
}

// note is what the settings say of every entry, for feeds to add to.
func (t *indicators) note() note {
	return note{provider: t.s.Provider, feed: t.s.Feed, tlp: tlp(t.s.TLP), confidence: t.s.Confidence}
}

// classify says what a value is, and gives it as it is compared: harmless spellings
// (hxxp, [.]) undone, names in lower case.
func classify(s string) (indicatorKind, string) {
	s = strings.TrimSpace(s)
	if len(s) < 3 || len(s) > 4096 {
		return isNone, ""
	}
	if strings.ContainsAny(s, "[{(") || len(s) > 4 && strings.EqualFold(s[:4], "hxxp") {
		s = refang(s)
	}
	if strings.Contains(s, "://") {
		return isURL, strings.Clone(s)
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return isIP, cidr.Plain(a).String()
	}
	if from, to, ok := strings.Cut(s, "-"); ok {
		if _, err := cidr.Between(from, to); err == nil {
			return isRange, s
		}
	}
	if strings.IndexByte(s, '/') > 0 {
		if p, err := cidr.Parse(s); err == nil {
			if p.IsSingleIP() {
				return isIP, p.Addr().String()
			}
			return isRange, p.String()
		}
		if host, _, _ := strings.Cut(s, "/"); isDomain(host) { // a URL without its scheme
			return isURL, "http://" + s
		}
		return isNone, ""
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return isIP, cidr.Plain(ap.Addr()).String()
	}
	if host, port, ok := strings.Cut(s, ":"); ok && isPort(port) {
		s = host
	}
	switch len(s) {
	case 32, 40, 56, 64, 96, 128:
		if allHex(s) {
			return isHash, strings.ToLower(s)
		}
	}
	if at := strings.IndexByte(s, '@'); at > 0 && isDomain(s[at+1:]) {
		return isMail, strings.ToLower(s)
	}
	name := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(s, "*."), "."))
	if isDomain(name) && strings.IndexByte(name, '.') > 0 {
		return isName, name
	}
	return isNone, ""
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

var refanged = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "[:]", ":", "[://]", "://", "[@]", "@", "[at]", "@")

func refang(s string) string {
	s = refanged.Replace(s)
	if len(s) > 4 && strings.EqualFold(s[:4], "hxxp") {
		s = "http" + s[4:]
	}
	return s
}

func allHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// urlKey is a URL as it is compared: scheme and host in lower case, without the port of
// the scheme, a fragment, or a slash alone.
func urlKey(s string) string {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s = s[:i]
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	if path == "/" {
		path = ""
	}
	scheme, host = strings.ToLower(scheme), ascii(host)
	switch scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	if len(scheme)+3+len(host)+len(path) == len(s) && s[:len(scheme)] == scheme && s[len(scheme)+3:][:len(host)] == host {
		return s // most are so already
	}
	return scheme + "://" + host + path
}

// tlp is a marking as ECS spells it, or "".
func tlp(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "TLP:"), "TLP_")
	switch s {
	case "WHITE", "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED":
		return s
	}
	return ""
}
