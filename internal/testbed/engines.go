package testbed

import (
	"net/http"
	"time"
)

// refresh makes what an Elasticsearch has acknowledged visible to searches, which it is
// otherwise only after its refresh interval.
func (w *World) refresh() {
	w.T.Helper()
	if w.Engines.Elasticsearch == "" {
		return
	}
	client := http.Client{Timeout: time.Minute}
	res, err := client.Post(w.Engines.Elasticsearch+"/logs-*-"+w.ns+",sluice-alerts-"+w.ns+"/_refresh?ignore_unavailable=true", "application/json", nil)
	if err != nil {
		w.T.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		w.T.Fatalf("refresh: %s", res.Status)
	}
}

// KafkaPartitions is how many partitions a world's topics have on a Kafka.
const KafkaPartitions = 4

// Prefix is what the world's topics on a Kafka begin with.
func (w *World) Prefix() string { return w.prefix }
