package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"sluice/event"
	"sluice/sinks"
)

// Revision is the machine's part of one alert as it is after a change.
type Revision struct {
	ID         string
	Namespace  string
	Revision   int      // only a greater one than what is there is written
	Supersedes []string // alerts that were announced before it was settled
	Doc        []byte   // the ECS document; what it says under sluice.triage is ignored
}

// known is what the index has of an alert.
type known struct {
	Stored
	early json.RawMessage // what people wrote about one that it supersedes
}

// conflicts bounds how often one write is tried again because somebody changed the
// same alert meanwhile: people do it by hand, other indexers are at most a few.
const conflicts = 8

// WriteAlerts writes the revisions that are newer than what the index has, each only
// over the very document that it was compared with, and keeps what people wrote
// (sluice.triage), be it about what was announced of it early. Refusals are by index of revs. It is safe for
// concurrent use.
func (c *Client) WriteAlerts(ctx context.Context, revs []Revision) (refused []sinks.Refusal, err error) {
	left, err := c.newest(ctx, revs)
	for err == nil && len(left) > 0 {
		n := c.portion(left, func(i int) int { return len(revs[i].Doc) })
		var r []sinks.Refusal
		if r, err = c.writeAlerts(ctx, revs, left[:n]); err == nil {
			refused, left = append(refused, r...), left[n:]
		}
	}
	if err != nil {
		return nil, err
	}
	return refused, nil
}

// writeAlerts writes the alerts at the indices of revs at once, or in halves where the cluster, or
// what stands in front of it, does not take them as a whole. One that fails alone is refused for good.
func (c *Client) writeAlerts(ctx context.Context, revs []Revision, at []int) ([]sinks.Refusal, error) {
	refused, err := c.overwrite(ctx, revs, at)
	reason := indigestible(err)
	switch {
	case reason == nil && !errors.Is(err, ErrTooLarge):
		return refused, err
	case len(at) > 1:
		left, err := c.writeAlerts(ctx, revs, at[:len(at)/2])
		if err != nil {
			return nil, err
		}
		right, err := c.writeAlerts(ctx, revs, at[len(at)/2:])
		return append(left, right...), err
	case reason == nil:
		return nil, err
	}
	return []sinks.Refusal{{Index: at[0], Reason: reason, Final: true}}, nil
}

// overwrite compares and writes until nobody else's change comes in between.
func (c *Client) overwrite(ctx context.Context, revs []Revision, left []int) (refused []sinks.Refusal, err error) {
	for range conflicts {
		if len(left) == 0 {
			return refused, nil
		}
		now, err := c.current(ctx, revs, left)
		if err != nil {
			return nil, err
		}
		var r []sinks.Refusal
		if left, r, err = c.replace(ctx, revs, left, now); err != nil {
			return nil, err
		}
		refused = append(refused, r...)
	}
	for _, i := range left {
		refused = append(refused, sinks.Refusal{Index: i, Reason: fmt.Errorf("alert %s changed %d times while it was written", revs[i].ID, conflicts)})
	}
	return refused, nil
}

// newest gives the index of the greatest revision of each alert: the lesser ones of
// one call need no write. It sees to the aliases.
func (c *Client) newest(ctx context.Context, revs []Revision) ([]int, error) {
	type key struct{ namespace, id string }
	at := map[key]int{}
	var order []key
	for i, r := range revs {
		if err := c.ensureAlias(ctx, r.Namespace); err != nil {
			return nil, err
		}
		k := key{r.Namespace, r.ID}
		if j, ok := at[k]; !ok {
			order = append(order, k)
		} else if revs[j].Revision > r.Revision {
			continue
		}
		at[k] = i
	}
	left := make([]int, len(order))
	for n, k := range order {
		left[n] = at[k]
	}
	return left, nil
}

