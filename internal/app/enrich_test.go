package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/pipeline"
)

// blocks are the blocks of a page that begin with "# NAME", by that name.
func blocks(t *testing.T, page string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for i, part := range strings.Split(string(text), "```") {
		if i%2 == 0 {
			continue
		}
		kind, body, _ := strings.Cut(part, "\n")
		name, rest, ok := strings.Cut(body, "\n")
		if name, named := strings.CutPrefix(name, "# "); ok && named {
			out[name] = rest
		} else if out[kind] == "" {
			out[kind] = body
		}
	}
	return out
}

// TestEnrichmentPage runs what docs/enrichment.md shows.
func TestEnrichmentPage(t *testing.T) {
	page := blocks(t, "../../docs/enrichment.md")
	if _, err := parse(page["yaml"]); err != nil {
		t.Errorf("the first example: %v", err)
	}
	dir := t.TempDir()
	for _, name := range []string{"machines.csv", "people.csv", "bad.txt"} {
		if page[name] == "" {
			t.Fatal("the page has no " + name)
		}
		write(t, filepath.Join(dir, name), page[name])
	}
	s, err := parse(strings.ReplaceAll(page["sluice.yml"], "file: ", "file: "+dir+"/"))
	if err != nil {
		t.Fatal(err)
	}
	src, err := s.sources()
	if err != nil {
		t.Fatal(err)
	}
	set, err := pipeline.Build(src)
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatch(set, Reading{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)})
	doc := func(kept map[string]json.RawMessage) (got map[string]any) {
		t.Helper()
		r, err := b.Process(Record{Raw: []byte(strings.TrimSpace(page["line"]))})
		if err != nil {
			t.Fatal(err)
		}
		text, err := b.Document(r, kept)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return got
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(page["json"]), &want); err != nil {
		t.Fatal(err)
	}
	got := doc(nil)
	if diff := cmp.Diff(want, only(got, want)); diff != "" {
		t.Error(diff)
	}
	labels := doc(map[string]json.RawMessage{"id": json.RawMessage(`"7"`)})["labels"].(map[string]any)
	if labels["id"] != "7" || labels["host_owner"] != "network team" {
		t.Errorf("what is kept and what tables found do not stand together: %v", labels)
	}
}

// only is the part of got whose keys want has.
func only(got, want any) any {
	g, ok1 := got.(map[string]any)
	w, ok2 := want.(map[string]any)
	if !ok1 || !ok2 {
		return got
	}
	out := map[string]any{}
	for k := range w {
		if v, ok := g[k]; ok {
			out[k] = only(v, w[k])
		}
	}
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// TestEnrichFaults: each with its place, and with those of the files.
func TestEnrichFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		s, err := parse(text)
		if err == nil {
			_, err = s.sources()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
	f("enrich:\n  a: {kind: geo, file: x}\n", "s.yml:2:13: a: unknown kind \"geo\"; did you mean geoip?")
	f("enrich:\n  a: {kind: geoip}\n", "s.yml:2:6: a: file: is missing")
	f("enrich:\n  a:\n    kind: networks\n    internal: [10.0.0.0/99]\n", "s.yml:4:15: a: internal: \"10.0.0.0/99\" is no address and no CIDR range")
	f("enrich:\n  a:\n    kind: indicators\n    file: x\n    format: yaml\n", "s.yml:5:13: format: \"yaml\" is none of auto, lines, csv, stix, misp")
	f("enrich:\n  a:\n    kind: indicators\n    file: x\n    colums: {value: 2}\n", "s.yml:5:5: unknown key colums; did you mean columns?")
	f("enrich:\n  a: {kind: user_agents, cache: 1}\n", "s.yml:2:33: a: cache: must be 16 to 1048576")
	f("enrich:\n  a: {kind: assets, file: /nowhere/x.csv}\n", "s.yml:2:27: enrich: a: /nowhere/x.csv: no such file")
	f("packs: {paths: [/nowhere/p]}\n", "s.yml:1:17: packs.paths: /nowhere/p: no such file")
	f("rules:\n  paths:\n  - /nowhere/r\n", "s.yml:3:5: rules.paths: /nowhere/r: no such file")
	f("rules: {mappings: /nowhere/m.yml}\n", "s.yml:1:19: rules.mappings: /nowhere/m.yml: no such file")
	bad := filepath.Join(t.TempDir(), "m.csv")
	write(t, bad, "ip,owner\n192.0.2.1,ada\n192.0.2.256,bob\n")
	f("enrich:\n  a: {kind: assets, file: "+bad+"}\n", "s.yml:2:27: enrich: a: "+bad+":3: ip: \"192.0.2.256\" is no address")
}

// TestCheckTellsAll: a fault of the configuration hides none of tables and rules.
func TestCheckTellsAll(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "s.yml")
	write(t, filepath.Join(dir, "m.csv"), "ip,owner\n192.0.2.256,bob\n")
	write(t, filepath.Join(dir, "r.yml"), "id: x\n")
	write(t, conf, "inputs:\n  a: {kind: syslog, udp: nowhere}\nenrich:\n  t: {kind: assets, file: "+dir+"/m.csv}\n  g: {kind: geoip}\n")
	_, err := Check(conf)
	for _, want := range []string{"s.yml:2:26: a: udp", "s.yml:5:6: g: file: is missing", "enrich: t: " + dir + "/m.csv:2: ip:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != 3 {
		t.Errorf("%d faults:\n%v", got, err)
	}
	write(t, conf, "inputs:\n  a: {kind: syslog, udp: nowhere}\nrules:\n  paths: ["+dir+"/r.yml]\n")
	if _, err = Check(conf); err == nil || !strings.Contains(err.Error(), "s.yml:2:26: a: udp") || !strings.Contains(err.Error(), dir+"/r.yml:1:1: ") {
		t.Errorf("%v\nwant the faults of input and rule", err)
	}
}

