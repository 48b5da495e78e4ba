package app

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"sluice/sinks/elasticsearch"
)

// TestShadowCountsOnce: an alert that was announced early and settled since is one, as it would be told.
func TestShadowCountsOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.yml")
	write(t, file, "id: r\ntitle: R\nlevel: low\nkind: match\nshadow: true\nwhen: has(user.name)\n")
	n := reloadable(t, func() (*Settings, error) { return parse("rules: {library: false, paths: [" + file + "]}\n") })
	n.index = storeClient(t)
	var revs []elasticsearch.Revision
	for id, more := range map[string]string{"early": `"provisional":true`, "settled": `"supersedes":["early"]`} {
		doc := fmt.Appendf(nil, `{"@timestamp":"2026-01-02T03:04:05Z","rule":{"id":"r"},"sluice":{"id":%q,"alert":{"id":%q,"revision":1,"shadow":true,"first":"2026-01-02T03:04:05Z","last":"2026-01-02T03:04:05Z",%s}}}`, id, id, more)
		revs = append(revs, elasticsearch.Revision{ID: id, Namespace: "default", Revision: 1, Doc: doc})
	}
	if refused, err := n.index.WriteAlerts(t.Context(), revs); err != nil || len(refused) != 0 {
		t.Fatal(refused, err)
	}
	if err := n.index.Refresh(t.Context(), "sluice-alerts-*"); err != nil {
		t.Fatal(err)
	}
	got, err := n.Shadow(t.Context(), time.Time{})
	if err != nil || len(got.Rules) != 1 || got.Rules[0].Alerts != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}
