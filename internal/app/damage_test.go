package app

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/sinks/elasticsearch"
)

// TestDamageIsTold: what reads the past of an index says which of its parts it could not read: without
// them nothing found is no sign that there was nothing.
func TestDamageIsTold(t *testing.T) {
	c, err := elasticsearch.Open(elasticsearch.Settings{Timeout: time.Minute}, elasticsearch.Options{Name: "store", Transport: answering(
		`{"_shards":{"failed":2,"failures":[{"index":"1-2.seg","reason":{"reason":"1-2.seg at 7: a block does not fit its checksum"}},{"index":"logs-x","reason":{"reason":"no such file"}}]},"hits":{"total":{"value":0},"hits":[]}}`)})
	if err != nil {
		t.Fatal(err)
	}
	n := reloadable(t, func() (*Settings, error) { return parse("rules: {library: false}\n") })
	n.index = c
	want := []string{"1-2.seg at 7: a block does not fit its checksum", "logs-x: no such file"}
	f := func(what string, d Damage, err error) {
		t.Helper()
		if err != nil || d.Unread != 2 || !slices.Equal(d.Places, want) {
			t.Errorf("%s: %+v, %v", what, d, err)
		}
	}
	none := func(_, _ int64) {}
	b, err := n.Backtest(t.Context(), PastRequest{}, none)
	f("backtest", b.Damage, err)
	d, err := n.Diff(t.Context(), PastRequest{}, none)
	f("diff", d.Damage, err)
	s, err := n.Shadow(t.Context(), time.Time{})
	f("shadow", s.Damage, err)
	var seen Damage
	if err := indexPast(c, Stretch{damage: &seen}, nil)(t.Context(), n.set.Load(), true, func(*Happened) error { return nil }); err != nil {
		t.Error(err)
	}
	f("past", seen, nil)

	file := filepath.Join(t.TempDir(), "r.yml")
	write(t, file, "id: r\ntitle: R\nlevel: low\nkind: match\nwhen: has(user.name)\n")
	n = reloadable(t, func() (*Settings, error) { return parse("rules: {library: false, paths: [" + file + "]}\n") })
	if _, err := (&Why{Set: n.set.Load()}).stored(t.Context(), c, "r", "e1", time.Time{}); err == nil || !strings.Contains(err.Error(), "damaged (2)") {
		t.Errorf("why: %v", err)
	}
}
