package normalize_test

import (
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
	"sluice/schemas"
)

// open loads packs over ECS, as the program does.
func open(tb testing.TB, files []normalize.File) *normalize.Packs {
	tb.Helper()
	own, err := normalize.Fields(files)
	if err != nil {
		tb.Fatal(err)
	}
	schema, err := event.New(append(schemas.ECS(), own...))
	if err != nil {
		tb.Fatal(err)
	}
	p, err := normalize.Load(schema, files)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

var received = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestSmoke(t *testing.T) {
	w := open(t, normalize.Shipped()).NewWorker()
	for _, l := range []string{
		`<166>Oct 10 2018 12:34:56 fw01 : %ASA-6-302013: Built outbound TCP connection 11757 for outside:192.168.205.104/80 (192.168.205.104/80) to inside:172.31.98.44/1772 (172.31.98.44/1772)`,
		`<38>Feb 22 10:49:54 precise32 sshd[3007]: Accepted publickey for vagrant from 10.0.2.2 port 52059 ssh2`,
		`nonsense`,
	} {
		ev, p := w.Normalize(&event.Raw{ID: "1", Bytes: []byte(l), Received: received, Peer: "192.0.2.1:514"}, "", received)
		t.Log(p, string(ev.AppendJSON(nil)))
	}
}
