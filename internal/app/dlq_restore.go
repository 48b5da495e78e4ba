package app

import (
	"errors"
	"fmt"

	"sluice/bus"
	"sluice/bus/relay"
	"sluice/event"
	"sluice/sinks/elasticsearch"
)

// restore makes of a letter what died; the error says why that cannot be, and what to do instead.
func (s *settling) restore(hit *storedHit, l *letter) (restored, error) {
	out := restored{hit: hit, letter: l, size: len(hit.Source)}
	if s.outcome == outcomeDropped {
		return out, nil
	}
	if l.old() {
		return out, errors.New("an older version of sluice wrote it and kept none of its headers: write its bytes to a file (sluice dlq show --original), let an input read them, then drop it")
	}
	m, err := l.message()
	if err != nil {
		return out, err
	}
	stage := l.header(bus.HeaderStage)
	switch {
	case m.Topic == bus.TopicRaw && (stage == "process" || stage == relay.Stage):
		out.messages, err = s.raw(&m)
	case m.Topic == bus.TopicEvents && stage == "index":
		out.messages, err = s.events(&m)
		out.split = max(0, len(out.messages)-1)
	case m.Topic == bus.TopicAlerts && stage == "index":
		var rev elasticsearch.Revision
		m.Key = m.Get(bus.HeaderID)
		if rev, err = revision(&m); err == nil {
			out.revision = &rev
		}
	case stage == "notify":
		err = errors.New("a channel refused this alert, which is in the index all the same (sluice search --alerts): mend the channel, tell whoever should know, then drop it")
	case stage == "correlate":
		err = errors.New("it is a match for windows that were judged long ago: ask what the rule finds in the events (sluice rules backtest), then drop it")
	case m.Topic == bus.TopicAccount:
		err = errors.New("it is a total of the account, which each later one holds too: drop it")
	default:
		err = fmt.Errorf("this version of sluice does not know what died at stage %.40q of topic %.40q: a newer one may, or drop it", stage, m.Topic)
	}
	for i := range out.messages {
		if size := out.messages[i].Size(); size > bus.MaxMessage {
			return out, fmt.Errorf("it is a message of %d bytes, at most %d: write its bytes to a file (sluice dlq show --original), let an input with a smaller max_line read them, then drop it", size, bus.MaxMessage)
		}
	}
	return out, err
}

// raw is a line as the processors read it, with what its input's settings say today. The time of the
// message is now, since a Kafka removes old ones; when the line was received is in its header.
func (s *settling) raw(m *bus.Message) ([]bus.Message, error) {
	raw, err := readRaw(m)
	if err != nil {
		return nil, fmt.Errorf("no input of sluice wrote it to the bus (%w): write its bytes to a file (sluice dlq show --original), let an input read them, then drop it", err)
	}
	s.again.asInput(&raw, raw.Pack)
	return []bus.Message{s.put(rawMessage(&raw))}, nil
}

// events are what today's packs make of an event that the index refused. The rules have seen it: they
// are not asked again, so nobody is told twice.
func (s *settling) events(m *bus.Message) ([]bus.Message, error) {
	id := string(m.Get(bus.HeaderID))
	if id == "" {
		return nil, errors.New("no processor of sluice wrote it to the bus (it has no id): drop it")
	}
	corrected, _, _, err := s.read(&elasticsearch.Stored{ID: id, Source: m.Value})
	if err != nil {
		return nil, fmt.Errorf("the document cannot be read (%w): drop it", err)
	}
	docs := []event.Document{{ID: id, Stream: string(m.Get(bus.HeaderStream)), JSON: m.Value}}
	if corrected != nil {
		docs = corrected.New
	}
	if docs[0].Stream == "" {
		return nil, errors.New("no processor of sluice wrote it to the bus (it has no data stream): drop it")
	}
	out := make([]bus.Message, len(docs))
	for i, d := range docs {
		out[i] = s.put(bus.Message{Topic: bus.TopicEvents, Key: m.Key, Value: d.JSON, Headers: []bus.Header{
			{Key: bus.HeaderSchema, Value: []byte(schemaEvents)},
			{Key: bus.HeaderID, Value: []byte(d.ID)},
			{Key: bus.HeaderOrigin, Value: m.Get(bus.HeaderOrigin)},
			{Key: bus.HeaderNamespace, Value: m.Get(bus.HeaderNamespace)},
			{Key: bus.HeaderStream, Value: []byte(d.Stream)},
		}})
	}
	return out, nil
}

// read is that of reprocessing; a fault of ours that the line brings about costs this letter alone.
func (s *settling) read(old *elasticsearch.Stored) (out *elasticsearch.Corrected, w was, unparsed bool, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			s.again.worker = s.again.set.NewWorker()
			err = fmt.Errorf("BUG: %v", fault)
		}
	}()
	return s.again.read(old)
}

// put stamps a message with its place among those of this run.
func (s *settling) put(m bus.Message) bus.Message {
	m.Time = s.n.now()
	s.stamp.put(&m)
	m.Headers = append(m.Headers, bus.Header{Key: bus.HeaderReplay, Value: []byte(s.stamp.producer)})
	return m
}
