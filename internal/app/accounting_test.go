package app

import (
	"testing"

	"sluice/internal/account"
)

// TestSettled: what moved while the account was read is no difference, what is missing is one.
func TestSettled(t *testing.T) {
	f := func(inFlight int64, later account.Line, wantMissing int64) {
		t.Helper()
		a := Account{Sum: account.Line{Received: 100, Split: 10, Normalized: 90, Indexed: 80, Dead: 5}, InFlight: inFlight} // 25 are open
		a.Missing = a.Sum.Open() - inFlight
		got := a.settled(Account{Sum: later})
		if got.Missing != wantMissing || got.Sum.Open() != got.InFlight+got.Missing {
			t.Errorf("%d in flight, later %+v: %d missing, %d in flight; want %d missing", inFlight, later, got.Missing, got.InFlight, wantMissing)
		}
	}
	still := account.Line{Received: 100, Split: 10, Normalized: 90, Indexed: 80, Dead: 5}
	moved := account.Line{Received: 103, Split: 11, Normalized: 92, Indexed: 86, Dead: 5}
	f(25, still, 0)
	f(22, still, 3)
	f(27, still, -2)
	f(19, moved, 0) // 6 came to an end before what is in flight was read
	f(18, moved, 1)
	f(31, moved, 0) // 4 came before that, 2 were on both hops
	f(33, moved, -2)
}
