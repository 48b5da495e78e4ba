package pcap

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"sluice/capture"
)

// shared finds the corpus beside the tree; without it the test is skipped.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("SLUICE_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(dir, "corpus", "pcap", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the corpus is not here (%v): set SLUICE_SHARED", err)
	}
	return path
}

// captures reads every file of a packed corpus.
func captures(t testing.TB, name string) map[string][]byte {
	t.Helper()
	f, err := os.Open(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if out[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// expected calls f with each line of a file of expectations.
func expected(t testing.TB, name string, f func(line []byte)) {
	t.Helper()
	file, err := os.Open(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		f(s.Bytes())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}

// record is a record as the packs read it.
type record struct {
	Type       string
	Proto      string
	IANA       int    `json:"iana"`
	SrcIP      string `json:"src_ip"`
	DstIP      string `json:"dst_ip"`
	SrcPort    int    `json:"src_port"`
	DstPort    int    `json:"dst_port"`
	SrcBytes   int    `json:"src_bytes"`
	DstBytes   int    `json:"dst_bytes"`
	SrcPackets int    `json:"src_packets"`
	DstPackets int    `json:"dst_packets"`
	State      string
	EndReason  string `json:"end_reason"`
	ID         int
	QR         string `json:"qr"`
	Question   struct{ Name, Type string }
	RCode      string `json:"rcode"`
	Answers    []struct{ Type, Data string }
}

// play reads a whole capture with limits that keep a conversation in one record.
func play(t testing.TB, data []byte) (records []record, stats capture.Stats, err error) {
	t.Helper()
	limits := capture.DefaultLimits()
	limits.IdleTimeout, limits.AttemptTimeout, limits.ActiveTimeout = 1<<62, 1<<62, 1<<62
	e := capture.New(limits, func(r capture.Record) {
		var rec record
		if err := json.Unmarshal(r.JSON, &rec); err != nil {
			t.Fatalf("%s: %v", r.JSON, err)
		}
		records = append(records, rec)
	})
	src, err := newSource(bytes.NewReader(data))
	if err != nil {
		return nil, e.Stats(), err
	}
	for {
		var p capture.Packet
		if err = src.packet(&p); err != nil {
			break
		}
		e.Packet(p)
	}
	e.Flush()
	if errors.Is(err, io.EOF) && !errors.Is(err, errCut) {
		err = nil
	}
	return records, e.Stats(), err
}

// conversation is what both sides can name: the ends, in either order.
func conversation(proto, a string, pa int, b string, pb int) string {
	x, y := fmt.Sprintf("%s:%d", a, pa), fmt.Sprintf("%s:%d", b, pb)
	if x > y {
		x, y = y, x
	}
	return proto + " " + x + " " + y
}

type tally struct{ packets, bytes int }

// TestTshark compares conversations and DNS messages with tshark's over the corpus.
func TestTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 1,500 captures")
	}
	files := captures(t, "pcaps.tar.gz")
	var want, found, same, oriented, dnsWant, dnsFound int
	misses := map[string]int{}
	expected(t, "expected-tshark.jsonl.gz", func(line []byte) {
		var x struct {
			Pcap string
			Conv []struct {
				Proto        string
				Src, Dst     string
				Sport, Dport int
				Pkts, Bytes  [2]int
				Syn          bool
			}
			DNS []struct {
				Sport, Dport int
				Resp         bool
				ID           []string
				Qname        []string
			}
			Encap int `json:"encap_frames"`
			Cut   any `json:"conv_cut"`
		}
		if err := json.Unmarshal(line, &x); err != nil {
			t.Fatal(err)
		}
		data, ok := files[x.Pcap]
		if !ok || x.Cut != nil {
			return
		}
		records, _, err := play(t, data)
		if err != nil {
			misses["reader: "+err.Error()]++
		}
		have, fromSrc := map[string]tally{}, map[string]string{}
		messages := map[string]int{}
		for _, r := range records {
			if r.Type == "dns" {
				messages[fmt.Sprintf("%#04x %s %s", r.ID, r.QR, strings.ToLower(r.Question.Name))]++
				continue
			}
			k := conversation(r.Proto, r.SrcIP, r.SrcPort, r.DstIP, r.DstPort)
			h := have[k]
			have[k] = tally{h.packets + r.SrcPackets + r.DstPackets, h.bytes + r.SrcBytes + r.DstBytes}
			if _, ok := fromSrc[k]; !ok {
				fromSrc[k] = r.SrcIP
			}
		}
		for _, c := range x.Conv {
			if c.Proto != "tcp" && c.Proto != "udp" {
				continue
			}
			want++
			k := conversation(c.Proto, c.Src, c.Sport, c.Dst, c.Dport)
			h, ok := have[k]
			if !ok {
				misses["conv "+x.Pcap]++
				continue
			}
			found++
			if (h == tally{c.Pkts[0] + c.Pkts[1], c.Bytes[0] + c.Bytes[1]}) {
				same++
			} else {
				misses["count "+x.Pcap]++
			}
			if fromSrc[k] == c.Src {
				oriented++
			}
		}
		for _, d := range x.DNS {
			if d.Sport != 53 && d.Dport != 53 || len(d.ID) == 0 {
				continue
			}
			for _, id := range d.ID {
				dnsWant++
				q, n := "query", ""
				if d.Resp {
					q = "answer"
				}
				if len(d.Qname) > 0 {
					n = strings.ToLower(d.Qname[0])
				}
				var v int
				fmt.Sscanf(id, "0x%x", &v)
				k := fmt.Sprintf("%#04x %s %s", v, q, n)
				if n == "<root>" {
					k = fmt.Sprintf("%#04x %s .", v, q)
				}
				if messages[k] > 0 {
					messages[k]--
					dnsFound++
				} else {
					misses["dns "+x.Pcap]++
				}
			}
		}
	})
	t.Logf("conversations: %d of %d found, %d with equal packets and bytes, %d with the same opener; DNS messages: %d of %d", found, want, same, oriented, dnsFound, dnsWant)
	if os.Getenv("SLUICE_VERBOSE") != "" {
		var keys []string
		for k := range misses {
			keys = append(keys, k)
		}
		sort.Slice(keys, func(i, j int) bool { return misses[keys[i]] > misses[keys[j]] })
		for _, k := range keys {
			t.Logf("%5d %s", misses[k], k)
		}
	}
}
