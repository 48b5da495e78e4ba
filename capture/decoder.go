package capture

// A decoder reads the messages of one protocol inside flows. It lives in a file
// decode_<proto>.go that registers it; nothing else changes for a new one. What it
// keeps of a flow goes into flow.app and must be bounded; Engine.keep says how large it is.
type decoder struct {
	name string
	// wants says whether a packet may be this protocol's, from its ports; it is asked
	// about every packet.
	wants func(v *view) bool
	// decode reads the packet; from is 0 for the opener's side. It writes each message
	// into e.buf and calls e.message.
	decode func(e *Engine, f *flow, from int, v *view)
}

// maxKept bounds what decoders keep of all flows together: whoever can send packets can open any number
// of connections and leave a message in each unfinished.
const maxKept = 64 << 20

// keep notes how many bytes a decoder keeps of a flow now.
func (e *Engine) keep(f *flow, bytes int64) {
	e.table.kept += bytes - f.kept
	f.kept = bytes
}

// decoders are asked in the order of their files' names.
var decoders []decoder

func register(d decoder) string {
	decoders = append(decoders, d)
	return d.name
}
