package esapi

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"sluice/internal/jsontape"
	"sluice/store"

	"github.com/valyala/fastjson"
)

// newID is for documents sent without one: time first, so that neighbours sort together.
func newID() string {
	return strconv.FormatInt(time.Now().UnixMilli(), 36) + rand.Text()[:16]
}

// parseBulk reads newline-delimited actions and sources.
func parseBulk(body []byte, index string) ([]store.Op, error) {
	var ops []store.Op
	var p jsontape.Doc
	line, last := 0, ""
	next := func() []byte {
		line++
		at := bytes.IndexByte(body, '\n')
		b := body
		if at < 0 {
			body = nil
		} else {
			b, body = body[:at], body[at+1:]
		}
		return bytes.TrimSpace(b)
	}
	for len(body) > 0 {
		head := next()
		if len(head) == 0 {
			continue
		}
		op, doc, err := parseAction(&p, head, index, last, line)
		if err != nil {
			return nil, err
		}
		if doc {
			if len(body) == 0 {
				return nil, fail(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]")
			}
			op.Source = next()
		}
		if op.Action == store.Update {
			if err := updateBody(&op); err != nil {
				return nil, err
			}
		}
		ops, last = append(ops, op), op.Index
	}
	if len(ops) == 0 {
		return nil, fail(400, "parse_exception", "request body is required")
	}
	return ops, nil
}

// parseAction reads an action line; last is the index of the one before, which most share.
func parseAction(p *jsontape.Doc, head []byte, index, last string, line int) (op store.Op, doc bool, err error) {
	if e := p.ParseBytes(head); e != nil {
		return op, false, fail(400, "illegal_argument_exception", "Malformed action/metadata line [%d]: %s, at byte %d", line, e, p.At())
	}
	m := p.Root().First()
	if !m.OK() || m.Next().OK() || p.Root().Kind() != jsontape.Object {
		return op, false, fail(400, "illegal_argument_exception", "Malformed action/metadata line [%d], expected one action", line)
	}
	op = store.Op{Index: index, Action: action(m.Key())}
	named := false
	for x := m.First(); x.OK(); x = x.Next() {
		switch x.Key() {
		case "_index":
			if op.Index = last; last != x.Str() {
				op.Index = strings.Clone(x.Str())
			}
		case "_id":
			op.ID, named = strings.Clone(x.Text()), true
		case "if_seq_no", "if_primary_term":
			n, err := strconv.ParseInt(x.Text(), 10, 64)
			if err != nil {
				return op, false, fail(400, "illegal_argument_exception", "Malformed action/metadata line [%d]: [%s] is no whole number", line, x.Key())
			}
			if x.Key() == "if_seq_no" {
				op.IfSeqNo = &n
			} else {
				op.IfTerm = &n
			}
		case "routing", "require_alias", "require_data_stream", "retry_on_conflict", "list_executed_pipelines", "dynamic_templates":
		default:
			return op, false, fail(400, "illegal_argument_exception", "Action/metadata line [%d] contains an unknown parameter [%s]", line, clip(x.Key()))
		}
	}
	switch op.Action {
	case store.Create, store.Index:
		if !named {
			op.ID = newID()
		}
	case store.Update:
	case store.Delete:
		return op, false, nil
	default:
		return op, false, fail(400, "illegal_argument_exception", "Malformed action/metadata line [%d], expected field [create], [delete], [index] or [update] but found [%s]", line, clip(string(op.Action)))
	}
	return op, true, nil
}

// action gives the name as one of ours where it is one: it lies in the request.
func action(name string) store.Action {
	for _, a := range []store.Action{store.Create, store.Index, store.Update, store.Delete} {
		if string(a) == name {
			return a
		}
	}
	return store.Action(strings.Clone(name))
}

// updateBody takes doc, upsert and doc_as_upsert from the body of an update.
func updateBody(op *store.Op) error {
	var p fastjson.Parser
	v, err := p.ParseBytes(op.Source)
	if err != nil {
		return fail(400, "x_content_parse_exception", "failed to parse the update: %s", clip(err.Error()))
	}
	doc := v.Get("doc")
	if v.Get("script") != nil || v.Get("upsert") != nil {
		return fail(400, "illegal_argument_exception", "scripts and upsert are not supported; send doc, with doc_as_upsert where it may be missing")
	}
	if doc == nil {
		return fail(400, "action_request_validation_exception", "Validation Failed: 1: script or doc is missing;")
	}
	op.Upsert = v.GetBool("doc_as_upsert")
	op.Source = doc.MarshalTo(nil)
	return nil
}

// text is a value as text; "" where there is none.
func text(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	if v.Type() == fastjson.TypeString {
		return string(v.GetStringBytes())
	}
	return v.String()
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}

func (c *call) bulk(index string) (answer, error) {
	start := time.Now()
	ops, err := parseBulk(c.body, index)
	if err != nil {
		return answer{}, err
	}
	res, err := c.s.Bulk(c.ctx, ops)
	if err != nil {
		return answer{}, err
	}
	bad := false
	b := make([]byte, 0, 150*len(res)+64)
	for i := range res {
		if i > 0 {
			b = append(b, ',')
		}
		bad = bad || res[i].Reason != ""
		b = appendItem(append(b, `{"`...), string(ops[i].Action), &res[i])
	}
	head := `{"took":` + strconv.FormatInt(time.Since(start).Milliseconds(), 10) + `,"errors":` + strconv.FormatBool(bad) + `,"items":[`
	return answer{200, append(append([]byte(head), b...), "]}"...)}, nil
}

