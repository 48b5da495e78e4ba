package consoletest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// nested turns dotted names into the objects of JSON.
func nested(flat object) object {
	out := object{}
	for name, v := range flat {
		put(out, name, v)
	}
	// Through JSON, so that a test sees the types that an index would give.
	text, err := json.Marshal(out)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	out = object{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		panic("BUG: " + err.Error())
	}
	return out
}

func put(o object, name string, v any) {
	for i := range len(name) {
		if name[i] == '.' {
			inner, ok := o[name[:i]].(object)
			if !ok {
				inner = object{}
				o[name[:i]] = inner
			}
			put(inner, name[i+1:], v)
			return
		}
	}
	o[name] = v
}

// Event makes one event of fields with dotted names.
func Event(id, pack, namespace string, at time.Time, fields map[string]any) Doc {
	flat := object{
		"@timestamp": at.UTC().Format("2006-01-02T15:04:05.000Z"), "ecs.version": "9.0.0",
		"event.dataset": "sluice." + pack, "event.kind": "event", "sluice.id": id, "sluice.pack": pack,
		"data_stream.type": "logs", "data_stream.dataset": "sluice." + pack, "data_stream.namespace": namespace,
	}
	for name, v := range fields {
		flat[name] = v
	}
	return Doc{ID: id, Index: "logs-sluice." + pack + "-" + namespace, Source: nested(flat)}
}

// Alert makes one alert; fields may overwrite what it sets.
func Alert(id, severity, title string, first, last time.Time, events []string, fields map[string]any) Doc {
	flat := object{
		"@timestamp": last.UTC().Format("2006-01-02T15:04:05.000Z"), "ecs.version": "9.0.0",
		"event.kind": "alert", "event.dataset": "sluice.alert", "message": title, "sluice.id": id,
		"sluice.alert.id": id, "sluice.alert.revision": 1, "sluice.alert.severity": severity,
		"sluice.alert.count": len(events), "sluice.alert.state": "closed", "sluice.alert.late": false,
		"sluice.alert.first":  first.UTC().Format("2006-01-02T15:04:05.000Z"),
		"sluice.alert.last":   last.UTC().Format("2006-01-02T15:04:05.000Z"),
		"sluice.alert.events": events,
	}
	for name, v := range fields {
		flat[name] = v
	}
	return Doc{ID: id, Index: "sluice-alerts-default", Source: nested(flat)}
}

// Office fills an index with n events of a small office over the hour before now, and
// with three alerts. A seed decides everything.
func Office(x *Index, now time.Time, n int) {
	r := rand.New(rand.NewPCG(4, 8514)) //nolint:gosec // test data
	users := []string{"anna", "ben", "chris", "dora"}
	for i := range n {
		at := now.Add(-time.Duration(float64(time.Hour) * (float64(i) + r.Float64()) / float64(n)))
		id := fmt.Sprintf("%012d-%06d", at.UnixMilli(), i)
		src := fmt.Sprintf("10.1.%d.%d", r.IntN(4), 10+r.IntN(60))
		switch i % 3 {
		case 0:
			line := fmt.Sprintf("<86>%s gate sshd[%d]: Accepted publickey for %s from %s port %d ssh2", at.Format(time.Stamp), 900+i, users[i%4], src, 40000+i)
			x.Add(Event(id, "openssh", "default", at, object{
				"message": line[25:], "event.original": line, "host.hostname": "gate", "event.action": "ssh_login", "event.outcome": "success",
				"source.ip": src, "source.port": 40000 + i, "user.name": users[i%4], "process.name": "sshd", "related.ip": []string{src}, "related.user": []string{users[i%4]},
			}))
		case 1:
			line := fmt.Sprintf(`%s - - [%s] "GET /shop/item/%d HTTP/1.1" 200 %d`, src, at.Format("02/Jan/2006:15:04:05 -0700"), i, 900+r.IntN(5000))
			x.Add(Event(id, "nginx_access", "default", at, object{
				"message": fmt.Sprintf("GET /shop/item/%d", i), "event.original": line, "host.hostname": "web-1", "event.action": "http_request", "event.outcome": "success",
				"source.ip": src, "destination.ip": "10.1.9.2", "destination.port": 443, "url.path": fmt.Sprintf("/shop/item/%d", i), "http.response.status_code": 200,
			}))
		default:
			line := fmt.Sprintf("%%ASA-6-302013: Built outbound TCP connection %d for outside:93.184.216.34/443 to inside:%s/%d", i, src, 50000+i)
			x.Add(Event(id, "cisco_asa", "default", at, object{
				"message": line[15:], "event.original": line, "observer.name": "fw-1", "event.action": "flow-creation", "event.outcome": "success",
				"source.ip": src, "source.port": 50000 + i, "destination.ip": "93.184.216.34", "destination.port": 443, "network.transport": "tcp",
			}))
		}
	}
	attack(x, now)
}

// attack adds a guessed password, a scan, and the alerts about them.
func attack(x *Index, now time.Time) {
	var ids []string
	begin := now.Add(-9 * time.Minute)
	for i := range 14 {
		at := begin.Add(time.Duration(i) * 3 * time.Second)
		id := fmt.Sprintf("%012d-bf%04d", at.UnixMilli(), i)
		line := fmt.Sprintf("<86>%s gate sshd[4711]: Failed password for root from 203.0.113.66 port %d ssh2", at.Format(time.Stamp), 51000+i)
		x.Add(Event(id, "openssh", "default", at, object{
			"message": line[25:], "event.original": line, "host.hostname": "gate", "event.action": "ssh_login", "event.outcome": "failure",
			"source.ip": "203.0.113.66", "source.port": 51000 + i, "user.name": "root", "process.name": "sshd", "process.pid": 4711,
		}))
		ids = append(ids, id)
	}
	end := begin.Add(39 * time.Second)
	x.Add(
		Alert("a1f09c77d2", "high", "14 failed log-ins from 203.0.113.66 to gate", begin, end, ids, object{
			"rule.id": "3c1d8f0a-5a0e-4f5e-9a43-0a8a2e6b7c11", "rule.name": "SSH password guessing",
			"rule.description": "Many failed SSH log-ins from one address within five minutes.", "source.ip": "203.0.113.66",
			"sluice.alert.key": []string{"203.0.113.66"}, "event.severity": 73, "threat.technique.id": []string{"T1110.001"}, "sluice.alert.state": "open",
		}),
		Alert("b2e18d66c3", "medium", "Port scan of 10.1.9.2 by 10.1.2.44", begin.Add(time.Minute), end.Add(2*time.Minute), []string{"gone-1", "gone-2"}, object{
			"rule.id": "8e0d6a3b-1c7f-4b55-8a55-2f1f3f8c9d22", "rule.name": "Port scan over flow records", "sluice.alert.key": []string{"10.1.2.44", "10.1.9.2"},
			"sluice.alert.count": 412, "event.severity": 47, "sluice.triage.status": "acknowledged", "sluice.triage.assignee": "anna",
		}),
		Alert("c3d27e55b4", "low", "First log-in of dora on gate", begin.Add(-20*time.Minute), begin.Add(-20*time.Minute), nil, object{
			"rule.id": "1d2c3b4a-0f9e-4d8c-b7a6-95847362514f", "rule.name": "First log-in of a user on a host", "sluice.alert.key": []string{"dora", "gate"},
			"sluice.alert.count": 1, "event.severity": 21, "sluice.triage.status": "closed", "sluice.alert.late": true,
		}),
	)
}
