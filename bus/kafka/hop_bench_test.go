package kafka_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"sluice/bus"
	"sluice/bus/bustest"
	"sluice/bus/kafka"
)

// BenchmarkHop runs on a real Kafka only: kfake in the same process would be measured too.
func BenchmarkHop(b *testing.B) {
	addrs := os.Getenv("SLUICE_TEST_KAFKA")
	if addrs == "" {
		b.Skip("set SLUICE_TEST_KAFKA to the brokers of a real Kafka")
	}
	topics := []bus.Topic{{Name: "in", Partitions: 2, Groups: []string{"a"}}}
	under, err := kafka.Open(b.Context(), topics, kafka.Options{Brokers: strings.Split(addrs, ","), Prefix: fmt.Sprintf("b%x.", rand.Uint64())})
	if err != nil {
		b.Fatal(err)
	}
	defer under.Close()
	bustest.Hop(b, under)
}
