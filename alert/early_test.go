package alert

import (
	"testing"
	"testing/synctest"
)

// TestAnnouncedOnce: who was told what was announced is not told again when it is settled,
// not by another worker either, and hears of what comes later.
func TestAnnouncedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tell := range []string{"changes", "all"} {
			n, told := &fake{}, table{}
			p := loose()
			p.Tell = tell
			early := func(a *Alert) { a.Provisional = true }
			settled := func(a *Alert) { a.Supersedes = []string{"early"} }
			tl := told.open(t, n, p)
			told.handle(t, tl, one("early", 1, early))
			tl = told.open(t, n, p)
			told.handle(t, tl, one("early", 2, early, with("high", "closed")), one("final", 1, settled))
			if len(n.sent) != 1 {
				t.Fatalf("tell: %s: %d messages, want 1", tell, len(n.sent))
			}
			tl = told.open(t, n, p)
			told.handle(t, tl, one("final", 1, settled), one("other", 1, func(a *Alert) { a.Supersedes = []string{"unknown"} }))
			told.handle(t, tl, one("final", 2, settled, with("critical", "open")))
			if len(n.sent) != 3 || n.sent[1].Alerts[0].ID != "other" || n.sent[2].Alerts[0].ID != "final" {
				t.Errorf("tell: %s: %d messages, want 3", tell, len(n.sent))
			}
		}
	})
}

func TestParseEarly(t *testing.T) {
	a, err := Parse([]byte(`{"sluice":{"alert":{"id":"a","severity":"low","provisional":true,"supersedes":["b"]}}}`))
	if err != nil || !a.Provisional || len(a.Supersedes) != 1 || a.Supersedes[0] != "b" {
		t.Errorf("%+v, %v", a, err)
	}
}
