package main

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"sluice/event"
	"sluice/normalize"
	"sluice/schemas"
)

// received is the receive time of every line, so that runs are alike.
var received = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// ours normalizes at least that many lines with the shipped packs, those of the file
// over and over, and tells the CPU microseconds of one.
func ours(name string, lines int) (float64, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	files := normalize.Shipped()
	declared, err := normalize.Fields(files)
	if err != nil {
		return 0, err
	}
	schema, err := event.New(append(schemas.ECS(), declared...))
	if err != nil {
		return 0, err
	}
	packs, err := normalize.Load(schema, files)
	if err != nil {
		return 0, err
	}
	var raws []event.Raw
	for i, line := range bytes.Split(bytes.TrimRight(text, "\n"), []byte("\n")) {
		raws = append(raws, event.Raw{
			ID: strconv.Itoa(i), Bytes: line, Origin: "compare", Namespace: "default", Received: received,
		})
	}
	w := packs.NewWorker()
	reps := max(1, lines/len(raws))
	var buf []byte
	last := ""
	began := cpu()
	for range reps {
		for i := range raws {
			ev, pack := w.Normalize(&raws[i], last, received)
			buf = ev.AppendJSON(buf[:0])
			last = pack
		}
	}
	return micros(cpu()-began, reps*len(raws)), nil
}
