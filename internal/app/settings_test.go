package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/config"
	"sluice/normalize"
)

func parse(text string) (*Settings, error) {
	return parseSettings("s.yml", []byte(text), config.Lookup{
		Env:      func(string) (string, bool) { return "", false },
		ReadFile: func(string) ([]byte, error) { return nil, errors.New("no such file") },
	})
}

// TestEveryFaultAtOnce: faults of syntax, of kinds and of values come together, each
// with its place and the nearest valid name.
func TestEveryFaultAtOnce(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := parse(text)
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s\n got %v\nwant %s", text, err, w)
			}
		}
	}
	f("imputs: {}\nlateness: 3h\nlimits:\n  memroy: 1GiB\n",
		"s.yml:1:1: unknown section imputs; did you mean inputs?", "lateness: 3h0m0s is not between 1s and 1h", "s.yml:4:3: unknown key memroy; did you mean memory?")
	f("inputs:\n  a:\n    kind: sylog\n    udp: x\n", "s.yml:3:11: a: unknown kind \"sylog\"; did you mean syslog?")
	f("inputs:\n  a:\n    udp: x\n", "s.yml:3:5: a: kind is missing: one of capture, file_tail, http, netflow, pcap, relp, syslog")
	f("inputs:\n  a:\n    kind: syslog\n    upd: \":514\"\n    namespace: Big-One\n", "s.yml:4:5: unknown key upd; did you mean udp?", "s.yml:5:16: a: namespace: \"Big-One\" must be lower-case")
	f("limits:\n  memory: much\n", "s.yml:2:11: memory: \"much\" is no size such as 512MiB or 20GB")
	f("limits:\n  memory: nan\n", "s.yml:2:11: memory: \"nan\" is no size such as 512MiB or 20GB")
	f("limits:\n  memory: 700KiB\n", "s.yml:2:11: limits: memory: 700.0 KiB is less than 128.0 MiB")
	f("retention:\n  size: 1MB\n  age: -24h\n  bus: -1s\n", "s.yml:2:9: retention: size: 976.6 KiB is less than 128.0 MiB, and the bus could hold nothing in its share")
	f("retention:\n  age: -24h\n", "s.yml:2:8: retention: age: -24h0m0s is negative")
	f("inputs:\n  a: {kind: syslog, udp: ':514', tcp: 127.0.0.1:514}\n  b: {kind: syslog, tcp: 127.0.0.1:514}\n", "s.yml:3:26: inputs: a and b both listen on tcp port 514")
	f("inputs:\n  a: {kind: syslog, udp: ':514'}\n  b: {kind: netflow, udp: 192.0.2.1:514}\n", "s.yml:3:27: inputs: a and b both listen on udp port 514")
	f("inputs:\n  a: {kind: syslog, udp: [':514', ':515', ':514']}\n", "s.yml:2:43: inputs: a and a both listen on udp port 514")
	f("inputs:\n  a: {kind: relp}\n  b:\n    kind: relp\n", "s.yml:4:5: inputs: a and b both listen on tcp port 2514")
	f("console:\n  listen: 127.0.0.1:514\ninputs:\n  a: {kind: syslog, tcp: ':514'}\n", "s.yml:2:11: console: a and the console both listen on tcp port 514")
	f("inputs:\n  a: {kind: syslog, unix: /dev/log}\n  b: {kind: syslog, unix_stream: /dev/log}\n", "s.yml:3:34: inputs: a and b both listen on /dev/log")
	f("inputs:\n  a: {kind: syslog, tls: '0.0.0.0:6514', cert: c, key: k, tcp: '127.0.0.1:6514'}\n", "s.yml:2:26: inputs: a and a both listen on tcp port 6514")
	f("ack: bus\n", "ack: bus needs a section kafka")
	f("health: 0.0.0.0:8515\n", "s.yml:1:9: health: listen: 0.0.0.0:8515 is reachable from other machines")
	f("data: ''\n", "s.yml:1:7: data: it is empty; name a directory, or leave the key out for its default")
	f("data: ~/sluice\n", "s.yml:1:7: data: ~ is a folder of that name in the working directory")
	f("name: branch office\n", "s.yml:1:7: name: \"branch office\" is no single word")
	f("name: ''\n", "s.yml:1:7: name: \"\" is no single word")
	f("inputs:\n  a: {kind: syslog, tcp: ':8514'}\n", "s.yml:2:26: inputs: a and the console both listen on tcp port 8514")
	f("inputs:\n  a: {kind: syslog, tcp: ':8515'}\nhealth: 127.0.0.1:8515\n", "s.yml:3:9: health: a and health both listen on tcp port 8515")
	f("inputs:\n  a: &a {kind: syslog, udp: ':514'}\n  b:\n    <<: *a\n", "s.yml:4:5: merge keys (<<) are not read")
	f("ack: maybe\n", "s.yml:1:6: ack:", "is not local or bus")
	f("channels:\n  m:\n    kind: webhook\n    policy: {}\n", "s.yml:4:5: unknown key policy; did you mean notify? (known here: kind, notify, url, secret, token, allow)", "s.yml:3:5: m: url: is missing: where to post, such as https://")
	f("channels:\n  m:\n    kind: webhook\n    url: https://example.com/x\n    notify:\n      tell: loud\n", "s.yml:6:13: m.notify: tell: \"loud\" is none of new, changes, all")
}

