package kafka

import (
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/internal/secret"
)

func TestGenerationsGrow(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	s := next("", 1, now)
	last := s.generation()
	f := func(id int64, now time.Time, forgotten bool) {
		t.Helper()
		metadata := s.String()
		if forgotten {
			metadata = ""
		}
		s = next(metadata, id, now)
		if s.generation() <= last {
			t.Errorf("generation %d after %d", s.generation(), last)
		}
		last = s.generation()
	}
	f(2, now.Add(time.Second), false)
	f(40, now.Add(time.Hour), false)
	f(1, now.Add(8*24*time.Hour), false) // the group was empty and forgotten, its offsets not
	f(2, now.Add(-24*time.Hour), false)  // a clock that steps back does not matter
	f(1, now.Add(16*24*time.Hour), true) // the offsets were forgotten too
}

func TestSettingsAreChecked(t *testing.T) {
	f := func(change func(*Settings), want string) {
		t.Helper()
		s := Defaults()
		s.Brokers = []string{"127.0.0.1:9092"}
		change(s)
		err := s.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("Validate = %v, want %q", err, want)
		}
	}
	f(func(*Settings) {}, "")
	f(func(s *Settings) { s.Brokers = nil }, "name at least one")
	f(func(s *Settings) { s.Brokers = []string{"kafka"} }, "not host:port")
	f(func(s *Settings) { s.Brokers = []string{"kafka:", "a:9092"} }, `"kafka:" is not host:port`)
	f(func(s *Settings) { s.Brokers = []string{":9092"} }, "not host:port")
	f(func(s *Settings) { s.Brokers = []string{"kafka:plaintext"} }, "not host:port")
	f(func(s *Settings) { s.Brokers = []string{"PLAINTEXT://kafka:9092"} }, "not host:port")
	f(func(s *Settings) { s.Brokers = []string{"[fd00::7]:9092"} }, "")
	f(func(s *Settings) { s.SASL = SASL{Mechanism: "plain", Username: "u"} }, "password is missing")
	f(func(s *Settings) { s.Partitions = 0 }, "partitions")
	f(func(s *Settings) { s.Prefix = "site a." }, `prefix: "site a."`)
	f(func(s *Settings) { s.Prefix = "site-a." }, "")
	f(func(s *Settings) { s.Retention = 0 }, "retention: 0s is below 1h0m0s")
	f(func(s *Settings) { s.Retention = time.Hour }, "")
	f(func(s *Settings) { s.TLS.CertFile = "x" }, "go together")
	f(func(s *Settings) { s.SASL.Username = "x" }, "mechanism is missing")
	f(func(s *Settings) { s.SASL = SASL{Mechanism: "gssapi"} }, "none of plain")
	f(func(s *Settings) { s.SASL = SASL{Mechanism: "scram-sha-512", Username: "u", Password: secret.New("p")} }, "")
}

func TestWeaknessesOfTheCluster(t *testing.T) {
	f := func(compacted bool, replicas int, isr, most, policy string, want ...string) {
		t.Helper()
		got := weaknesses(bus.Topic{Compacted: compacted}, replicas, map[string]string{
			"min.insync.replicas": isr, "max.message.bytes": most, "cleanup.policy": policy,
		})
		if len(got) != len(want) {
			t.Fatalf("told %q, want %q", got, want)
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("told %q, want %q", got[i], want[i])
			}
		}
	}
	f(false, 3, "2", "5000000", "delete")
	f(false, 1, "1", "5000000", "delete")
	f(false, 3, "1", "5000000", "delete", "one broker only")
	f(false, 3, "3", "5000000", "delete", "nothing can be written while")
	f(false, 1, "2", "5000000", "delete", "nothing can be written")
	f(true, 3, "2", "1048588", "delete", "max.message.bytes", "set it to compact")
}

func TestTopicsThatForget(t *testing.T) {
	f := func(ms, size string, want ...string) {
		t.Helper()
		got := forgets(7*24*time.Hour, map[string]string{"retention.ms": ms, "retention.bytes": size})
		if len(got) != len(want) {
			t.Fatalf("told %q, want %q", got, want)
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("told %q, want %q", got[i], want[i])
			}
		}
	}
	f("604800000", "-1")
	f("-1", "-1")
	f("9223372036854775807", "-1")
	f("", "")
	f("86400000", "-1", "longer than 24h0m0s are lost, and kafka.retention is 168h0m0s; set it to 604800000")
	f("604800000", "1073741824", "set it to -1")
}
