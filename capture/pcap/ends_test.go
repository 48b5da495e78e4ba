package pcap

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"sluice/event"
	"sluice/ingest"
)

// TestEndsAtOnce: the flows that are open at a file's end, or before a long silence in it, are no one batch:
// it must fit into one write of the journal. What a restart among them finds durable is not read again.
func TestEndsAtOnce(t *testing.T) {
	const flows, asked = 3000, 5
	f := func(name string, data []byte, want int) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.pcap")
			write(t, path, data)
			var b bus
			for emits := 0; ; emits = 0 {
				in, err := settings(path).Open(ingest.Env{
					Name: "pc", From: b.at, Log: slog.New(slog.DiscardHandler), Now: time.Now, Drop: func(string, string, int) {},
				})
				if err != nil {
					t.Fatal(err)
				}
				err = in.Run(t.Context(), func(ctx context.Context, batch []event.Raw, at ingest.Checkpoint) error {
					if len(batch) > batchRecords {
						t.Errorf("a batch of %d records", len(batch))
					}
					if emits++; emits == asked {
						return os.ErrClosed
					}
					return b.emit(ctx, batch, at)
				})
				if err == nil {
					break
				}
				if !errors.Is(err, os.ErrClosed) || len(b.raws) > want {
					t.Fatalf("%d records, %v", len(b.raws), err)
				}
			}
			ids := map[string]bool{}
			for _, r := range b.raws {
				ids[r.ID] = true
			}
			if len(b.raws) != want || len(ids) != want {
				t.Errorf("%d records of %d ids, want %d", len(b.raws), len(ids), want)
			}
		})
	}
	all := frames(t, flows)
	f("at the end", pcapFile(t, when, all), flows)
	var silent bytes.Buffer
	w := pcapgo.NewWriter(&silent)
	if err := w.WriteFileHeader(65536, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for i, one := range append(all, all[0]) {
		at := when.Add(time.Duration(i/flows) * time.Hour)
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(one), Length: len(one)}, one); err != nil {
			t.Fatal(err)
		}
	}
	f("before a silence", silent.Bytes(), flows+1)
}
