package embedded_test

import (
	"testing"

	"sluice/bus"
	"sluice/bus/bustest"
	"sluice/bus/embedded"
	"sluice/internal/disk"
)

func BenchmarkHop(b *testing.B) {
	topics := []bus.Topic{{Name: "in", Partitions: 2, Groups: []string{"a"}}}
	under, err := embedded.Open(disk.Dir(b.TempDir()), topics, embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer under.Close()
	bustest.Hop(b, under)
}
