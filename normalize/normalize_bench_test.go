package normalize_test

import (
	"fmt"
	"strings"
	"testing"

	"sluice/event"
	"sluice/internal/corpus"
	"sluice/normalize"
)

// BenchmarkNormalize is raw line to ECS JSON line, recognition included, on the
// first sample of each pack.
func BenchmarkNormalize(b *testing.B) {
	packs := open(b, normalize.Shipped())
	for _, name := range packs.Names() {
		raw := packs.Sample(name, sampleLines(b, name)[0])
		b.Run(name, func(b *testing.B) {
			w := packs.NewWorker()
			var buf []byte
			b.ReportAllocs()
			b.SetBytes(int64(len(raw.Bytes)))
			for b.Loop() {
				ev, _ := w.Normalize(raw, "", received)
				buf = ev.AppendJSON(buf[:0])
			}
			b.ReportMetric(float64(len(buf)), "bytes-out")
		})
	}
}

// BenchmarkEncode is the part of it that writes the JSON.
func BenchmarkEncode(b *testing.B) {
	packs := open(b, normalize.Shipped())
	w := packs.NewWorker()
	ev, _ := w.Normalize(packs.Sample("cisco_asa", sampleLines(b, "cisco_asa")[0]), "", received)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = ev.AppendJSON(buf[:0])
	}
}

// BenchmarkDecode reads that JSON back.
func BenchmarkDecode(b *testing.B) {
	packs := open(b, normalize.Shipped())
	ev, _ := packs.NewWorker().Normalize(packs.Sample("cisco_asa", sampleLines(b, "cisco_asa")[0]), "", received)
	doc := ev.AppendJSON(nil)
	back := event.NewEvent(packs.Schema())
	var d normalize.Decoder
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(back, doc); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMix is a mix of devices as a network sends it, per line, once every device has sent
// one: a pack is compiled when its first line arrives.
func BenchmarkMix(b *testing.B) {
	var raws []*event.Raw
	corpus.Lines(b, "bench/mix.log.gz", func(line []byte) {
		if len(raws) < 20_000 {
			raws = append(raws, &event.Raw{ID: "1", Bytes: []byte(strings.Clone(string(line))), Received: received, Peer: "192.0.2.7:514"})
		}
	})
	w := open(b, normalize.Shipped()).NewWorker()
	for _, raw := range raws {
		w.Normalize(raw, "", received)
	}
	var buf []byte
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		ev, _ := w.Normalize(raws[i%len(raws)], "", received)
		buf = ev.AppendJSON(buf[:0])
		i++
	}
}

// BenchmarkPacks is one sshd line with its pack alone, with half of the packs, and with
// all of them: a pack more costs the lines of the others nothing.
func BenchmarkPacks(b *testing.B) {
	all := normalize.Shipped()
	for _, n := range []int{1, len(all) / 4, len(all) / 2, len(all)} {
		files := []normalize.File{}
		for _, f := range all {
			if own := strings.Contains(f.Name, "/linux_auth/"); own || len(files) < n && (n > 1 || own) {
				files = append(files, f)
			}
		}
		packs := open(b, files)
		raw := packs.Sample("linux_auth", sampleLines(b, "linux_auth")[0])
		b.Run(fmt.Sprintf("%d", len(packs.Names())), func(b *testing.B) {
			w := packs.NewWorker()
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				ev, _ := w.Normalize(raw, "", received)
				buf = ev.AppendJSON(buf[:0])
			}
		})
	}
}

// BenchmarkList is an event of a list of a thousand small ones, which no pack knows.
func BenchmarkList(b *testing.B) {
	w := open(b, normalize.Shipped()).NewWorker()
	const n = 1000
	var parts []string
	for i := range n {
		parts = append(parts, fmt.Sprintf(`{"user":"ann","ip":"192.0.2.%d","action":"login","id":"%d"}`, i%250, i))
	}
	line := []byte(`{"Records":[` + strings.Join(parts, ",") + `]}`)
	b.ReportAllocs()
	for i := 0; i < b.N; i += n {
		w.Normalize(&event.Raw{ID: "x", Bytes: line, Received: received}, "", received)
		for ev, _ := w.Next(); ev != nil; ev, _ = w.Next() {
		}
	}
}
