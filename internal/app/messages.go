package app

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/bus"
	"sluice/event"
)

// The schemas on the wire. Within a major fields are only added.
const (
	schemaRaw       = "sluice.raw/1"
	schemaEvents    = "sluice.events/1"
	schemaMatches   = "sluice.matches/1"
	schemaAlerts    = "sluice.alerts/1"
	schemaWatermark = "sluice.watermark/1" // on sluice.matches, pinned
	schemaDLQ       = "sluice.dlq/1"
)

// rawMessage is r as sluice.raw carries it: its bytes, and all else as headers.
func rawMessage(r *event.Raw) bus.Message {
	h := make([]bus.Header, 0, 8) // of most; the rest is rare
	// One piece of memory for all values: this is done for every line that comes in.
	room := make([]byte, 0, len(schemaRaw)+len(r.ID)+len(r.Origin)+len(r.Input)+len(r.Peer)+len(r.Listener)+
		len(r.Namespace)+len(time.RFC3339Nano)+len(r.Pack)+len(r.Zone)+8)
	add := func(key, value string) {
		if value == "" {
			return
		}
		from := len(room)
		room = append(room, value...)
		h = append(h, bus.Header{Key: key, Value: room[from:len(room):len(room)]})
	}
	add(bus.HeaderSchema, schemaRaw)
	add(bus.HeaderID, r.ID)
	add(bus.HeaderOrigin, r.Origin)
	add(bus.HeaderInput, r.Input)
	add(bus.HeaderPeer, r.Peer)
	add(bus.HeaderListener, r.Listener)
	add(bus.HeaderNamespace, r.Namespace)
	from := len(room)
	room = r.Received.UTC().AppendFormat(room, time.RFC3339Nano)
	h = append(h, bus.Header{Key: bus.HeaderReceived, Value: room[from:len(room):len(room)]})
	add(bus.HeaderPack, r.Pack)
	add(bus.HeaderZone, r.Zone)
	if r.Part > 0 {
		add(bus.HeaderPart, strconv.Itoa(r.Part))
	}
	if r.History {
		add(bus.HeaderHistory, "1")
	}
	if r.Element > 0 {
		add(bus.HeaderLine, r.Line)
		add(bus.HeaderElement, strconv.Itoa(r.Element))
	}
	if r.Envelope != "" {
		add(bus.HeaderEnvelope, r.Envelope)
	}
	value := r.Bytes
	if value == nil {
		value = []byte{} // nil would be a tombstone
	}
	return bus.Message{Topic: bus.TopicRaw, Key: []byte(r.Origin), Value: value, Headers: h, Time: r.Received}
}

// readRaw is the opposite of rawMessage. Headers that it does not know are passed
// over; a message without an id or receive time is refused.
func readRaw(m *bus.Message) (event.Raw, error) {
	r := event.Raw{Bytes: m.Value, Received: m.Time}
	for _, h := range m.Headers {
		v := string(h.Value)
		switch h.Key {
		case bus.HeaderID:
			r.ID = v
		case bus.HeaderOrigin:
			r.Origin = v
		case bus.HeaderInput:
			r.Input = v
		case bus.HeaderPeer:
			r.Peer = v
		case bus.HeaderListener:
			r.Listener = v
		case bus.HeaderNamespace:
			r.Namespace = v
		case bus.HeaderPack:
			r.Pack = v
		case bus.HeaderZone:
			r.Zone = v
		case bus.HeaderHistory:
			r.History = v == "1"
		case bus.HeaderLine:
			r.Line = v
		case bus.HeaderEnvelope:
			r.Envelope = v
		case bus.HeaderPart, bus.HeaderElement:
			n, err := strconv.Atoi(v)
			if err != nil {
				return r, fmt.Errorf("header %s: %w", h.Key, err)
			}
			if h.Key == bus.HeaderPart {
				r.Part = n
			} else {
				r.Element = n
			}
		case bus.HeaderReceived:
			t, err := time.Parse(time.RFC3339Nano, v)
			if err != nil {
				return r, fmt.Errorf("header received: %w", err)
			}
			r.Received = t
		}
	}
	if r.ID == "" || r.Received.IsZero() {
		return r, fmt.Errorf("a raw message needs the headers %s and %s", bus.HeaderID, bus.HeaderReceived)
	}
	return r, nil
}

// maxReason bounds why a dead letter is dead: an error may quote what it is about.
const maxReason = 8 << 10

// deadLetter is m, which stage could not handle, as sluice.dlq carries it: the bytes
// and headers as they were, with the reason.
func deadLetter(m *bus.Message, stage string, reason error) bus.Message {
	d := bus.Message{Topic: bus.TopicDLQ, Key: m.Key, Value: m.Value, Time: m.Time}
	why := reason.Error()
	why = strings.ToValidUTF8(why[:min(len(why), maxReason)], "")
	for _, h := range m.Headers {
		if h.Key != bus.HeaderSchema && h.Key != bus.HeaderReason && h.Key != bus.HeaderStage {
			d.Headers = append(d.Headers, h)
		}
	}
	d.Headers = append(d.Headers,
		bus.Header{Key: bus.HeaderSchema, Value: []byte(schemaDLQ)},
		bus.Header{Key: bus.HeaderTopic, Value: []byte(m.Topic)},
		bus.Header{Key: bus.HeaderStage, Value: []byte(stage)},
		bus.Header{Key: bus.HeaderReason, Value: []byte(why)})
	return d
}
