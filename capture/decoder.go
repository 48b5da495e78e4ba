package capture

// A decoder reads the messages of one protocol inside flows. It lives in a file
// decode_<proto>.go that registers it; nothing else changes for a new one. What it
// keeps of a flow goes into flow.app and must be bounded.
type decoder struct {
	name string
	// wants says whether a packet may be this protocol's, from its ports; it is asked
	// about every packet.
	wants func(v *view) bool
	// decode reads the packet; from is 0 for the opener's side. It writes each message
	// into e.buf and calls e.message.
	decode func(e *Engine, f *flow, from int, v *view)
}

// decoders are asked in the order of their files' names.
var decoders []decoder

func register(d decoder) string {
	decoders = append(decoders, d)
	return d.name
}
