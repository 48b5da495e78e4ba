package main

import "testing"

func TestCompare(t *testing.T) {
	f := func(was, now map[string]float64, rises, falls int) {
		t.Helper()
		r, fell := compare(was, now)
		if len(r) != rises || len(fell) != falls {
			t.Errorf("compare(%v, %v) = %v, %v; want %d rises and %d falls", was, now, r, fell, rises, falls)
		}
	}
	type scores = map[string]float64
	f(scores{"a": 90}, scores{"a": 90}, 0, 0)
	f(scores{"a": 90}, scores{"a": 89.5}, 0, 0)
	f(scores{"a": 90}, scores{"a": 89.4}, 0, 1)
	f(scores{"a": 90, "b": 10}, scores{"a": 90}, 0, 1) // a score that is no longer taken hides a fall
	f(scores{"a": 90}, scores{"a": 90.1, "b": 1}, 2, 0)
}
