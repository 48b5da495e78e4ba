package capture

import "time"

// closeLinger is how long a flow stays after its end was seen, for the last ACKs and
// repeats; as long as the record waits.
const closeLinger = 3 * time.Second

// The lists of the table, each ordered by flow.since, so that looking for silent
// flows costs nothing. The first gives way first when the table is full.
const (
	listClosing = iota
	listAttempt
	listTalking
	lists
)

// table holds the open flows. Walking it is in the order of packets, never of a map,
// so that the same packets give the same records.
type table struct {
	flows    map[key]*flow
	timeouts [lists]int64
	head     [lists]*flow // longest silent
	tail     [lists]*flow
	free     *flow
	freeLen  int
	kept     int64 // bytes that decoders keep of all flows
}

func newTable(l Limits) table {
	return table{
		flows:    make(map[key]*flow),
		timeouts: [lists]int64{int64(closeLinger), int64(l.AttemptTimeout), int64(l.IdleTimeout)},
	}
}

func (t *table) add(k key) *flow {
	f := t.free
	if f == nil {
		f = new(flow)
	} else {
		t.free = f.nextIn
		t.freeLen--
		*f = flow{}
	}
	f.key, f.list = k, -1
	t.flows[k] = f
	return f
}

func (t *table) remove(f *flow) {
	t.unlink(f)
	t.kept -= f.kept
	delete(t.flows, f.key)
	const keep = 4096 // flows kept for reuse after a burst
	if t.freeLen < keep {
		f.nextIn, f.prev, f.app = t.free, nil, nil
		t.free = f
		t.freeLen++
	}
}

// touch moves a flow to the end of the list that it belongs to now. In the closing
// list it keeps its place, so that a repeated RST doesn't hold the record back.
func (t *table) touch(f *flow, now int64) {
	list := int8(listTalking)
	switch {
	case f.closing != "":
		list = listClosing
	case !f.answered:
		list = listAttempt
	}
	if list == listClosing && f.list == listClosing {
		return
	}
	if f.list >= 0 {
		t.unlink(f)
	}
	f.list, f.prev, f.nextIn, f.since = list, t.tail[list], nil, now
	if f.prev != nil {
		f.prev.nextIn = f
	} else {
		t.head[list] = f
	}
	t.tail[list] = f
}

func (t *table) unlink(f *flow) {
	if f.list < 0 {
		return
	}
	if f.prev != nil {
		f.prev.nextIn = f.nextIn
	} else {
		t.head[f.list] = f.nextIn
	}
	if f.nextIn != nil {
		f.nextIn.prev = f.prev
	} else {
		t.tail[f.list] = f.prev
	}
	f.prev, f.nextIn, f.list = nil, nil, -1
}

// expired gives a flow whose silence has lasted long enough, or nil.
func (t *table) expired(now int64) *flow {
	for list, f := range t.head {
		if f != nil && now-f.since >= t.timeouts[list] {
			return f
		}
	}
	return nil
}

// oldest is what makes room in a full table.
func (t *table) oldest() *flow { return t.any() }

// any is the next flow to end when all must.
func (t *table) any() *flow {
	for _, f := range t.head {
		if f != nil {
			return f
		}
	}
	return nil
}
