package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/bus"
)

// TestHeldSendersShow: readiness says that senders wait, without naming files to those who
// are not logged in, and no more when the bus takes again.
func TestHeldSendersShow(t *testing.T) {
	n := &Node{now: time.Now}
	n.settings.Store(&Settings{})
	n.health = newHealth(n)
	f := func(why error, want string) {
		t.Helper()
		n.health.hold("net", why)
		var all strings.Builder
		for _, p := range n.health.Ready(t.Context()) {
			fmt.Fprintf(&all, "%s: %s, %t", p.Part, p.Reason, p.Warning)
		}
		if got := all.String(); !strings.Contains(got, want) || want == "" && got != "" || strings.Contains(got, "/data") {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(fmt.Errorf("%w: write /data/bus/1.seg: no space left on device", bus.ErrFull), "the bus is full, true")
	f(errors.New("write /data/bus/1.seg: input/output error"), "the log says why, true")
	f(nil, "")
}
