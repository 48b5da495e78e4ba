package jsontape_test

import (
	"testing"

	"sluice/internal/jsontape"
)

// BenchmarkParse reads a line as Windows shippers write them, and visits all of it.
func BenchmarkParse(b *testing.B) {
	const line = `{"Channel":"Security","EventID":4688,"EventTime":"2026-03-01T10:11:12.123456Z","Hostname":"ws01.example.com",` +
		`"SubjectUserName":"svc-backup","SubjectLogonId":"0x3e7","NewProcessId":"0x1a2c","ProcessId":"0x4",` +
		`"NewProcessName":"C:\\Windows\\System32\\whoami.exe","CommandLine":"\"C:\\Windows\\system32\\whoami.exe\" /all",` +
		`"TokenElevationType":"%%1936","Keywords":-9214364837600034816,"Tags":["a",{"b":[true,null,1.5e3]}]}`
	var d jsontape.Doc
	var size int
	var walk func(v jsontape.Value)
	walk = func(v jsontape.Value) {
		for kid := v.First(); kid.OK(); kid = kid.Next() {
			size += len(kid.Key())
			if kid.Kind() >= jsontape.Array {
				walk(kid)
			} else {
				size += len(kid.Text())
			}
		}
	}
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Parse(line); err != nil {
			b.Fatal(err)
		}
		walk(d.Root())
	}
}
