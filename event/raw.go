package event

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Raw is one line, datagram or packet record exactly as an input received it. It must not be
// modified after Emit.
type Raw struct {
	ID        string // given once, at the input; becomes _id in the index (docs/decisions/0002)
	Bytes     []byte // without framing; never longer than the input's max_line
	Origin    string // input name + device, file or interface; order holds per origin
	Input     string // the input's name in the configuration
	Peer      string // the sender's address ("192.0.2.7:514"), if there is one; this machine's name for a program of it
	Listener  string // the local address or path it came in by
	Namespace string // data_stream.namespace; what a user may see
	Received  time.Time
	Pack      string // the pack that the input's settings name; "" recognizes it
	Zone      string // for stamps without one: an IANA name or an offset, +05:30; "" is UTC
	Part      int    // 1.. when a longer line was cut into numbered parts; 0: whole
	Line      string // of an element: the id of the line that it stood in
	Element   int    // 1.. of a line that is a list of events; 0: the line is one event
	Envelope  string // of an element: the line with one empty object in the place of the list's; of a line of a file: the one that names its columns
	History   bool   // what the input itself calls history: correlated in its origin's own lane
}

// Here returns the name of the machine on which the program runs that wrote the line, if it came by a
// socket of that machine: Peer is no address then, and the line's header names no host.
func (r *Raw) Here() string {
	if r.Peer == "" || strings.IndexByte(r.Peer, ':') >= 0 {
		return ""
	}
	if _, err := netip.ParseAddr(r.Peer); err == nil {
		return ""
	}
	return r.Peer
}

// ElementID returns the id of the n-th event, counted from 1, of a line that holds a list of
// events. Such ids sort after the line's own id, in list order.
func ElementID(line string, n int) string {
	num := strconv.FormatInt(int64(n), 32) // 0-9 and a-v, as the other ids
	return line + "." + "000"[min(len(num), 3):] + num
}

// Document is an encoded event on its way to the index.
type Document struct {
	ID     string // _id
	Stream string // data stream or index
	JSON   []byte // one JSON object, without a line end
}
