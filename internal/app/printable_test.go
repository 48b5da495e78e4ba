package app

import "testing"

// TestPrintable: what a device sent can neither command a terminal nor turn its text round, nor break a
// table.
func TestPrintable(t *testing.T) {
	f := func(text, printed, cell string) {
		t.Helper()
		if got := Printable(text); got != printed {
			t.Errorf("%q: %q, want %q", text, got, printed)
		}
		if got := Cell(text); got != cell {
			t.Errorf("%q in a cell: %q, want %q", text, got, cell)
		}
	}
	f("Übergröße 日本", "Übergröße 日本", "Übergröße 日本")
	f("a\x1b[31mb\u009bc\n", "a\ufffd[31mb\ufffdc\ufffd", "a\ufffd[31mb\ufffdc\ufffd")
	f("a\u202egpj.exe\u200b\u2028", "a\ufffdgpj.exe\ufffd\ufffd", "a\ufffdgpj.exe\ufffd\ufffd")
	f("tab\there", "tab\there", "tab here")
}
