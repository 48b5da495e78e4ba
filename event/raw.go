package event

import "time"

// Raw is what one input took: one line, datagram or packet record, as it came.
// Nobody changes it after Emit.
type Raw struct {
	ID        string // given once, at the input; becomes _id in the index (docs/decisions/0002)
	Bytes     []byte // without framing; never longer than the input's max_line
	Origin    string // input name + device, file or interface; order holds per origin
	Input     string // the input's name in the configuration
	Peer      string // the sender's address ("192.0.2.7:514"), if there is one
	Listener  string // the local address or path it came in by
	Namespace string // data_stream.namespace; what a user may see
	Received  time.Time
	Pack      string // the pack that the input's settings name; "" recognizes it
	Zone      string // IANA name for stamps without a zone; "" is UTC
	Part      int    // 1.. when a longer line was cut into numbered parts; 0: whole
	History   bool   // what the input itself calls history: correlated in its origin's own lane
}

// Document is an encoded event on its way to the index.
type Document struct {
	ID     string // _id
	Stream string // data stream or index
	JSON   []byte // one JSON object, without a line end
}
