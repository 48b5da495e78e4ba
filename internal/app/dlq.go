package app

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"time"
	"unicode/utf8"

	"sluice/bus"
	"sluice/event"
)

// letterHeaders are the headers of a dead letter that its document has under sluice.dlq, by the
// same names: with them a replay makes the message anew. All are texts, also numbers and times: a
// header that cannot be read may be the very reason, and no index may refuse its letter for it.
var letterHeaders = []string{
	bus.HeaderReason, bus.HeaderStage, bus.HeaderTopic, bus.HeaderID, bus.HeaderOrigin, bus.HeaderInput, bus.HeaderPeer,
	bus.HeaderListener, bus.HeaderReceived, bus.HeaderPack, bus.HeaderZone, bus.HeaderPart, bus.HeaderHistory, bus.HeaderLine,
	bus.HeaderElement, bus.HeaderEnvelope, bus.HeaderStream, bus.HeaderReplay,
}

const (
	dlqDataset = "sluice.dlq"

	// maxLetterText is how much of the original, or of a header, stands in a letter as text. Control
	// characters are six bytes in JSON, which would make of a message of 4 MiB a document that the
	// store refuses: what is longer is whole in base64 alone.
	maxLetterText = 256 << 10
	// maxLetterID leaves room in the 512 bytes of an index's id for what a letter's has behind it.
	maxLetterID = 400
)

// letterIndices are the dead letters of a namespace, "" for all.
func letterIndices(namespace string) []string {
	return []string{"logs-" + dlqDataset + "-" + anyNamespace(namespace)}
}

// deadDocument is what the index gets of a dead letter. The original is kept as text, and as
// base64 where it is no UTF-8 or too long; fields that the index refused are not mapped again.
func deadDocument(m *bus.Message) event.Document {
	namespace := string(m.Get(bus.HeaderNamespace))
	if !validNamespace(namespace) {
		namespace = defaultNamespace
	}
	dlq := map[string]any{}
	var coded []string
	for _, name := range letterHeaders {
		switch v := m.Get(name); {
		case len(v) == 0:
		case utf8.Valid(v) && len(v) <= maxLetterText:
			dlq[name] = string(v)
		default:
			dlq[name] = base64.StdEncoding.EncodeToString(v)
			coded = append(coded, name)
		}
	}
	if dlq[bus.HeaderOrigin] == nil && dlq[bus.HeaderTopic] == bus.TopicRaw && utf8.Valid(m.Key) {
		dlq[bus.HeaderOrigin] = string(m.Key) // of one that cannot be decoded: so the account counts it
	}
	if coded != nil {
		dlq["base64"] = coded
	}
	id := letterID(m)
	fields := map[string]any{"id": id, "dlq": dlq}
	text := string(m.Value)
	if !utf8.Valid(m.Value) || len(m.Value) > maxLetterText {
		fields["original_base64"] = base64.StdEncoding.EncodeToString(m.Value)
		text = text[:min(len(text), maxLetterText)]
	}
	doc := map[string]any{
		"@timestamp":  m.Time.UTC().Format("2006-01-02T15:04:05.000Z"),
		"event":       map[string]any{"kind": "pipeline_error", "dataset": dlqDataset, "original": text},
		"data_stream": map[string]string{"type": "logs", "dataset": dlqDataset, "namespace": namespace},
		"sluice":      fields,
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic("BUG: marshal dead letter: " + err.Error())
	}
	return event.Document{ID: id, Stream: letterIndices(namespace)[0], JSON: b}
}

// letterID makes an event's letter one document however often it was written, and another one
// where it was replayed and died again; what has no id that an index takes is known by its place alone.
func letterID(m *bus.Message) string {
	if id := m.Get(bus.HeaderID); len(id) == 0 || len(id) > maxLetterID || !utf8.Valid(id) {
		return fmt.Sprintf("%08x-%d-%d", crc32.ChecksumIEEE(m.Key), m.Partition, m.Offset)
	}
	id := fmt.Sprintf("%s-%s-%08x", m.Get(bus.HeaderID), m.Get(bus.HeaderStage), crc32.ChecksumIEEE(m.Value))
	if run := m.Get(bus.HeaderReplay); run != nil {
		id += "-" + string(run)
	}
	return id
}

// letter is a dead letter as the index has it.
type letter struct {
	Time  time.Time `json:"@timestamp"`
	Event struct {
		Original string `json:"original"`
	} `json:"event"`
	DataStream struct {
		Namespace string `json:"namespace"`
	} `json:"data_stream"`
	Sluice struct {
		ID             string                     `json:"id"`
		OriginalBase64 string                     `json:"original_base64"`
		DLQ            map[string]json.RawMessage `json:"dlq"`
	} `json:"sluice"`

	coded []string
}

func readLetter(source json.RawMessage) (*letter, error) {
	l := &letter{}
	if err := json.Unmarshal(source, l); err != nil {
		return nil, fmt.Errorf("a dead letter: %w", err)
	}
	if v := l.Sluice.DLQ["base64"]; v != nil {
		if err := json.Unmarshal(v, &l.coded); err != nil {
			return nil, fmt.Errorf("a dead letter: sluice.dlq.base64: %w", err)
		}
	}
	return l, nil
}

// header is the value of one of letterHeaders, as it was; "" where there was none.
func (l *letter) header(name string) string {
	var text string
	if json.Unmarshal(l.Sluice.DLQ[name], &text) != nil {
		return ""
	}
	if slices.Contains(l.coded, name) {
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			return string(b)
		}
	}
	return text
}

// old says that a version wrote it which kept none of the headers that a replay needs.
func (l *letter) old() bool { return l.Sluice.ID == "" }

// original are the bytes of the message that died.
func (l *letter) original() ([]byte, error) {
	if l.Sluice.OriginalBase64 == "" {
		return []byte(l.Event.Original), nil
	}
	b, err := base64.StdEncoding.DecodeString(l.Sluice.OriginalBase64)
	if err != nil {
		return nil, fmt.Errorf("sluice.original_base64: %w", err)
	}
	return b, nil
}

// message is the message that died, with the headers that it had.
func (l *letter) message() (bus.Message, error) {
	value, err := l.original()
	if err != nil {
		return bus.Message{}, err
	}
	m := bus.Message{Topic: l.header(bus.HeaderTopic), Key: []byte(l.header(bus.HeaderOrigin)), Value: value, Time: l.Time}
	for _, name := range letterHeaders {
		switch name {
		case bus.HeaderReason, bus.HeaderStage, bus.HeaderTopic, bus.HeaderReplay: // of the letter, not of what died
		default:
			if v := l.header(name); v != "" {
				m.Headers = append(m.Headers, bus.Header{Key: name, Value: []byte(v)})
			}
		}
	}
	m.Headers = append(m.Headers, bus.Header{Key: bus.HeaderNamespace, Value: []byte(l.DataStream.Namespace)})
	return m, nil
}
