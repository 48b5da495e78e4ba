package normalize_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestBroughtBy: what brings a device's line, in a text of JSON or behind a header of its own, changes
// nothing of what the line says.
func TestBroughtBy(t *testing.T) {
	text := func(of map[string]any, key, line string) string {
		of[key] = line
		out, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	ways := []struct {
		name   string
		wrap   func(line string) string
		except string // the packs to which it does matter
	}{
		// what nginx writes too is told by the program's name, or by its place in a file
		{"message", func(l string) string { return text(map[string]any{}, "message", l) }, "envoy_access hosting_panels traefik syslog_generic"},
		{"Splunk", func(l string) string {
			return text(map[string]any{"time": 1772438400.5, "host": "h", "sourcetype": "syslog", "index": "main"}, "event", l)
		}, "envoy_access hosting_panels traefik syslog_generic json_generic"},
		{"NXLog", func(l string) string {
			return text(map[string]any{"EventReceivedTime": "2026-03-02 08:00:00", "SourceModuleName": "in", "SourceModuleType": "im_file", "Hostname": "h"}, "Message", l)
		}, "envoy_access hosting_panels traefik syslog_generic json_generic"},
		// files that are followed, and begin with what a header may be
		{"relay", func(l string) string { return "<134>Mar  2 08:00:00 relay-1 " + l }, "mqtt_brokers openstack coturn linux_auth microsoft_dns mysql privoxy softether_vpn tcpdump wso2"},
		{"relay of RFC 5424", func(l string) string { return "<134>1 2026-03-02T08:00:00Z relay-1 - - - - " + l }, "dell_powerscale docker_json privoxy"},
	}
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	read := func(pack, line string) [3]string {
		raw := packs.Sample(pack, line)
		ev, _ := w.Normalize(&event.Raw{Bytes: raw.Bytes, Received: received, Peer: raw.Peer, Pack: raw.Pack}, "", received)
		var got [3]string
		for i, field := range []string{"sluice.pack", "user.name", "source.ip"} {
			n, _ := packs.Schema().Lookup(field)
			got[i] = strings.Clone(ev.Text(n)) // the next line overwrites it
		}
		return got
	}
	for _, pack := range packs.Names() {
		if strings.HasSuffix(pack, "_envelope") || strings.HasPrefix(pack, "sluice_") {
			continue
		}
		lines := sampleLines(t, pack)
		for _, line := range lines[:min(6, len(lines))] {
			want := read(pack, line)
			for _, way := range ways {
				if strings.Contains(" "+way.except+" ", " "+pack+" ") {
					continue
				}
				if got := read(pack, way.wrap(line)); got != want {
					t.Errorf("%s: %s: %q, want %q: %s", pack, way.name, got, want, line)
				}
			}
		}
	}
}
