package normalize_test

import (
	"slices"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
	"sluice/schemas"
)

// The same host stands once in related.hosts: as host.name spells it where a pack put
// it there in lower case, and as the source spells it everywhere else.
func TestRelatedHost(t *testing.T) {
	f := verbCase(t)
	f("- pattern: \"{host.hostname} {_x}\"\n- compute: {host.name: lower(host.hostname)}", "FS-01 x", "related.hosts", "fs-01")
	f("- pattern: \"{host.hostname} {host.name}\"", "fs-01 fs-01.example.com", "related.hosts", "fs-01")
	f("- pattern: \"{host.hostname}\"", "FS-01", "related.hosts", "FS-01")
}

// A hyphen is no name: nobody would find anything by it.
func TestNothing(t *testing.T) {
	f := verbCase(t)
	f("- pattern: \"{user.name} {source:addr}\"", "- -", "user.name", "")
	f("- pattern: \"{user.name} {source:addr}\"", "- -", "related.user", "")
	f("- pattern: \"{user.name} {source:addr}\"", "- -", "source.address", "")
	f("- pattern: \"{user.name} {source:addr}\"", "ann a-b", "related.hosts", "a-b")
}

// A digest is found by one spelling, whatever the source's was; what ECS has in upper case, and what is no digest, stays.
func TestDigests(t *testing.T) {
	f := verbCase(t)
	const md5, lower = "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"
	for _, field := range []string{"file.hash.md5", "process.parent.hash.md5", "process.pe.imphash", "tls.client.ja3"} {
		f("- pattern: \"{"+field+"}\"", md5, field, lower)
		f("- pattern: \"{"+field+"}\"", md5, "related.hash", lower)
	}
	f("- pattern: \"{tls.server.hash.sha1}\"", md5, "tls.server.hash.sha1", md5)
	f("- pattern: \"{file.hash.md5}\"", "Absent", "file.hash.md5", "Absent")
}

// What a pack says is unrelated stands in no list; a field that never does is a fault.
func TestUnrelated(t *testing.T) {
	pack := func(more string) []normalize.File {
		return []normalize.File{{Name: "p.yml", Text: []byte("pack: a_b\nlast_resort: true\n" + more + "steps:\n- pattern: \"{host.ip} {source.ip}\"\n")}}
	}
	for more, want := range map[string]string{"": "192.0.2.1|192.0.2.2", "unrelated: [host.ip]\n": "192.0.2.2"} {
		w := open(t, pack(more)).NewWorker()
		ev, _ := w.Normalize(&event.Raw{Bytes: []byte("192.0.2.1 192.0.2.2"), Received: received}, "", received)
		f, _ := ev.Schema().Lookup("related.ip")
		if got := slices.Sorted(slices.Values(ev.List(f))); strings.Join(got, "|") != want {
			t.Errorf("%s%v, want %s", more, got, want)
		}
	}
	files := pack("unrelated: [user.id]\n")
	own, err := normalize.Fields(files)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := event.New(append(schemas.ECS(), own...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := normalize.Load(schema, files); err == nil || !strings.Contains(err.Error(), "p.yml:3:13: user.id goes into no list") {
		t.Errorf("a field that goes into no list: %v", err)
	}
}