// current reads what the index has of the alerts and of those that they supersede, realtime and not by search.
func (c *Client) current(ctx context.Context, revs []Revision, left []int) ([]known, error) {
	type want struct {
		Index string `json:"_index"`
		ID    string `json:"_id"`
		of    int    // which of left
	}
	docs := make([]want, len(left))
	for n, i := range left {
		docs[n] = want{AlertIndex(revs[i].Namespace), revs[i].ID, n}
		for _, id := range revs[i].Supersedes {
			docs = append(docs, want{docs[n].Index, id, n})
		}
	}
	body, err := json.Marshal(map[string]any{"docs": docs})
	if err != nil {
		return nil, err
	}
	answer, err := c.do(ctx, call{method: http.MethodPost, path: "/_mget", body: body})
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	var a struct {
		Docs []struct {
			Stored
			Error json.RawMessage `json:"error"`
		} `json:"docs"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || len(a.Docs) != len(docs) {
		return nil, fmt.Errorf("read alerts: %w: %s", errAnswer, excerpt(answer))
	}
	out := make([]known, len(left))
	for n, d := range a.Docs {
		if bytes.Contains(d.Error, []byte("index_not_found_exception")) {
			c.forgetAlias(revs[left[docs[n].of]].Namespace) // somebody deleted it; the next try makes it anew
		}
		if d.Error != nil || d.ID != docs[n].ID {
			return nil, fmt.Errorf("read alert %s: %s", docs[n].ID, excerpt(d.Error))
		}
		if n < len(left) {
			out[n].Stored = d.Stored
		} else if of := &out[docs[n].of]; d.Found && of.early == nil {
			_, of.early, _ = written(d.Source) // what cannot be read keeps no alert from being written
		}
	}
	return out, nil
}

// written reads an alert's revision, and what people wrote about it.
func written(source []byte) (revision int, triage json.RawMessage, err error) {
	var have struct {
		Sluice struct {
			Alert struct {
				Revision int `json:"revision"`
			} `json:"alert"`
			Triage json.RawMessage `json:"triage"`
		} `json:"sluice"`
	}
	err = json.Unmarshal(source, &have)
	return have.Sluice.Alert.Revision, have.Sluice.Triage, err
}

// replace writes what is newer and gives what met somebody else's change.
func (c *Client) replace(ctx context.Context, revs []Revision, left []int, now []known) (again []int, refused []sinks.Refusal, err error) {
	var lines []byte
	var sent []int
	for n, i := range left {
		line, err := alertLines(revs[i], now[n])
		if err != nil {
			refused = append(refused, sinks.Refusal{Index: i, Reason: err, Final: true})
			continue
		}
		if line != nil {
			lines, sent = append(lines, line...), append(sent, i)
		}
	}
	if len(sent) == 0 {
		return nil, refused, nil
	}
	answer, err := c.do(ctx, bulk(lines, url.Values{"require_alias": {"true"}}))
	if err != nil {
		return nil, nil, fmt.Errorf("write alerts: %w", err)
	}
	items, err := new(answers).parse(answer, len(sent))
	if err != nil {
		return nil, nil, fmt.Errorf("write alerts: %w", err)
	}
	for n, it := range items {
		i := sent[n]
		switch {
		case it.id != revs[i].ID:
			return nil, nil, fmt.Errorf("write alerts: %w: answer %d is about %.80q", errAnswer, n, it.id)
		case it.fate() == conflict:
			again = append(again, i)
		case it.fate() != taken:
			if it.kind == "index_not_found_exception" { // deleted between the two requests
				c.forgetAlias(revs[i].Namespace)
			}
			refused = append(refused, sinks.Refusal{Index: i, Reason: it.err(), Final: it.fate() == never})
		}
	}
	return again, refused, nil
}

// alertLines are the bulk lines that put r over now; nil if now is as new.
func alertLines(r Revision, now known) ([]byte, error) {
	triage := now.early
	if now.Found {
		revision, own, err := written(now.Source)
		if err != nil {
			return nil, fmt.Errorf("alert %s as it is stored: %w", r.ID, err)
		}
		if revision >= r.Revision {
			return nil, nil
		}
		if own != nil {
			triage = own
		}
	}
	doc, err := withTriage(r.Doc, triage)
	if err != nil {
		return nil, fmt.Errorf("alert %s: %w", r.ID, err)
	}
	action := `{"create":{"_index":`
	if now.Found {
		action = `{"index":{"if_seq_no":` + strconv.FormatInt(now.SeqNo, 10) + `,"if_primary_term":` + strconv.FormatInt(now.PrimaryTerm, 10) + `,"_index":`
	}
	line := event.AppendString([]byte(action), AlertIndex(r.Namespace))
	line = event.AppendString(append(line, `,"_id":`...), r.ID)
	line = append(append(line, "}}\n"...), doc...)
	return append(line, '\n'), nil
}

// withTriage gives doc with sluice.triage as given; nil takes it out. The rest keeps
// its bytes, on one line.
func withTriage(doc []byte, triage json.RawMessage) ([]byte, error) {
	var top, ours map[string]json.RawMessage
	if err := json.Unmarshal(doc, &top); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	if raw := top["sluice"]; raw != nil {
		if err := json.Unmarshal(raw, &ours); err != nil {
			return nil, fmt.Errorf("sluice is not a JSON object: %w", err)
		}
	}
	if top == nil || ours == nil {
		return nil, errors.New("no alert: sluice.alert is missing")
	}
	if delete(ours, "triage"); triage != nil {
		ours["triage"] = triage
	}
	var err error
	if top["sluice"], err = marshal(ours); err != nil {
		return nil, err
	}
	return marshal(top)
}

// marshal writes JSON without the escapes that only pages of HTML need.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// EditTriage changes what people wrote about one alert (sluice.triage). edit gets that as
// it is (nil: nobody wrote yet) and gives it as it should be; it is called again when
// somebody else was faster, so it must have no other effect. When it returns, searches see
// the change. An alert that is not there is an *Error with status 404.
func (c *Client) EditTriage(ctx context.Context, namespace, id string, edit func(triage json.RawMessage) (json.RawMessage, error)) error {
	index := AlertIndex(namespace)
	return c.edit(ctx, index, id, url.Values{"require_alias": {"true"}}, func(source json.RawMessage) ([]byte, error) {
		if source == nil {
			return nil, &Error{Status: http.StatusNotFound, Reason: "no alert " + id + " in " + index}
		}
		return edited(source, edit)
	})
}

func edited(source json.RawMessage, edit func(json.RawMessage) (json.RawMessage, error)) ([]byte, error) {
	_, triage, err := written(source)
	if err != nil {
		return nil, fmt.Errorf("alert as it is stored: %w", err)
	}
	triage, err = edit(triage)
	if err != nil {
		return nil, err
	}
	return withTriage(source, triage)
}

func (c *Client) forgetAlias(namespace string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.aliases, namespace)
}

// ensureAlias makes the index and alias of a namespace's alerts, once: a write to a
// name that is not there would make an index of that name instead.
func (c *Client) ensureAlias(ctx context.Context, namespace string) error {
	c.mu.Lock()
	known := c.aliases[namespace]
	c.mu.Unlock()
	if known {
		return nil
	}
	alias := AlertIndex(namespace)
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/_alias/" + url.PathEscape(alias)})
	if NotFound(err) {
		body := fmt.Appendf(nil, `{"aliases":{%q:{"is_write_index":true}}}`, alias)
		_, err = c.do(ctx, call{method: http.MethodPut, path: "/" + url.PathEscape(alias+"-000001"), body: body})
		var e *Error
		if errors.As(err, &e) && e.Type == "resource_already_exists_exception" {
			err = nil // another process was faster
		}
	}
	if err != nil {
		return fmt.Errorf("set up %s: %w", alias, err)
	}
	c.mu.Lock()
	c.aliases[namespace] = true
	c.mu.Unlock()
	return nil
}