// TestFixedPack: an input's lines for a pack that does not exist would all be unparsed.
func TestFixedPack(t *testing.T) {
	for _, kind := range []string{"syslog, udp: ':514'", "file_tail, paths: [/var/log/x]", "relp, tcp: ':2514'", "http, tcp: '127.0.0.1:8088'"} {
		s, err := parse("inputs:\n  a: {kind: " + kind + ", pack: cisco_as}\n")
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("s.yml:2:%d: inputs.a: pack: no pack is called cisco_as; did you mean cisco_asa?", len("  a: {kind: , pack: ")+len(kind)+1)
		if _, err := buildRest(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", kind, err, want)
		}
	}
}

// TestOneFaultOfAValue: what cannot be read is not found out of bounds as well.
func TestOneFaultOfAValue(t *testing.T) {
	for text, want := range map[string]string{
		"lateness: banana\n": `s.yml:1:11: lateness: "banana" is not a duration such as 15s, 10m, 24h or 7d`,
		"inputs:\n  a: {kind: syslog, udp: ':514', max_line: 1MiB}\n":                                           `s.yml:2:44: max_line: "1MiB" is not a whole number; write the bytes without a unit, such as 1048576`,
		"inputs:\n  a: {kind: pcap, files: [x], flows: {max_flows: 0, idle_timeout: 1, active_timeout: 25h}}\n": "s.yml:2:50: a: flows.max_flows: 0 is not between 16 and 10000000\ns.yml:2:67: idle_timeout: \"1\" is not a duration such as 15s, 10m, 24h or 7d\ns.yml:2:86: a: flows.active_timeout: 25h0m0s is not between 1s and 24h",
		"inputs:\n  a: {kind: syslog, udp: ':514', max_line: x}\n":                                              `s.yml:2:44: max_line: "x" is not a whole number`,
		"inputs:\n  a: {kind: syslog, tls: {listen: ':6514'}, tcp: x}\n":                                        "s.yml:2:26: tls: expected a text\ns.yml:2:50: a: tcp: \"x\" is no address; write host:port or \":port\"",
	} {
		if _, err := parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}

// TestWordsOfOthers: a key by the name that other programs have for it is told what it is called here.
func TestWordsOfOthers(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
	f("kafka: {bootstrap_servers: ['h:9092']}\n", "unknown key bootstrap_servers; did you mean brokers?")
	f("elasticsearch: {hosts: ['https://h:9200'], user: a}\n", "unknown key hosts; did you mean addresses?")
	f("inputs: {a: {kind: file_tail, files: [/var/log/x]}}\n", "unknown key files; did you mean paths?")
	f("inputs: {a: {kind: pcap, paths: [/var/log/x]}}\n", "unknown key paths; did you mean files?")
	f("channels: {a: {kind: email, server: h, recipients: [a@example.com]}}\n", "unknown key recipients; did you mean to?")
	f("channels: {a: {kind: slack, webhook_url: x}}\n", "unknown key webhook_url; did you mean url?")
}

// TestNoClash: one port twice is fine where the addresses or networks differ.
func TestNoClash(t *testing.T) {
	_, err := parse("inputs:\n  a: {kind: syslog, udp: 127.0.0.1:514, tcp: 127.0.0.1:514}\n  b: {kind: syslog, udp: 127.0.0.2:514, tcp: ['127.0.0.1:0', '127.0.0.1:0']}\n  c: {kind: netflow, udp: '[::1]:514'}\n  d: {kind: syslog, tcp: ['0.0.0.0:601', '[::1]:601']}\n")
	if err != nil {
		t.Error(err)
	}
}

func TestDefaults(t *testing.T) {
	s, err := parse("")
	if err != nil {
		t.Fatal(err)
	}
	if s.Main.Ack != AckLocal || s.Main.Lateness != 15*time.Second || !s.Rules.Library || s.Kafka != nil || len(s.Inputs) != 0 {
		t.Errorf("defaults = %+v", s)
	}
	s, err = parseSettings("(defaults)", []byte(NoFile), config.System)
	if err != nil || len(s.Inputs) != 1 || s.Inputs[0].Namespace != "default" {
		t.Errorf("no file: %+v, %v", s, err)
	}
}

// TestReadmeExample: the configuration that the README shows is right.
func TestReadmeExample(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```yaml\n")
	text, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README has no example")
	}
	s, err := parseSettings("README.md", []byte(text), config.Lookup{Env: os.LookupEnv, ReadFile: func(string) ([]byte, error) { return []byte("secret\n"), nil }})
	if err != nil || len(s.Inputs) != 2 || len(s.Channels) != 1 {
		t.Errorf("%+v\n%v", s, err)
	}
}

// readSchema decodes the schema of the configuration.
func readSchema(t *testing.T, into any) {
	t.Helper()
	text, err := ConfigSchema()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func TestSchemaKnowsEverySection(t *testing.T) {
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	readSchema(t, &schema)
	for _, name := range sections {
		if schema.Properties[name] == nil {
			t.Errorf("the schema has no %s", name)
		}
	}
	if len(schema.Properties) != len(sections) {
		t.Errorf("the schema has %d keys, the program %d", len(schema.Properties), len(sections))
	}
}

// TestSchemaDefaults: an editor shows what a key is for and what it has where no file names it.
func TestSchemaDefaults(t *testing.T) {
	var schema any
	readSchema(t, &schema)
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"default":"15s","description":"how far apart collectors may be (a duration such as 15s, 10m, 24h or 7d)"`,
		`"default":"0660","description":"who may write to them"`,
		`"default":"2m","description":"a flow ends after this silence (a duration such as 15s, 10m, 24h or 7d)"`,
		`"enum":["auto","octet","lf","nul"]`,
		`"default":12,"description":"of topics made here"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the schema has no %s", want)
		}
	}
}

func TestBytes(t *testing.T) {
	f := func(text string, want Bytes) {
		t.Helper()
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%s = %d, %v, want %d", text, b, err, want)
		}
	}
	f("512MiB", 512<<20)
	f("1.5 GB", 1_500_000_000)
	f("100", 100)
	f("7B", 7)
	for _, bad := range []string{"", "x", "-1MB", "9999999TiB"} {
		var b Bytes
		if err := b.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q passed as %d", bad, b)
		}
	}
}

func TestDataDir(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	d, err := openDataDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if st, err := os.Stat(filepath.Join(path, "VERSION")); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("VERSION: %v, %v", st, err)
	}
	if d.meta.MaxBytes <= 0 {
		t.Errorf("share of the disk = %d", d.meta.MaxBytes)
	}
	if _, err := openDataDir(path); err == nil || !strings.Contains(err.Error(), "in use by another sluice") {
		t.Errorf("a second process: %v", err)
	}
	share := d.meta.MaxBytes
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err = openDataDir(path); err != nil || d.meta.MaxBytes != share {
		t.Fatalf("second start: %+v, %v", d, err)
	}
	name := d.meta.Instance
	d.Close()
	version := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(path, "VERSION"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	version(fmt.Sprintf(`{"version": 1, "max_bytes": 7, "instance": %q}`, name))
	if d, err = openDataDir(path); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if text, err := os.ReadFile(filepath.Join(path, "VERSION")); err != nil || string(text) != fmt.Sprintf(`{"version":2,"max_bytes":7,"instance":%q}`+"\n", name) {
		t.Errorf("VERSION of an older layout after it was opened: %s %v", text, err)
	}
	version(`{"version": 99}`)
	if _, err := openDataDir(path); err == nil || !strings.Contains(err.Error(), "written by a newer sluice") {
		t.Errorf("a newer layout: %v", err)
	}
}

// TestDataDirLost: what was in the data directory and is not is told, at the start that finds it;
// a first start that was killed has lost nothing.
func TestDataDirLost(t *testing.T) {
	f := func(version bool, want string, folders ...string) {
		t.Helper()
		path := t.TempDir()
		err := os.Chmod(path, 0o700)
		if version {
			err = errors.Join(err, os.WriteFile(filepath.Join(path, "VERSION"), []byte(`{"version":2,"max_bytes":7,"instance":"sluice-a"}`), 0o600))
		}
		for _, name := range folders {
			err = errors.Join(err, os.Mkdir(filepath.Join(path, name), 0o700), os.WriteFile(filepath.Join(path, name, "a"), make([]byte, 1<<20), 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{want, want, ""} {
			if want == "" {
				_ = os.Remove(filepath.Join(path, "losses")) // somebody has dealt with it
			}
			d, err := openDataDir(path)
			if err != nil {
				t.Fatal(err)
			}
			d.needsJournal()
			n := &Node{now: time.Now, dir: d}
			n.settings.Store(&Settings{})
			var got strings.Builder
			for _, p := range newHealth(n).disk() {
				fmt.Fprintf(&got, "%s: %s, %t", p.Part, p.Reason, p.Warning)
			}
			if !strings.Contains(got.String(), want) || want == "" && got.Len() > 0 || strings.Contains(got.String(), path) {
				t.Errorf("%v, VERSION %t: %q, want %q", folders, version, &got, want)
			}
			_ = d.Close()
			if len(folders) > 0 { // as a bus makes one
				_ = os.Mkdir(filepath.Join(path, "bus"), 0o700)
				_ = os.WriteFile(filepath.Join(path, "bus", "name"), nil, 0o600)
			}
		}
	}
	f(false, "")
	f(true, "")
	f(true, "", "bus", "store")
	f(false, "data directory: VERSION is missing though there is data", "bus", "store")
	f(false, "VERSION is missing", "bus")
	f(true, "the journal is gone though the store is there", "store")
}

// TestForeignDataDir: root may use another user's directory, and is told whose it is.
func TestForeignDataDir(t *testing.T) {
	d, err := openDataDir(filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := d.foreign(); got != "" {
		t.Errorf("our own is %q's", got)
	}
	if os.Geteuid() != 0 {
		return // nobody else can give a directory away
	}
	if err := os.Chown(d.path, 64999, -1); err != nil {
		t.Fatal(err)
	}
	if got := d.foreign(); got != "64999" {
		t.Errorf("another's is %q's", got)
	}
}

func TestCgroupLimit(t *testing.T) {
	f := func(path, text string, want int64) {
		t.Helper()
		got := cgroupLimit(func(p string) ([]byte, error) {
			if p == path {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		})
		if got != want {
			t.Errorf("%s %q = %d, want %d", path, text, got, want)
		}
	}
	f("/sys/fs/cgroup/memory.max", "max\n", 0)
	f("/sys/fs/cgroup/memory.max", "1073741824\n", 1<<30)
	f("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n", 0)
	f("", "", 0)
}

// TestDataDirOfOthers: a directory that holds other people's files keeps its mode, and an
// empty volume is taken.
func TestDataDirOfOthers(t *testing.T) {
	f := func(entry string, mode fs.FileMode, taken bool) {
		t.Helper()
		path := t.TempDir()
		if err := errors.Join(os.Mkdir(filepath.Join(path, entry), 0o700), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		d, err := openDataDir(path)
		if (err == nil) != taken || err != nil && !strings.Contains(err.Error(), "holds "+entry+" and no VERSION") {
			t.Errorf("%s, %v: %v", entry, mode, err)
		}
		if err == nil {
			_ = d.Close()
		}
		if st, err := os.Stat(path); err != nil || !taken && st.Mode().Perm() != mode.Perm() {
			t.Errorf("%s, %v: it is %v now, %v", entry, mode, st.Mode(), err)
		}
	}
	f("home", 0o755, false)
	f("home", 0o700, true) // nobody is locked out
	f("lost+found", 0o755, true)
	f(".snapshot", 0o777, true)
	f("store", 0o755, true) // of a first start that was killed
}

// TestDataRefusal: check tells of a data directory that the start would refuse.
func TestDataRefusal(t *testing.T) {
	f := func(path, want string) {
		t.Helper()
		if got := dataRefusal(path); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q\nwant %q", path, got, want)
		}
		if _, err := os.Stat(path); want == "" && err == nil && filepath.Base(path) == "new" {
			t.Errorf("%s was made", path)
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, "x")
	f(filepath.Join(dir, "a", "new"), "")
	f(file, "is no directory")
	f(filepath.Join(file, "below"), "not a directory")
	write(t, filepath.Join(dir, "VERSION"), `{"version": 99}`)
	f(dir, "written by a newer sluice (layout 99")
	write(t, filepath.Join(dir, "VERSION"), `{"version": 2}`)
	f(dir, "")
	if os.Geteuid() != 0 {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		f(filepath.Join(dir, "new"), "cannot be written to: permission denied")
	}
}

// TestSame: a comment above a path moves it in the file, and changes nothing.
func TestSame(t *testing.T) {
	text := "packs: {paths: [/etc/packs]}\n"
	one, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	two, err := parse("# ours\n" + text)
	if err != nil || one.at("packs", "paths", "/etc/packs") == two.at("packs", "paths", "/etc/packs") {
		t.Fatalf("%v: %s has not moved", err, two.at("packs", "paths", "/etc/packs"))
	}
	if !one.same(two) {
		t.Error("a comment is a change")
	}
	three, err := parse("packs: {paths: [/etc/others]}\n")
	if err != nil || one.same(three) {
		t.Errorf("%v: another path is no change", err)
	}
}

// TestPackOrder: a pack of one's own stands by its name among those that ship, where the one did that it replaces.
func TestPackOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"cisco_asa", "acme_proxy"} {
		file := filepath.Join(dir, name, "pack.yml")
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("pack: "+name+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := parse("packs: {paths: [" + dir + "]}\n")
	if err != nil {
		t.Fatal(err)
	}
	src, err := s.sources()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	ours := 0
	for _, f := range src.Packs {
		got = append(got, packName(f.Name))
		if strings.HasPrefix(f.Name, dir) {
			ours++
		}
	}
	if want := len(normalize.Shipped()) + 1; len(got) != want || ours != 2 || !slices.IsSorted(got) {
		t.Errorf("%d packs, %d of them ours, sorted: %t; want %d, 2 and true", len(got), ours, slices.IsSorted(got), want)
	}
}

// TestOwnFolders: the data directory, by its name and where a link leads, and the archives.
func TestOwnFolders(t *testing.T) {
	dir := t.TempDir()
	data, link := filepath.Join(dir, "data"), filepath.Join(dir, "link")
	if err := errors.Join(os.Mkdir(data, 0o700), os.Symlink(data, link)); err != nil {
		t.Fatal(err)
	}
	s, err := parse("data: " + link + "\narchives:\n  a: {kind: file, path: " + dir + "/new}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.own(), []string{link, data, dir + "/new"}; !slices.Equal(got, want) {
		t.Errorf("own folders are %v, want %v", got, want)
	}
}

// TestCheckOutlivesFaults: what a fault of the configuration leaves of a number breaks no later check.
func TestCheckOutlivesFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.yml")
	if err := os.WriteFile(path, []byte("kafka:\n  brokers: [127.0.0.1:9092]\n  partitions: 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(path); err == nil || !strings.Contains(err.Error(), "s.yml:3:15: kafka: partitions: 0 is not between 1 and 1000") {
		t.Error(err)
	}
}

// TestNothingBehindKeys: a key of a list with nothing behind it means its default, and not a list of one
// entry that fits everything.
func TestNothingBehindKeys(t *testing.T) {
	s, err := parse("channels:\n  a:\n    kind: slack\n    url: https://hooks.slack.com/services/x\n    notify:\n      route:\n      silence:\n      group:\n        by:\n")
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Channels[0].Policy; len(p.Route) != 0 || len(p.Silence) != 0 || len(p.Group.By) != 2 {
		t.Errorf("%+v", p)
	}
}