func appendItem(b []byte, action string, r *store.OpResult) []byte {
	b = append(append(b, action...), `":`...)
	b = appendResult(b, r)
	return append(b, '}')
}

// appendResult writes what became of one operation.
func appendResult(b []byte, r *store.OpResult) []byte {
	b = append(b, `{"_index":`...)
	b = quote(b, r.Index)
	b = append(b, `,"_id":`...)
	b = quote(b, r.ID)
	if r.Reason != "" {
		b = append(b, `,"status":`...)
		b = strconv.AppendInt(b, int64(r.Status), 10)
		b = append(b, `,"error":{"type":`...)
		b = quote(b, r.Kind)
		b = append(b, `,"reason":`...)
		b = quote(b, r.Reason)
		return append(b, "}}"...)
	}
	b = append(b, `,"_version":1,"result":"`...)
	b = append(b, r.Result...)
	b = append(b, `","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":`...)
	b = strconv.AppendInt(b, r.SeqNo, 10)
	b = append(b, `,"_primary_term":1,"status":`...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	return append(b, '}')
}

func quote(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			q, _ := json.Marshal(s) // a string never fails
			return append(b, q...)
		}
	}
	b = append(b, '"')
	return append(append(b, s...), '"')
}

// document is one document by its id.
func (c *call) document(method, index, kind, id string) (answer, error) {
	if method == "GET" {
		if kind != "_doc" && kind != "_source" {
			return answer{}, c.unknown()
		}
		return c.get(index, id, kind == "_source")
	}
	op := store.Op{Index: index, ID: id, Action: store.Index, Source: c.body}
	switch {
	case method == "DELETE":
		op.Action = store.Delete
	case kind == "_create" || c.q.Get("op_type") == "create":
		op.Action = store.Create
	case kind == "_update":
		op.Action = store.Update
		if err := updateBody(&op); err != nil {
			return answer{}, err
		}
	}
	if id == "" && kind == "_doc" && method == "POST" {
		op.ID = newID()
	}
	for name, to := range map[string]**int64{"if_seq_no": &op.IfSeqNo, "if_primary_term": &op.IfTerm} {
		if v := c.q.Get(name); v != "" {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return answer{}, fail(400, "illegal_argument_exception", "failed to parse %s [%s]", name, clip(v))
			}
			*to = &n
		}
	}
	res, err := c.s.Bulk(c.ctx, []store.Op{op})
	if err != nil {
		return answer{}, err
	}
	if r := res[0]; r.Reason != "" {
		return answer{}, &failure{r.Status, r.Kind, r.Reason}
	}
	return answer{res[0].Status, appendResult(nil, &res[0])}, nil
}

func (c *call) get(index, id string, bare bool) (answer, error) {
	d, ok, err := c.s.Get(c.ctx, index, id)
	if err != nil {
		return answer{}, err
	}
	if bare && ok {
		return answer{200, d.Source}, nil
	}
	if !ok {
		if _, _, err := c.s.Resolve([]string{index}, false); err != nil {
			return answer{}, err
		}
		return answer{404, map[string]any{"_index": index, "_id": id, "found": false}}, nil
	}
	b, err := found(&d, c.sourceFilter())
	return answer{200, b}, err
}

type foundDoc struct {
	Index   string          `json:"_index"`
	ID      string          `json:"_id"`
	Version int64           `json:"_version"`
	SeqNo   int64           `json:"_seq_no"`
	Term    int64           `json:"_primary_term"`
	Found   bool            `json:"found"`
	Source  json.RawMessage `json:"_source,omitempty"`
}

func found(d *store.Doc, f *sourceFilter) (*foundDoc, error) {
	src, err := f.apply(d.Source)
	return &foundDoc{d.Index, d.ID, d.Version, d.SeqNo, store.PrimaryTerm, true, src}, err
}

func (c *call) mget(index string) (answer, error) {
	v, err := fastjson.ParseBytes(c.body)
	if err != nil {
		return answer{}, fail(400, "parse_exception", "%s", clip(err.Error()))
	}
	type want struct{ index, id string }
	var list []want
	for _, x := range v.GetArray("ids") {
		list = append(list, want{index, text(x)})
	}
	for _, x := range v.GetArray("docs") {
		w := want{index, text(x.Get("_id"))}
		if i := x.Get("_index"); i != nil {
			w.index = text(i)
		}
		list = append(list, w)
	}
	if len(list) == 0 || len(list) > store.MaxResult {
		return answer{}, fail(400, "action_request_validation_exception", "Validation Failed: 1: between 1 and 10000 documents;")
	}
	out, size := make([]any, 0, len(list)), 0
	for _, w := range list {
		d, ok, err := c.s.Get(c.ctx, w.index, w.id)
		if err != nil {
			return answer{}, err
		}
		if !ok {
			out = append(out, map[string]any{"_index": w.index, "_id": w.id, "found": false})
			continue
		}
		f, err := found(&d, c.sourceFilter())
		if err != nil {
			return answer{}, err
		}
		if size += len(f.Source); size > c.s.Room() && len(out) > 0 {
			return answer{}, store.ErrTooLarge
		}
		out = append(out, f)
	}
	return answer{200, map[string]any{"docs": out}}, nil
}

// targets splits a list of indices.
func targets(index string) []string {
	if index == "" {
		return nil
	}
	return strings.Split(index, ",")
}
