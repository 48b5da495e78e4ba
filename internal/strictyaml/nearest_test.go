package strictyaml

import "testing"

func TestNearest(t *testing.T) {
	f := func(wrong, want string, names ...string) {
		t.Helper()
		if want != "" {
			want = "; did you mean " + want + "?"
		}
		if got := DidYouMean(wrong, names); got != want {
			t.Errorf("%s of %v: %q, want %q", wrong, names, got, want)
		}
	}
	f("upd", "udp", "cert", "tls", "udp")                   // two letters are swapped: one mistake
	f("name", "user.name", "client.user.name", "user.name") // both hold it; the shorter is meant
	f("nmae", "name", "namespace", "name")
	f("address", "source.address", "addr", "source.address") // what holds it whole is nearest
	f("deny", "denied", "allowed", "denied", "end")          // the word in another form
	f("source.pi", "source.ip", "source.ip", "source.port")
	f("event.knd", "event.kind", "event.end", "event.kind")
	f("x", "", "user.name", "host.name")
	f("udp", "")
}
