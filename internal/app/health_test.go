package app

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/bus"
	"sluice/internal/certtest"
	"sluice/internal/metrics"
	"sluice/journal"
	"sluice/pipeline"
	"sluice/rules"
	"sluice/sinks/elasticsearch"
)

// TestHeldSendersShow: readiness says that senders wait, without naming files to those who
// are not logged in, and no more when the bus takes again.
func TestHeldSendersShow(t *testing.T) {
	n := &Node{now: time.Now}
	n.settings.Store(&Settings{})
	n.health = newHealth(n)
	f := func(why error, want string) {
		t.Helper()
		n.health.hold("net", why)
		var all strings.Builder
		for _, p := range n.health.Ready(t.Context()) {
			fmt.Fprintf(&all, "%s: %s, %t", p.Part, p.Reason, p.Warning)
		}
		if got := all.String(); !strings.Contains(got, want) || want == "" && got != "" || strings.Contains(got, "/data") {
			t.Errorf("%q, want %q", got, want)
		}
		scrape := httptest.NewRecorder()
		metrics.Handler().ServeHTTP(scrape, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if waits := strings.Contains(scrape.Body.String(), `sluice_ingest_waiting{input="net"} 1`); waits != (why != nil) {
			t.Errorf("the metric says that senders wait: %t, because of %v", waits, why)
		}
	}
	f(fmt.Errorf("%w: 9 bytes are not processed yet", bus.ErrFull), "the bus is full, true")
	f(nil, "")
	f(fmt.Errorf("%w: write /data/bus/1.seg: %w", bus.ErrFull, syscall.ENOSPC), "the disk is full, true")
	f(nil, "")
	f(fmt.Errorf("write /data/bus/1.seg: %w", syscall.EDQUOT), "the disk quota is used up, true")
	f(nil, "")
	n.health.free = func() (int64, bool) { return 200 << 20, true }
	f(fmt.Errorf("%w: allocate: %w", bus.ErrFull, syscall.ENOSPC), "the disk has too little space: 200 MiB are left, and the bus sets aside more before it goes on, true")
	f(nil, "")
	n.health.free = func() (int64, bool) { return 0, false }
	n.health.inodes = func() (int64, bool) { return 0, true }
	f(fmt.Errorf("%w: write /data/bus/1.seg: %w", bus.ErrFull, syscall.ENOSPC), "the disk takes no more files, all its inodes are in use (df -i), true")
	n.health.inodes = func() (int64, bool) { return fewInodes, true }
	f(fmt.Errorf("%w: write /data/bus/1.seg: %w", bus.ErrFull, syscall.ENOSPC), "the disk is full, true")
	f(nil, "")
	f(errors.New("write /data/bus/1.seg: input/output error"), "the log says why, true")
	f(nil, "")
	n.health.free = func() (int64, bool) { return 0, false }
	start := time.Now()
	n.now = func() time.Time { return start }
	f(fmt.Errorf("write /data/bus/1.seg: %w", syscall.ENOSPC), "the disk is full, true")
	n.now = func() time.Time { return start.Add(waitsLong) }
	if got := n.health.Ready(t.Context()); len(got) != 1 || got[0].Warning {
		t.Errorf("senders that wait for long are no warning: nothing is taken. %+v", got)
	}
	f(nil, "")
}

// TestLittleSpaceShows: readiness says that a disk will be full, also while nobody sends.
func TestLittleSpaceShows(t *testing.T) {
	n := &Node{now: time.Now}
	n.settings.Store(&Settings{})
	h := newHealth(n)
	for free, want := range map[int64]int{0: 1, littleSpace - 1: 1, littleSpace: 0} {
		h.free = func() (int64, bool) { return free, true }
		if got := h.Ready(t.Context()); len(got) != want || want > 0 && (got[0].Part != "disk" || !got[0].Warning) {
			t.Errorf("%d bytes free: %+v", free, got)
		}
	}
	h.free = func() (int64, bool) { return littleSpace, true }
	for left, want := range map[int64]int{0: 1, fewInodes - 1: 1, fewInodes: 0} {
		h.inodes = func() (int64, bool) { return left, true }
		if got := h.Ready(t.Context()); len(got) != want || want > 0 && !strings.Contains(got[0].Reason, fmt.Sprintf("%d inodes are left", left)) {
			t.Errorf("%d inodes free: %+v", left, got)
		}
	}
	n.dir = &dataDir{path: t.TempDir()}
	if free, known := newHealth(n).free(); !known || free <= 0 {
		t.Errorf("%d bytes are free, known: %t", free, known)
	}
}

// TestJournalDamageShows: readiness and the log tell that the journal lost something, the log alone
// where; an append that never finished is no loss.
func TestJournalDamageShows(t *testing.T) {
	var log strings.Builder
	n := &Node{now: time.Now, log: slog.New(slog.NewTextHandler(&log, nil)), dir: &dataDir{path: t.TempDir()}}
	n.settings.Store(&Settings{})
	h := newHealth(n)
	h.damaged(journal.Damage{Segment: "1.seg", Length: 9, Torn: true})
	if got := h.Ready(t.Context()); len(got) != 0 || !strings.Contains(log.String(), "1.seg: cut 9 bytes") {
		t.Errorf("of a torn tail: %+v, %s", got, log.String())
	}
	h.damaged(journal.Damage{Gone: true})
	h.damaged(journal.Damage{Segment: "2.seg", Length: 9, First: 3, Last: 4})
	f := func(when string, want int) {
		t.Helper()
		got := newHealth(n).Ready(t.Context())
		if want == 0 && len(got) != 0 || want > 0 && (len(got) != 1 || got[0].Part != "journal" || !got[0].Warning || !strings.HasPrefix(got[0].Reason, fmt.Sprintf("%d damaged places", want)) || strings.Contains(got[0].Reason, n.dir.path)) {
			t.Errorf("%s: %+v, want %d places", when, got, want)
		}
	}
	f("found", 2)
	if !strings.Contains(log.String(), "every segment is gone") {
		t.Errorf("the log does not say what: %s", log.String())
	}
	n.dir = &dataDir{path: n.dir.path}
	f("behind a restart", 2)
	newHealth(n).damaged(journal.Damage{Segment: "2.seg", Length: 9, First: 3, Last: 4})
	f("found again", 2)
	if err := os.Remove(filepath.Join(n.dir.path, "losses")); err != nil {
		t.Error(err)
	}
	f("dealt with", 0)
	n.dir.path = filepath.Join(n.dir.path, "is not there")
	newHealth(n).damaged(journal.Damage{Gone: true})
	f("on a disk that takes nothing", 1)
}

// TestStoreDamageShows: and that the store lost something.
func TestStoreDamageShows(t *testing.T) {
	n := &Node{now: time.Now, log: slog.New(slog.DiscardHandler), dir: &dataDir{path: t.TempDir()}, mem: budget(defaultMemory)}
	s := &Settings{Elasticsearch: elasticsearch.Defaults().(*elasticsearch.Settings)}
	n.settings.Store(s)
	f := func(want string) {
		t.Helper()
		if err := errors.Join(n.openIndex(s), n.store.Close()); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, p := range newHealth(n).lost() {
			fmt.Fprintf(&got, "%s: %s", p.Part, p.Reason)
		}
		if !strings.HasPrefix(got.String(), want) || want == "" && got.Len() > 0 {
			t.Errorf("%q, want %q", &got, want)
		}
	}
	remove := func(name string) {
		t.Helper()
		if err := os.RemoveAll(n.dir.join(name)); err != nil {
			t.Fatal(err)
		}
	}
	f("")
	logs, _ := filepath.Glob(n.dir.join("store/wal/*.seg"))
	if len(logs) != 1 {
		t.Fatal(logs)
	}
	remove(strings.TrimPrefix(logs[0], n.dir.path+"/"))
	f("store: 1 damaged places")
	remove("losses")
	f("")
	remove("store")
	f("data directory: the built-in store is gone")
	remove("losses")
	f("")
}

// reloadable is a node without roles that runs what read gives now.
func reloadable(t *testing.T, read func() (*Settings, error)) *Node {
	t.Helper()
	n := &Node{now: time.Now, log: slog.New(slog.DiscardHandler), stats: newRuleStats(time.Now)}
	n.opt.Settings = read
	s, err := n.read()
	if err != nil {
		t.Fatal(err)
	}
	n.settings.Store(s)
	b, err := n.build(s)
	if err != nil {
		t.Fatal(err)
	}
	n.set.Store(b.set)
	n.health = newHealth(n)
	return n
}

// TestStaleConfigurationShows: readiness says that the configuration was not taken over, and
// no more when the next one was; what the file holds is only in the log.
func TestStaleConfigurationShows(t *testing.T) {
	var fault error
	s := &Settings{}
	n := reloadable(t, func() (*Settings, error) { return s, fault })
	f := func(why error, want string) {
		t.Helper()
		fault = why
		if err := n.Reload(t.Context()); (err == nil) != (why == nil) {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, p := range n.health.Ready(t.Context()) {
			fmt.Fprintf(&all, "%s: %s, %t", p.Part, p.Reason, p.Warning)
		}
		if got := all.String(); !strings.HasPrefix(got, want) || want == "" && got != "" || strings.Contains(got, "hunter2") {
			t.Errorf("%q, want %q", got, want)
		}
		scrape := httptest.NewRecorder()
		metrics.Handler().ServeHTTP(scrape, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if got := strings.Contains(scrape.Body.String(), "\nsluice_config_stale 1\n"); got != (why != nil) {
			t.Errorf("sluice_config_stale is 1: %t", got)
		}
	}
	f(nil, "")
	f(errors.New("s.yml:3:5: pasword: hunter2"), "configuration: what was read at ")
	f(nil, "")
}

// TestDegradedRulesShowOnce: a rule that is degraded in several partitions is one line, with what all of them lost.
func TestDegradedRulesShowOnce(t *testing.T) {
	n := &Node{now: time.Now}
	n.settings.Store(&Settings{})
	n.health = newHealth(n)
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	set, err := pipeline.Build(pipeline.Sources{Rules: []rules.File{{Name: "/etc/sluice/rules/bee.yml", Text: []byte("id: b\ntitle: Bee\nlevel: low\nkind: match\nwhen: user.name == \"root\"\n")}}})
	if err != nil {
		t.Fatal(err)
	}
	n.set.Store(set)
	n.health.degrade(0, []rules.Degraded{{Rule: "b", Reason: "late", Since: at.Add(time.Minute), Count: 3}, {Rule: "a", Reason: "full", Since: at, Count: 1}})
	n.health.degrade(1, []rules.Degraded{{Rule: "b", Reason: "late", Since: at, Count: 4}})
	var got []string
	for _, p := range n.health.Ready(t.Context()) {
		got = append(got, p.Part+": "+p.Reason)
	}
	want := []string{"rule a: degraded since 2026-03-02T08:00:00Z: full (1 entries)", "rule b: Bee (bee.yml:1): degraded since 2026-03-02T08:00:00Z: late (7 entries)"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestNotReadyBeforeInputs: the console serves before the inputs are started, and does not call
// ready what refuses its senders.
func TestNotReadyBeforeInputs(t *testing.T) {
	s, err := parse("inputs: {office: {kind: syslog, udp: \"127.0.0.1:0\"}}\n")
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{now: time.Now, log: slog.New(slog.DiscardHandler)}
	n.settings.Store(s)
	n.inputs = newInputs(n, t.Context())
	if got := n.inputs.problems(); len(got) != 1 || !errors.Is(got["office"], errOpening) {
		t.Errorf("before they are started: %v", got)
	}
	n.inputs.apply(nil)
	if got := n.inputs.problems(); len(got) != 0 {
		t.Errorf("once they are started: %v", got)
	}
}

// TestBrokenCertificateIsStale: readiness warns of a reload that fails for a certificate, though the
// configuration's text is the one that runs.
func TestBrokenCertificateIsStale(t *testing.T) {
	pair := certtest.New(t)
	text := fmt.Sprintf("inputs: {office: {kind: syslog, tls: \"127.0.0.1:0\", cert: %q, key: %q}}\n", pair.Cert, pair.Key)
	n := reloadable(t, func() (*Settings, error) { return parse(text) })
	if err := os.WriteFile(pair.Cert, []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := n.Reload(t.Context()); err == nil {
		t.Error("a certificate that is none was taken")
	}
	if got := n.health.Ready(t.Context()); len(got) != 2 || !got[0].Warning || got[0].Part != "certificates" || got[1].Part != "configuration" {
		t.Errorf("ready says %v", got)
	}
}

// TestCertificateEnds: readiness warns of a certificate whose time is over, without the name of its
// file, until there is another.
func TestCertificateEnds(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	renew := func(until time.Duration) {
		t.Helper()
		if _, err := certtest.Write(cert, key, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(until) }); err != nil {
			t.Fatal(err)
		}
	}
	renew(-time.Minute)
	text := fmt.Sprintf("inputs: {office: {kind: syslog, tls: \"127.0.0.1:0\", cert: %q, key: %q}}\n", cert, key)
	n := reloadable(t, func() (*Settings, error) { return parse(text) })
	got := n.health.Ready(t.Context())
	if len(got) != 1 || !got[0].Warning || got[0].Part != "input office" || strings.Contains(got[0].Reason, "cert.pem") {
		t.Errorf("ready says %v", got)
	}
	renew(time.Hour)
	if again := n.health.Ready(t.Context()); len(again) != 1 {
		t.Errorf("within the minute ready says %v", again)
	}
	n.health.certsAt = time.Time{}
	if got := n.health.Ready(t.Context()); len(got) != 0 {
		t.Errorf("with a renewed certificate ready says %v", got)
	}
}

// TestReloadWithoutCertificate: a certificate that cannot be read is found before anything changes,
// so that the inputs that work go on.
func TestReloadWithoutCertificate(t *testing.T) {
	text := "inputs: {office: {kind: syslog, udp: \"127.0.0.1:0\"}}\n"
	n := reloadable(t, func() (*Settings, error) { return parse(text) })
	s := n.settings.Load()
	text = "inputs:\n  office: {kind: syslog, tls: \"127.0.0.1:0\", cert: gone.pem, key: gone.key}\n"
	err := n.Reload(t.Context())
	var wrong *ConfigError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), ":2:") || !strings.Contains(err.Error(), "gone.pem") {
		t.Errorf("reload: %v", err)
	}
	if n.settings.Load() != s {
		t.Error("the settings were taken over")
	}
	if got := n.health.Ready(t.Context()); len(got) != 1 || got[0].Part != "configuration" {
		t.Errorf("readiness: %+v", got)
	}
}

// TestReloadOntoATakenPort: an address that another program has is found before anything changes, so that the
// listeners that work stay; those that stay themselves are not asked.
func TestReloadOntoATakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	text := fmt.Sprintf("inputs:\n  office: {kind: syslog, udp: %q}\n", u.LocalAddr())
	n := reloadable(t, func() (*Settings, error) { return parse(text) })
	n.inputs = newInputs(n, t.Context())
	n.inputs.apply(nil)
	s := n.settings.Load()
	text += fmt.Sprintf("  branch: {kind: syslog, tcp: [\"127.0.0.1:0\", %q]}\n", l.Addr())
	err = n.Reload(t.Context())
	var wrong *ConfigError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), ":3:47: branch: bind tcp "+l.Addr().String()) || strings.Contains(err.Error(), "office") {
		t.Errorf("reload: %v", err)
	}
	if n.settings.Load() != s {
		t.Error("the settings were taken over")
	}
}

