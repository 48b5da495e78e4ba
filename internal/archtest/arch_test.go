package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "sluice/"

// mayImport gives, for each top folder, the top folders of ours that it may import
// beside itself. The leaves under internal/ are open to all; internal/app is the
// only place that knows every folder, and only cmd and tests know internal/app.
var mayImport = map[string][]string{
	"alert":     {"event"},
	"bus":       {"event", "journal"},
	"capture":   {"event", "ingest"},
	"config":    {},
	"console":   {"event"},
	"event":     {},
	"ingest":    {"event"},
	"journal":   {},
	"normalize": {"event", "schemas"},
	"pipeline":  {"event", "normalize", "rules", "schemas", "tables"},
	"report":    {},
	"rules":     {"event", "schemas"},
	"schemas":   {"event"},
	"sinks":     {"event"},
	"store":     {"event", "journal"},
	"tables":    {"event"},
}

// leaves are the folders under internal/ that import nothing of ours but these.
var leafImports = []string{"sluice/event", "sluice/schemas"}

// notLeaves know more than a leaf may: the program itself and the test worlds.
var notLeaves = []string{"sluice/internal/app", "sluice/internal/testbed"}

// onlyIn walls each outside library into one folder; the second opinion of a test
// may stand elsewhere, in test files, which this does not look at.
var onlyIn = map[string]string{
	"github.com/alecthomas/kong":            "cmd/sluice",
	"github.com/coreos/go-systemd":          "cmd/sluice",
	"github.com/mikelolasagasti/xz":         "internal/unpack",
	"github.com/elastic/go-elasticsearch":   "sinks/elasticsearch",
	"github.com/emersion/go-smtp":           "alert/email",
	"github.com/gaissmai/bart":              "tables",
	"github.com/oschwald/maxminddb-golang":  "tables",
	"github.com/ua-parser/uap-go":           "tables",
	"golang.org/x/net/idna":                 "tables",
	"golang.org/x/net/publicsuffix":         "tables",
	"github.com/maxmind/mmdbwriter":         "nowhere but tests",
	"github.com/expr-lang/expr":             "internal/condition",
	"github.com/gopacket/gopacket":          "capture",
	"github.com/influxdata/go-syslog":       "ingest/syslog",
	"github.com/miekg/dns":                  "capture",
	"github.com/netsampler/goflow2":         "ingest/netflow",
	"github.com/nxadm/tail":                 "ingest/filetail",
	"github.com/prometheus/client_golang":   "internal/metrics",
	"github.com/segmentio/kafka-go":         "bus/kafka",
	"github.com/robfig/cron":                "report",
	"github.com/wneessen/go-mail":           "alert/email",
	"go.yaml.in/yaml":                       "internal/strictyaml",
	"modernc.org/sqlite":                    "store",
	"github.com/invopop/jsonschema":         "internal/app",
	"github.com/axiomhq/hyperloglog":        "store",
	"github.com/RoaringBitmap/roaring":      "store",
	"github.com/bmatcuk/doublestar":         "ingest/filetail",
	"github.com/google/gopacket":            "nowhere but tests",
	"github.com/compose-spec/compose-go":    "nowhere but tests",
	"github.com/santhosh-tekuri/jsonschema": "nowhere but tests",
	"github.com/twmb/franz-go":              "nowhere but tests",
	"github.com/Shopify/toxiproxy":          "nowhere but tests",
	"github.com/rogpeppe/go-internal":       "nowhere but tests",
	"github.com/google/go-cmp":              "nowhere but tests",
	"pgregory.net/rapid":                    "nowhere but tests",
	"go.uber.org/goleak":                    "nowhere but tests",
}

// alsoIn are the exceptions to onlyIn, each with its reason.
var alsoIn = map[string][]string{
	"github.com/segmentio/kafka-go": {"test/downstream"},                                                       // a reader as downstream teams write it
	"github.com/gopacket/gopacket":  {"internal/simulate"},                                                     // it plays packets onto the wire
	"github.com/miekg/dns":          {"internal/simulate"},                                                     // and DNS among them
	"pgregory.net/rapid":            {"bus/bustest", "ingest/ingesttest", "sinks/sinktest", "alert/alerttest"}, // suites are packages
	"github.com/google/go-cmp":      {"bus/bustest", "ingest/ingesttest", "sinks/sinktest", "alert/alerttest"},
	"go.uber.org/goleak":            {"ingest/ingesttest"},
	"github.com/bmatcuk/doublestar": {"capture"}, // globs of capture files
}