// TestCheckTellsInOrder: faults of paths and certificates stand among those of keys, from the top of the file.
func TestCheckTellsInOrder(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "s.yml")
	write(t, conf, `rules: {paths: [nowhere]}
inputs:
  a:
    kind: syslog
    tls: ":0"
    cert: /nowhere/c.pem
    key: /nowhere/k.pem
    zone: Nirgends/Dorf
packs: {paths: [/nowhere/p]}
kafka:
  brokers: ["127.0.0.1:9092"]
  tls: {ca_file: /nowhere/ca.pem}
enrich:
  g: {kind: geo}
`)
	_, err := Check(conf)
	if err == nil {
		t.Fatal("no fault")
	}
	wd, _ := os.Getwd()
	want := []string{
		":1:17: rules.paths: nowhere: no such file or directory; relative paths start at the working directory, here " + wd,
		":6:11: inputs.a: cert, key: ",
		":8:11: a: zone: ",
		":9:17: packs.paths: /nowhere/p: no such file or directory",
		":12:18: kafka: tls.ca_file: ",
		":14:13: g: unknown kind",
	}
	got := strings.Split(err.Error(), "\n")
	for i, line := range got {
		if i >= len(want) || !strings.HasPrefix(line, conf+want[i]) {
			t.Errorf("fault %d is %s", i, line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d faults, want %d", len(got), len(want))
	}
}

// TestCheckWarnsOfEmptyPaths: a folder without rules is no fault, and is not passed over in silence.
func TestCheckWarnsOfEmptyPaths(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "s.yml")
	for _, folder := range []string{"rules", "packs", "filled"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "rules", "mine.yml.txt"), "id: x\n")
	write(t, filepath.Join(dir, "filled", "one.yml"), "id: one\ntitle: One\nlevel: low\nkind: match\nwhen: user.name == \"root\"\n")
	write(t, conf, "data: "+dir+"/data\nrules: {library: false, paths: ["+dir+"/rules, "+dir+"/filled]}\npacks: {paths: ["+dir+"/packs]}\ninputs:\n  logs: {kind: file_tail, paths: ["+dir+"/*.log]}\n")
	got, err := Check(conf)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{":2:33: rules.paths: " + dir + "/rules holds no rules", ":3:17: packs.paths: " + dir + "/packs holds no packs"}
	if len(got.Warnings) != len(want) {
		t.Fatalf("warnings %q", got.Warnings)
	}
	for i, w := range got.Warnings {
		if !strings.HasPrefix(w, conf+want[i]) {
			t.Errorf("warning %s", w)
		}
	}
}

// TestRulesReadTables: a rule may name a column, and what an indicator says.
func TestRulesReadTables(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m.csv"), "ip,tier\n192.0.2.1,one\n")
	write(t, filepath.Join(dir, "bad.txt"), "203.0.113.9\n")
	const head = "title: T\nstatus: stable\nlevel: high\nkind: match\n"
	write(t, filepath.Join(dir, "a.yml"), "id: 4c8a26ab-1c5e-4a0a-9d0c-000000000001\n"+head+"when: labels.destination_tier == \"one\"\n")
	write(t, filepath.Join(dir, "b.yml"), "id: 4c8a26ab-1c5e-4a0a-9d0c-000000000002\n"+head+"when: threat.indicator.type == \"ipv4-addr\"\n")
	s, err := parse("rules: {library: false, paths: [" + dir + "]}\nenrich:\n  m: {kind: assets, file: " + dir + "/m.csv}\n  bad: {kind: indicators, file: " + dir + "/bad.txt}\n")
	if err != nil {
		t.Fatal(err)
	}
	src, err := s.sources()
	if err != nil {
		t.Fatal(err)
	}
	set, err := pipeline.Build(src)
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatch(set, Reading{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)})
	r, err := b.Process(Record{Raw: []byte("<166>Mar  2 2026 09:00:00 fw1 : %ASA-6-302013: Built inbound TCP connection 7 for outside:203.0.113.9/4711 (203.0.113.9/4711) to dmz:192.0.2.1/443 (192.0.2.1/443)")})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Matches) != 2 {
		t.Errorf("%d rules match: %s", len(r.Matches), r.Event.AppendJSON(nil))
	}
}