// TestFaultyRulesAreNoStaleConfiguration: where only the rules have faults, readiness says so
// of them, until they are mended; a configuration that changed with them waits.
func TestFaultyRulesAreNoStaleConfiguration(t *testing.T) {
	dir := t.TempDir()
	write := func(when string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "r.yml"), []byte("id: r\ntitle: R\nlevel: low\nkind: match\nwhen: "+when+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("has(user.name)")
	zone := ""
	n := reloadable(t, func() (*Settings, error) {
		return parse("rules: {library: false, paths: [" + dir + "]}\nname: sluice" + zone + "\n")
	})
	parts := func(want string) {
		t.Helper()
		got := ""
		for _, p := range n.health.Ready(t.Context()) {
			got += p.Part + ";"
		}
		if got != want {
			t.Errorf("problems with %q, want %q", got, want)
		}
	}
	write("has(usr.name)")
	if n.Reload(t.Context()) == nil {
		t.Error("faulty rules were taken")
	}
	parts("rules;")
	zone = "2"
	if n.Reload(t.Context()) == nil {
		t.Error("faulty rules were taken")
	}
	parts("configuration;rules;")
	zone = ""
	write("has(user.name)")
	if err := n.reloadRules(); err != nil {
		t.Error(err)
	}
	parts("configuration;")
	if err := n.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	parts("")
}

// TestUnreadableFile: a start that ends at a file which the disk does not read says which one, and what to do.
func TestUnreadableFile(t *testing.T) {
	bad := &os.PathError{Op: "read", Path: "/data/bus/1.seg", Err: syscall.EIO}
	if err := unreadable(fmt.Errorf("open the journal: %w", bad)); !strings.Contains(err.Error(), "/data/bus/1.seg") || !strings.Contains(err.Error(), "dd if=") {
		t.Error(err)
	}
	bad.Op = "write"
	if err := unreadable(bad); strings.Contains(err.Error(), "dd if=") {
		t.Error(err)
	}
}

// TestVerifyOfAReadOnlyCopy: the system's own words say nothing of what to do.
func TestVerifyOfAReadOnlyCopy(t *testing.T) {
	err := writable(fmt.Errorf("verify the bus: %w", &os.PathError{Op: "open", Path: "/backup/bus/1.seg", Err: syscall.EROFS}))
	if !strings.Contains(err.Error(), "/backup/bus/1.seg") || !strings.Contains(err.Error(), "cp -a") {
		t.Error(err)
	}
	if again := writable(err); again.Error() != err.Error() {
		t.Errorf("it is said twice: %v", again)
	}
	if err := writable(nil); err != nil {
		t.Error(err)
	}
}