type pkg struct {
	ImportPath, Dir string
	Imports         []string
	Doc             string
	GoFiles         []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,Doc,GoFiles", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var ps []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return ps
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
}

func top(path string) string {
	t, _, _ := strings.Cut(strings.TrimPrefix(path, module), "/")
	return t
}

func within(path, folder string) bool { return strings.HasPrefix(path+"/", folder+"/") }

func isLeaf(path string) bool {
	return within(path, "sluice/internal") && !slices.ContainsFunc(notLeaves, func(n string) bool { return within(path, n) })
}

func importFaults(ps []pkg) (faults []string) {
	for _, p := range ps {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			faults = append(faults, p.ImportPath+" has no package comment")
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, module) {
				if why := ours(p.ImportPath, imp); why != "" {
					faults = append(faults, p.ImportPath+" may not import "+imp+": "+why)
				}
			}
			for lib, home := range onlyIn {
				if within(imp, lib) && !within(p.ImportPath, module+home) &&
					!slices.ContainsFunc(alsoIn[lib], func(f string) bool { return within(p.ImportPath, module+f) }) {
					faults = append(faults, p.ImportPath+" may not import "+imp+": it lives in "+home)
				}
			}
		}
	}
	return faults
}

// ours says why from may not import imp, both of this module, or "".
func ours(from, imp string) string {
	f, t := top(from), top(imp)
	switch {
	case f == "cmd" || f == "test":
		return ""
	case within(from, "sluice/internal/testbed"), within(from, "sluice/internal/app"):
		return ""
	case isLeaf(from):
		if isLeaf(imp) || slices.Contains(leafImports, imp) {
			return ""
		}
		return "a leaf knows event, schemas and other leaves"
	case within(imp, "sluice/internal/app"):
		return "only cmd knows internal/app"
	case isLeaf(imp):
		return ""
	case f != t:
		if slices.Contains(mayImport[f], t) {
			return ""
		}
		return "there is no such arrow"
	case within(imp, from), within(from, imp) || imp == module+f:
		return "" // a parent and its own, and any child its top
	case strings.HasSuffix(imp, "test"), f == "normalize", f == "store", f == "rules", f == "event":
		return "" // these folders are one thing in several packages
	}
	return "siblings never import each other"
}

func TestTree(t *testing.T) {
	for _, f := range importFaults(packages(t)) {
		t.Error(f)
	}
	for dir := range mayImport { // a rule about a folder that is gone guards nothing
		if _, err := os.Stat(filepath.Join("../..", dir)); err != nil {
			t.Errorf("mayImport names %s: %v", dir, err)
		}
	}
}

// TestTreeSeesFaults keeps the rules honest: each kind of fault, planted, is reported.
func TestTreeSeesFaults(t *testing.T) {
	f := func(p pkg) {
		t.Helper()
		if len(importFaults([]pkg{p})) != 1 {
			t.Errorf("%s importing %v: not seen", p.ImportPath, p.Imports)
		}
	}
	f(pkg{ImportPath: "sluice/event", Doc: "x", Imports: []string{"sluice/sinks"}})
	f(pkg{ImportPath: "sluice/ingest/syslog", Doc: "x", Imports: []string{"sluice/ingest/filetail"}})
	f(pkg{ImportPath: "sluice/ingest", Doc: "x", Imports: []string{"sluice/internal/app"}})
	f(pkg{ImportPath: "sluice/internal/disk", Doc: "x", Imports: []string{"sluice/journal"}})
	f(pkg{ImportPath: "sluice/sinks", Doc: "x", Imports: []string{"go.yaml.in/yaml/v4"}})
	f(pkg{ImportPath: "sluice/bus", Doc: "x", Imports: []string{"pgregory.net/rapid"}})
	f(pkg{ImportPath: "sluice/ingest", GoFiles: []string{"a.go"}})
	if got := importFaults([]pkg{{ImportPath: "sluice/ingest/syslog", Doc: "x", Imports: []string{"sluice/ingest", "sluice/event", "sluice/internal/disk", "net"}}}); len(got) > 0 {
		t.Errorf("what is allowed is refused: %q", got)
	}
}