// TestTablesReload: a changed file counts without a restart, a faulty one changes nothing,
// and another column is a field that is there.
func TestTablesReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.csv")
	write(t, file, "ip,owner\n192.0.2.1,ada\n")
	s, err := parse("enrich:\n  machines: {kind: assets, file: " + file + "}\n")
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{roles: []string{roleProcess}, log: slog.New(slog.DiscardHandler), now: time.Now}
	n.health = newHealth(n)
	b, err := n.build(s)
	if err != nil {
		t.Fatal(err)
	}
	n.settings.Store(s)
	n.set.Store(b.set)
	labels := func() string {
		r, err := NewBatch(n.set.Load(), Reading{}).Process(Record{Raw: []byte("<86>Mar  2 09:00:00 h sshd[7]: Failed password for x from 192.0.2.1 port 4711 ssh2")})
		if err != nil {
			t.Fatal(err)
		}
		f, _ := n.set.Load().Schema.Lookup("labels")
		return r.Event.Text(f)
	}
	f := func(text, want string, rulesStay bool) {
		t.Helper()
		before := n.set.Load()
		write(t, file, text)
		time.Sleep(2*tablesEvery + time.Second)
		synctest.Wait()
		if got := labels(); got != want {
			t.Errorf("after %q: %s, want %s", text, got, want)
		}
		if stay := n.set.Load().Rules == before.Rules; stay != rulesStay {
			t.Errorf("after %q: the rules stay: %v", text, stay)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer stop()
		go n.watchTables(ctx)
		synctest.Wait()
		f("ip,owner\n192.0.2.1,bob and company\n", `{"source_owner":"bob and company"}`, true)
		f("ip,owner\nno address,ada\n", `{"source_owner":"bob and company"}`, true)
		f("ip,owner\n192.0.2.1,carol\n", `{"source_owner":"carol"}`, true)
		f("ip,owner,site\n192.0.2.1,carol,Berlin\n", `{"source_owner":"carol","source_site":"Berlin"}`, false)
	})
	if f, ok := n.set.Load().Schema.Lookup("labels.source_site"); !ok || f == 0 {
		t.Error("a new column is no field")
	}
}

// TestTablesAreWhole: a file that is being written is taken when it is whole, and one that has changed since it
// was read at the start, or by a reload, is not taken for that one.
func TestTablesAreWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bad.txt")
	write(t, file, "192.0.2.1\n")
	read := func() (*Settings, error) { return parse("enrich:\n  bad: {kind: indicators, file: " + file + "}\n") }
	n := &Node{opt: Options{Settings: read}, roles: []string{roleProcess}, log: slog.New(slog.DiscardHandler), now: time.Now}
	n.health = newHealth(n)
	load := func() {
		t.Helper()
		s, err := n.read()
		if err != nil {
			t.Fatal(err)
		}
		b, err := n.build(s)
		if err != nil {
			t.Fatal(err)
		}
		n.settings.Store(s)
		n.set.Store(b.set)
	}
	size := func(want int) {
		t.Helper()
		if got := n.set.Load().Tables.Tables()[0].Table.Size(); got != want {
			t.Errorf("%d entries, want %d", got, want)
		}
	}
	load()
	write(t, file, "192.0.2.1\n192.0.2.2\n")
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer stop()
		go n.watchTables(ctx)
		wait := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		wait(3 * tablesEvery)
		size(2)
		load()
		write(t, file, "192.0.2.1\n192.0.2.2\n192.0.2.3\n")
		wait(3 * tablesEvery)
		size(3)
		for i := range 20 { // a download
			write(t, file, strings.Repeat("198.51.100.0/24\n", i)+"192.0.2.9\n")
			wait(time.Second)
			size(3)
		}
		wait(3 * tablesEvery)
		size(2)
	})
}

// TestTableIsBounded: what is too large is not read before it is refused.
func TestTableIsBounded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "large.mmdb")
	write(t, file, "")
	if err := os.Truncate(file, maxTable+1); err != nil {
		t.Skip(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, _, err := tableFiles(os.DevNull); err == nil || !strings.Contains(err.Error(), "is neither a file nor a folder") {
		t.Errorf("a device: %v", err)
	}
	if _, _, err := tableFiles(file); err == nil || !strings.Contains(err.Error(), "more than 2147483648 bytes") {
		t.Error(err)
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 1<<20 {
		t.Errorf("%d bytes were taken to refuse it", after.TotalAlloc-before.TotalAlloc)
	}
}
