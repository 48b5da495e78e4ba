package ingest

import "testing"

func TestHeaderHost(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		if got := headerHost([]byte(line)); got != want {
			t.Errorf("HeaderHost(%q) = %q, want %q", line, got, want)
		}
	}
	f("<34>1 2026-10-11T22:14:15.003Z mymachine.example.com su - ID47 - x", "mymachine.example.com")
	f("<34>1 2026-10-11T22:14:15.003Z - su - ID47 - x", "")
	f("<34>1 - host su - ID47 - x", "host") // of a sender without a clock
	f("<34>1 - - su - ID47 - x", "")
	f("<34>- host su: x", "")
	f("<34>Oct  1 22:14:15 host su: x", "host")
	f("<34>Oct 11 22:14:15 2001:db8::1 su: x", "2001:db8::1")
	f("<34>2026-10-11T22:14:15+02:00 host su: x", "host")
	f("<34>Oct 11 22:14:15 su: x", "")
	f("<34>Oct 11 22:14:15 <b>x</b> su: x", "")
	f("<34>%ASA-6-302013: Built", "")
	f("no header", "")
	f("<34>1", "")
	f("<34>Oct", "")
}
