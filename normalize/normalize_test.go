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
