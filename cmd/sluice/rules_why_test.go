package main

import (
	"testing"

	"sluice/internal/condition"
)

// TestFieldsText: of many places where a value may stand, the one that has it is seen.
func TestFieldsText(t *testing.T) {
	fields := []condition.Actual{{Field: "a"}, {Field: "b"}, {Field: "c"}, {Field: "d", Values: []string{"x"}}, {Field: "e"}}
	if got := fieldsText(fields); got != `  [a: not set]  [b: not set]  [d: "x"]  [2 more: not set]` {
		t.Error(got)
	}
	if got := fieldsText(fields[1:4]); got != `  [b: not set]  [c: not set]  [d: "x"]` {
		t.Error(got)
	}
}
