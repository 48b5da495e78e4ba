package elasticsearch

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/valyala/fastjson"
)

// errAnswer is an answer that says nothing about what became of the documents: broken
// or cut JSON, a page of some proxy, a wrong number of items. It is never success.
var errAnswer = errors.New("the bulk answer cannot be believed")

// item is what the index says about one document.
type item struct {
	id     string
	status int
	kind   string // of the error
	reason string
}

// fate is what became of a document.
type fate int

const (
	taken    fate = iota
	conflict      // there already, or changed meanwhile
	later         // the cluster cannot now
	never
)

func (it *item) fate() fate {
	switch {
	case it.status == http.StatusOK || it.status == http.StatusCreated:
		return taken
	case it.status == http.StatusConflict:
		return conflict
	case it.status == http.StatusTooManyRequests || it.status >= 500:
		return later
	}
	// Some 4xx are about the cluster and not about the document: a full disk makes
	// indices read-only, a right or an index is missing until somebody sets it up.
	switch it.kind {
	case "cluster_block_exception", "security_exception", "index_not_found_exception", "index_closed_exception":
		return later
	}
	if it.status == http.StatusUnauthorized || it.status == http.StatusForbidden || strings.Contains(it.reason, noShards) {
		return later
	}
	return never
}

// noShards is in the reason of a 400 where a data stream cannot be made, or rolled over, since the nodes hold
// as many shards as they may. Its type is that of faults of documents, too (illegal_argument_exception).
const noShards = "shards, but this cluster currently has"

func (it *item) err() error {
	return &Error{Status: it.status, Type: it.kind, Reason: it.reason}
}

// answers parses bulk answers, one after the other. Items live until the next parse.
type answers struct {
	parser fastjson.Parser
	items  []item
}

// parse reads the answer to n documents. Anything but exactly one item each is an
// error that wraps errAnswer.
func (a *answers) parse(answer []byte, n int) ([]item, error) {
	v, err := a.parser.ParseBytes(answer)
	if err != nil {
		return nil, fmt.Errorf("%w: no JSON: %s", errAnswer, excerpt(answer))
	}
	list := v.GetArray("items")
	if list == nil || len(list) != n {
		return nil, fmt.Errorf("%w: %d items for %d documents: %s", errAnswer, len(list), n, excerpt(answer))
	}
	a.items = a.items[:0]
	for i, one := range list {
		o, err := one.Object()
		if err != nil || o.Len() != 1 {
			return nil, fmt.Errorf("%w: item %d is no object with one action", errAnswer, i)
		}
		var it item
		o.Visit(func(_ []byte, v *fastjson.Value) {
			it.status = v.GetInt("status")
			it.id = string(v.GetStringBytes("_id"))
			if e := v.Get("error"); e != nil {
				it.kind, it.reason = string(e.GetStringBytes("type")), cause(e)
			}
		})
		if it.status < 200 || it.status > 599 {
			return nil, fmt.Errorf("%w: item %d has no status", errAnswer, i)
		}
		if it.kind != "" && it.status < 300 {
			return nil, fmt.Errorf("%w: item %d has an error and status %d", errAnswer, i, it.status)
		}
		a.items = append(a.items, it)
	}
	return a.items, nil
}

// cause is the reason of an error with the innermost cause, which names the value.
func cause(e *fastjson.Value) string {
	reason := string(e.GetStringBytes("reason"))
	inner := e.Get("caused_by")
	for depth := 0; inner != nil && depth < 10; depth++ {
		next := inner.Get("caused_by")
		if next == nil {
			if r := string(inner.GetStringBytes("reason")); r != "" {
				reason += " (" + r + ")"
			}
		}
		inner = next
	}
	if len(reason) > 1000 {
		reason = strings.ToValidUTF8(reason[:1000], "") + "…"
	}
	return reason
}
