package kafka_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"sluice/bus"
	"sluice/bus/kafka"
	"sluice/internal/certtest"
	"sluice/internal/strictyaml"
)

// secure is a cluster with TLS and log-ins.
func secure(t *testing.T) (addrs []string, caFile string) {
	t.Helper()
	pair := certtest.New(t)
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair.TLS}}), kfake.EnableSASL(),
		kfake.Superuser("PLAIN", "plain", "p1"), kfake.Superuser("SCRAM-SHA-256", "scram256", "p2"), kfake.Superuser("SCRAM-SHA-512", "scram512", "p3"),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs(), pair.Cert
}

// The settings of a cluster with TLS and log-ins, as people write them, open a bus that
// produces and consumes; without the right ones it does not open.
func TestSecureCluster(t *testing.T) {
	addrs, caFile := secure(t)
	open := func(ctx context.Context, caFile, mechanism, user, password string) (*kafka.Bus, error) {
		s := kafka.Defaults()
		doc := fmt.Sprintf("brokers: [%q]\ntls:\n  ca_file: %q\nsasl:\n  mechanism: %s\n  username: %s\n  password: %s\n",
			strings.Join(addrs, `", "`), caFile, mechanism, user, password)
		node, err := strictyaml.Parse("kafka.yml", []byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		src := strictyaml.Source{Name: "kafka.yml"}
		src.Decode(node, s)
		if err := errors.Join(src.Err(), s.Validate()); err != nil {
			t.Fatal(err)
		}
		topics := []bus.Topic{{Name: "in", Partitions: 1, Groups: []string{"a"}}}
		return s.Open(ctx, topics, "one", nil)
	}
	f := func(mechanism, user, password string) {
		t.Helper()
		b, err := open(t.Context(), caFile, mechanism, user, password)
		if err != nil {
			t.Fatalf("%s: %v", mechanism, err)
		}
		defer b.Close()
		if err := b.Produce(t.Context(), []bus.Message{{Topic: "in", Value: []byte(mechanism)}}); err != nil {
			t.Fatalf("%s: %v", mechanism, err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		got := ""
		b.Consume(ctx, bus.Group{Name: "a", Topic: "in"}, bus.Stateless(func(_ context.Context, in []bus.Message) ([]bus.Message, error) {
			for _, m := range in {
				if got = string(m.Value); got == mechanism {
					stop()
				}
			}
			return nil, nil
		}))
		if got != mechanism {
			t.Errorf("%s: read %q", mechanism, got)
		}
	}
	f("plain", "plain", "p1")
	f("scram-sha-256", "scram256", "p2")
	f("scram-sha-512", "scram512", "p3")

	refused := func(caFile, mechanism, user, password, want string) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		b, err := open(ctx, caFile, mechanism, user, password)
		if err == nil {
			b.Close()
			t.Fatalf("%s as %s with %s and %q opens", mechanism, user, password, caFile)
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), password) {
			t.Errorf("%s as %s with %q: %v; want %s", mechanism, user, caFile, err, want)
		}
	}
	refused(caFile, "plain", "plain", "wrong", "SASL Authentication Failed")
	other := certtest.New(t).Cert
	refused(other, "plain", "plain", "p1", "the authority that signed it is not in tls.ca_file ("+other+")")
}
