package relp

import (
	"slices"
	"testing"
)

// TestWaitsForAnswers: a sender that waits for our answers is not silent, and makes no room for others.
func TestWaitsForAnswers(t *testing.T) {
	var a answers
	var told []bool
	a.init(func(on bool) { told = append(told, on) })
	a.addMessage(1, kept{batch: 1})
	a.addMessage(2, kept{batch: 2})
	a.due(1, nil)
	if !slices.Equal(told, []bool{true}) {
		t.Errorf("while one waits: %v", told)
	}
	a.due(2, nil)
	a.add(answer{txnr: 3})
	a.due(2, nil)
	if want := []bool{true, false, true, false}; !slices.Equal(told, want) {
		t.Errorf("%v, want %v", told, want)
	}
}
