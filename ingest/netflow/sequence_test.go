package netflow

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sluice/internal/metrics"
)

// numberedBy returns datagrams of a protocol by their number, and what each adds to it.
func numberedBy(protocol string) (make func(number uint32) []byte, step uint32) {
	at := map[string]int{"v5": 16, "v9": 12, "ipfix": 8, "sflow": 16}[protocol]
	two := append(flowData("198.51.100.7", "203.0.113.9", 1), flowData("198.51.100.8", "203.0.113.9", 2)...)
	b, step := v5("198.51.100.7", "203.0.113.9"), uint32(1)
	switch protocol {
	case "v9":
		b = v9(2, set(0, flowTemplate(256)), set(256, two))
	case "ipfix":
		b, step = ipfix(set(2, flowTemplate(256)), set(256, two)), 2
	case "sflow":
		b = packer{}.u32(5, 1).addr("192.0.2.77").u32(0, 1, 1000, 0)
	}
	return func(number uint32) []byte {
		b := bytes.Clone(b)
		binary.BigEndian.PutUint32(b[at:], number)
		return b
	}, step
}

// missing is what was counted for an input.
func missing(t *testing.T, input string) (n float64) {
	t.Helper()
	all, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range all {
		for _, m := range family.GetMetric() {
			if family.GetName() == "sluice_netflow_missing_total" && m.GetLabel()[0].GetValue() == input {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

// TestMissing: what exporters numbered and did not arrive is counted; what came in another order, twice
// or from the start again is not.
func TestMissing(t *testing.T) {
	for _, protocol := range []string{"v5", "v9", "ipfix", "sflow"} {
		datagram, step := numberedBy(protocol)
		// places are of datagrams, one behind another; n is the number of the first.
		check := func(name string, n uint32, want int, places ...int) {
			t.Helper()
			r := newReading(t, nil)
			r.d.order.input = protocol + ", " + name
			before := missing(t, r.d.order.input) // of earlier rounds: counters are the program's
			for _, p := range places {
				r.take(datagram(n + uint32(p)*step))
			}
			for i := range settled {
				r.take(datagram(n + uint32(places[len(places)-1]+i+1)*step))
			}
			if got := missing(t, r.d.order.input) - before; got != float64(want*int(step)) {
				t.Errorf("%s: %v are missing, want %d", r.d.order.input, got, want*int(step))
			}
			r.wantDrops(nil)
		}
		check("in order", 7, 0, 0, 1, 2, 3)
		check("two gaps", 7, 5, 0, 1, 2, 5, 6, 10)
		check("around the end of the numbers", 1<<32-4, 1, 0, 1, 2, 4, 5)
		check("late", 1<<20, 1, 0, 1, 4, 2, 5, 6)
		check("twice", 7, 0, 0, 1, 1, 2)
		check("restarted", 1<<20, 0, 0, 1, 2, -(1<<20)/int(step), 1-(1<<20)/int(step))
	}
}

// TestMissingIsSure: where the numbers tell nothing, nothing is missing.
func TestMissingIsSure(t *testing.T) {
	for _, protocol := range []string{"v5", "v9", "ipfix", "sflow"} {
		datagram, step := numberedBy(protocol)
		r := newReading(t, nil)
		r.d.order.input = "sure " + protocol
		for i := range uint32(2 * settled) { // two processes of one exporter, with numbers of their own
			r.from("192.0.2.1:1000", datagram(50+i*step))
			r.from("192.0.2.1:2000", datagram(9000+i*step))
		}
		if protocol == "v9" || protocol == "ipfix" { // numbers of the other unit, which some exporters have
			for i := range uint32(2 * settled) {
				r.from("192.0.2.2:1000", datagram(50+i*(3-step)))
			}
		}
		if got := missing(t, r.d.order.input); got != 0 {
			t.Errorf("%s: %v are missing", protocol, got)
		}
	}
}

// TestMissingBehindTemplate: nobody knows how many records a set has whose template did not come.
func TestMissingBehindTemplate(t *testing.T) {
	datagram, _ := numberedBy("ipfix")
	r := newReading(t, nil)
	r.d.order.input = "behind template"
	r.take(ipfix(set(256, flowData("198.51.100.7", "203.0.113.9", 1)))) // number 7
	for i := range uint32(2 * settled) {
		r.take(datagram(20 + 2*i))
	}
	if got := missing(t, r.d.order.input); got != 0 {
		t.Errorf("%v flows are missing", got)
	}
}

// TestMissingIsTold: the log names the exporter, at most once a minute.
func TestMissingIsTold(t *testing.T) {
	datagram, _ := numberedBy("v9")
	r := newReading(t, nil)
	var log bytes.Buffer
	r.d.order.log = slog.New(slog.NewTextHandler(&log, nil))
	n := uint32(0)
	for range 3 {
		n += 100
		for range settled + 1 {
			r.take(datagram(n))
			n++
		}
	}
	if got := strings.Count(log.String(), "\n"); got != 1 || !strings.Contains(log.String(), "most=test:192.0.2.1:50000 missing=100") {
		t.Errorf("the log is %s", log.String())
	}
	r.now = r.now.Add(time.Hour)
	r.take(datagram(n))
	if got := strings.Count(log.String(), "\n"); got != 2 {
		t.Error(fmt.Sprintf("%d lines", got), log.String())
	}
}
