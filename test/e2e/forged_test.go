package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// TestForgedFields: what an event claims to be our own fields is overwritten, what
// looks like code or like the end of a line is data, and one frame is one event.
func TestForgedFields(t *testing.T) {
	w := testbed.New(t, testbed.Real(), "lateness: 2s\n")
	w.Rules(rules)
	w.Up()
	w.AwaitReady(time.Minute)
	const claims = `"_id":"forged","_index":"forged","id":"forged","sluice.id":"forged","sluice":{"id":"forged","pack":"forged","part":7,"unparsed":"forged","alert":{"id":"forged"}},` +
		`"event.original":"forged","event.ingested":"1999-01-01T00:00:00Z","event":{"ingested":"1999-01-01T00:00:00Z","created":"1999-01-01T00:00:00Z","original":"forged"},` +
		`"ecs":{"version":"forged"},"data_stream":{"namespace":"forged"},"log":{"source":{"address":"forged"}}`
	stamp := time.Now().UTC().Format("2006-01-02T15:04:05.000000-0700")
	lines := []string{
		fmt.Sprintf(`{"timestamp":"%s","flow_id":1,"event_type":"alert","src_ip":"192.0.2.1","src_port":1,"dest_ip":"192.0.2.2","dest_port":2,"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":1,"rev":1,"signature":"x","category":"y","severity":3},%s}`, stamp, claims),
		fmt.Sprintf(`{"EventID":4624,"Channel":"Security","Computer":"host1","Provider_Name":"Microsoft-Windows-Security-Auditing",%s}`, claims),
		head + "json[1]: {" + claims + "}",
		head + "kv[1]: _id=forged sluice.id=forged event.ingested=1999-01-01T00:00:00Z id=forged",
		head + `tmpl[1]: {{ .Secret }} {{range .}} ${jndi:ldap://127.0.0.1/x} ${HOME} %{event.original} %{[@metadata]} $(id) <script>alert(1)</script>`,
		head + "crlf[1]: one\r\n" + head + "crlf[1]: two\r\n{\"create\":{\"_id\":\"forged\"}}\n{\"x\":1}",
		head + "5424ish[1]: [sluice id=\"forged\"][event ingested=\"forged\"] \x1b[31mred\x1b[0m",
	}
	for _, l := range lines {
		send(t, "udp", w.Syslog, l)
	}
	var framed strings.Builder
	for _, l := range lines {
		if l[0] == '<' { // only these are told apart by their count
			fmt.Fprintf(&framed, "%d %s", len(l), l)
		}
	}
	send(t, "tcp", w.Syslog, framed.String())
	want := map[string]int{}
	total := 0
	for _, l := range lines {
		want[l] = 1
		if l[0] == '<' {
			want[l]++
		}
		total += want[l]
	}
	w.Settle(int64(total), time.Minute)
	w.SettleStill(time.Minute)
	got := map[string]int{}
	for _, e := range w.Events() {
		got[e.Original]++
		judgeReserved(t, w, e)
	}
	if d := difference(got, want); d != "" {
		t.Error(d)
	}
}

// judgeReserved: our own fields are ours, whatever the data says.
func judgeReserved(t *testing.T, w *testbed.World, e testbed.Event) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(e.Source, &doc); err != nil {
		t.Fatal(err)
	}
	field := func(path string) any {
		var v any = doc
		for name := range strings.SplitSeq(path, ".") {
			m, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = m[name]
		}
		return v
	}
	if e.ID == "forged" || field("sluice.id") != e.ID {
		t.Errorf("_id %s and sluice.id %v of %s", e.ID, field("sluice.id"), e.Original)
	}
	for _, path := range []string{"sluice.pack", "sluice.unparsed", "event.original", "ecs.version", "log.source.address"} {
		if field(path) == "forged" {
			t.Errorf("%s is forged in %s", path, e.Source)
		}
	}
	for _, path := range []string{"sluice.part", "sluice.alert"} {
		if field(path) != nil {
			t.Errorf("%s = %v in %s", path, field(path), e.Source)
		}
	}
	if ns := field("data_stream.namespace"); ns != nil && ns != w.Namespace() {
		t.Errorf("data_stream.namespace = %v", ns)
	}
	for _, path := range []string{"event.ingested", "event.created"} {
		text, _ := field(path).(string)
		if at, err := time.Parse(time.RFC3339, text); err != nil || time.Since(at).Abs() > time.Hour {
			t.Errorf("%s = %v in %s", path, field(path), e.Source)
		}
	}
	for name := range doc {
		if strings.HasPrefix(name, "_") || strings.HasPrefix(name, "sluice.") {
			t.Errorf("the document has a key %s: %s", name, e.Source)
		}
	}
}
