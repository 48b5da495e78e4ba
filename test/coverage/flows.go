package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"path"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/netflow"
	"sluice/internal/corpus"
)

// recorded are datagrams of many exporters with what Filebeat made of them.
type recorded struct {
	tests map[string]struct {
		Files  []string
		Golden string
	}
	files map[string][]byte
}

// flows sends recorded datagrams to an input of kind netflow, and compares the events
// with what Filebeat makes of the same.
func flows(t *tools, p *page) error {
	g, err := readRecorded(t.corpus("netflow", "netflow-ipfix-golden.tar.gz"))
	if err != nil {
		return err
	}
	var raws []record
	var want []map[string]any
	missing := 0
	for _, name := range slices.Sorted(maps.Keys(g.tests)) {
		test := g.tests[name]
		var golden struct {
			Events []struct{ Fields map[string]any }
		}
		if err := json.Unmarshal(g.files[test.Golden], &golden); err != nil {
			return err
		}
		var datagrams [][]byte
		for _, f := range test.Files {
			datagrams = append(datagrams, g.files[f])
		}
		got, err := collect(datagrams, len(golden.Events))
		if err != nil {
			return err
		}
		missing += max(len(golden.Events)-len(got), len(got)-len(golden.Events))
		for i := range min(len(got), len(golden.Events)) {
			line, err := json.Marshal(got[i])
			if err != nil {
				return err
			}
			raws = append(raws, record{fmt.Sprintf("%04d", len(raws)), line})
			want = append(want, golden.Events[i].Fields)
		}
	}
	file, err := t.normalize(raws, "flows.jsonl", "--pack", "sluice_netflow")
	if err != nil {
		return err
	}
	var equal, fields agreement
	equal.of = missing
	i := 0
	err = read(file, func(doc map[string]any) error {
		if doc == nil {
			return nil
		}
		if i >= len(want) {
			return errors.New("more events than records")
		}
		equal.add(sameFlow(want[i], doc, &fields))
		i++
		return nil
	})
	if err != nil {
		return err
	}
	equal.of += len(want) - i
	p.printf(`
## NetFlow and IPFIX

Recorded datagrams of 19 exporters, sent to an input of kind netflow, against what Filebeat makes of them: flows that are equal in
every field, and fields that are. Not compared are Filebeat's own flow.* and locality; the exporter's address and port; the scopes
of NetFlow v9's options, which Filebeat names as if they were elements; the community id of ICMP other than echo replies, which Filebeat
makes otherwise than its specification wants; what Filebeat makes of addresses of 0.0.0.0 where the record has those of IPv6; and
the name and community id of protocol 0.

| events | equal | fields | equal |
|---:|---:|---:|---:|
| %d | %s | %d | %s |
`, equal.of, p.hold("flows/events", share(equal.right, equal.of)), fields.of, p.hold("flows/fields", share(fields.right, fields.of)))
	return nil
}

func readRecorded(name string) (*recorded, error) {
	g := &recorded{files: map[string][]byte{}}
	err := corpus.Unpack(name, func(name string, content []byte) error {
		g.files[path.Base(name)] = content
		return nil
	})
	if err != nil {
		return nil, err
	}
	return g, json.Unmarshal(g.files["manifest.json"], &g.tests)
}

// collect sends datagrams to a new input and gives its raws: n of them, or what came
// until the input ended.
func collect(datagrams [][]byte, n int) ([]string, error) {
	s := netflow.Defaults().(*netflow.Settings)
	s.UDP = []string{"127.0.0.1:0"}
	in, err := s.Open(ingest.Env{
		Name: "flows", Namespace: "default", Log: slog.New(slog.DiscardHandler), Now: time.Now, Drop: func(string, string, int) {},
	})
	if err != nil {
		return nil, err
	}
	c, err := net.Dial("udp", in.(ingest.Listening).Addrs()[0].String())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	for _, d := range datagrams { // the kernel keeps them until Run reads
		if _, err := c.Write(d); err != nil {
			return nil, err
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	if n == 0 {
		stop() // Run still takes what is there
	}
	var raws []string
	err = in.Run(ctx, func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
		for i := range batch {
			raws = append(raws, string(bytes.Clone(batch[i].Bytes)))
		}
		if len(raws) >= n {
			stop()
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	return raws, nil
}

// sameFlow says whether doc has every value of want that is to be compared.
func sameFlow(want, doc map[string]any, fields *agreement) bool {
	w, g := map[string]any{}, map[string]any{}
	flatten("", want, w)
	flatten("", doc, g)
	vendor := map[string]any{}
	if s, ok := doc["sluice"].(map[string]any); ok {
		vendor, _ = s["vendor"].(map[string]any)
	}
	same := true
	for key, v := range w {
		if notCompared(key, v, g) {
			continue
		}
		got, ok := g[key]
		if !ok {
			got = vendor[key]
		}
		equal := sameValue(key, v, got)
		fields.add(equal)
		same = same && equal
	}
	return same
}

func flatten(prefix string, v any, out map[string]any) {
	if o, ok := v.(map[string]any); ok {
		for k, v := range o {
			flatten(strings.TrimPrefix(prefix+"."+k, "."), v, out)
		}
		return
	}
	out[prefix] = v
}

func notCompared(key string, want any, got map[string]any) bool {
	switch {
	case want == "": // a text that the exporter left empty
		return true
	case strings.HasPrefix(key, "flow."), strings.HasSuffix(key, ".locality"), key == "netflow.exporter.address", key == "observer.ip":
		return true
	case strings.HasPrefix(key, "netflow.scope."):
		return fmt.Sprint(got["netflow.exporter.version"]) == "9"
	case key == "network.community_id":
		return !sameCommunity(got)
	case key == "source.ip", key == "destination.ip", key == "related.ip":
		return zeroFilled(got)
	case key == "network.transport":
		return want == "unknown (0)"
	}
	return false
}

// zeroFilled: the record has the addresses of both families, those of IPv4 are zeros.
func zeroFilled(got map[string]any) bool {
	return fmt.Sprint(got["netflow.source_ipv4_address"]) == "0.0.0.0" && fmt.Sprint(got["network.type"]) == "ipv6"
}

// sameCommunity says whether Filebeat makes the community id of what its specification
// wants: of ICMP it does so for echo replies only.
func sameCommunity(got map[string]any) bool {
	if zeroFilled(got) {
		return false
	}
	switch fmt.Sprint(got["netflow.protocol_identifier"]) {
	case "0":
		return false
	case "1":
		return fmt.Sprint(got["netflow.icmp_type_ipv4"]) == "0"
	}
	return true
}

// sameValue compares as an index would: numbers as texts, times to the millisecond that
// events have, MAC addresses in any spelling, lists by what must be among them.
func sameValue(key string, want, got any) bool {
	if list, ok := want.([]any); ok {
		have, _ := got.([]any)
		for _, w := range list {
			if w != "network_traffic" && !slices.Contains(have, w) { // no category of ECS
				return false
			}
		}
		return true
	}
	w, g := plain(want), plain(got)
	if a, err := time.Parse(time.RFC3339Nano, w); err == nil {
		b, err := time.Parse(time.RFC3339Nano, g)
		return err == nil && a.Truncate(time.Millisecond).Equal(b.Truncate(time.Millisecond))
	}
	if strings.HasSuffix(key, ".mac") {
		return strings.EqualFold(strings.ReplaceAll(w, ":", "-"), g)
	}
	return w == g
}

func plain(v any) string {
	if f, ok := v.(float64); ok {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprint(v)
}
