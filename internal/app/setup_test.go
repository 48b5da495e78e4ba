package app

import (
	"strings"
	"testing"

	"sluice/internal/secret"
	"sluice/sinks/elasticsearch"
)

// TestKibanaInTheClear: the credentials for Elasticsearch cross no network in the clear on their way to
// Kibana either.
func TestKibanaInTheClear(t *testing.T) {
	f := func(address, want string, plaintext bool) {
		t.Helper()
		s := *elasticsearch.Defaults().(*elasticsearch.Settings)
		s.Addresses, s.Username, s.Password, s.Plaintext = []string{"https://es.example:9200"}, "sluice", secret.New("hunter2"), plaintext
		err := checkKibana(address, s)
		if (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), "--kibana: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	f("", "", false)
	f("https://kibana.example:5601/base", "", false)
	f("http://127.0.0.1:5601", "", false)
	f("http://kibana.example:5601", "in the clear", false)
	f("http://kibana.example:5601", "", true)
	f("https://sluice:hunter2@kibana.example", "holds a password", false)
	f("kibana.example:5601", "is no URL", false)
}
