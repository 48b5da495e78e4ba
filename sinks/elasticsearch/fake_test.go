package elasticsearch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// cluster is a fake that behaves: it keeps documents, forgets ids at a rollover, and
// shows to a search only what was refreshed. fault, if set, answers a bulk instead,
// after the documents were written (late) or before.
type cluster struct {
	mu      sync.Mutex
	docs    []doc
	current int // generation of the backing indices
	aliases map[string]bool
	fault   func(w http.ResponseWriter, lines [][]byte) bool
	late    bool
	refuse  func(id string, source []byte) (int, string) // of one item
	bulks   int
	largest int
	seq     int64
}

type doc struct {
	index, id  string
	generation int
	visible    bool
	seq        int64
	source     json.RawMessage
}

func newCluster(t *testing.T) (*cluster, *Client) {
	t.Helper()
	f := &cluster{aliases: map[string]bool{}}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	s := defaults()
	s.Addresses = []string{srv.URL}
	c, err := Open(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

// change alters the cluster between two requests: the handler of the last one may still run
// when its connection was taken away.
func (f *cluster) change(how func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	how()
}

func (f *cluster) count(id string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.docs {
		if d.id == id {
			n++
		}
	}
	return n
}

func (f *cluster) find(index, id string) *doc {
	for i := range f.docs {
		if d := &f.docs[i]; d.index == index && d.id == id && d.generation == f.current {
			return d
		}
	}
	return nil
}

func (f *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	switch path := r.URL.Path; {
	case path == "/_bulk":
		f.bulk(w, body)
	case strings.HasSuffix(path, "/_refresh"):
		for i := range f.docs {
			f.docs[i].visible = true
		}
		fmt.Fprint(w, `{"_shards":{"failed":0}}`)
	case strings.HasSuffix(path, "/_search"):
		f.search(w, path, body)
	case path == "/_mget":
		f.mget(w, body)
	case strings.HasPrefix(path, "/_alias/"):
		if !f.aliases[path[len("/_alias/"):]] {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, `{}`)
	case r.Method == http.MethodPut && strings.HasSuffix(path, "-000001"):
		f.aliases[strings.TrimSuffix(path[1:], "-000001")] = true
		fmt.Fprint(w, `{"acknowledged":true}`)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error":{"type":"not_in_the_fake","reason":"`+path+`"},"status":404}`)
	}
}

type address struct {
	Index string `json:"_index"`
	ID    string `json:"_id"`
	SeqNo *int64 `json:"if_seq_no"`
}

func (f *cluster) bulk(w http.ResponseWriter, body []byte) {
	f.bulks++
	f.largest = max(f.largest, len(body))
	lines := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	if f.fault != nil && !f.late && f.fault(w, lines) {
		return
	}
	var items []string
	for i := 0; i+1 < len(lines); i += 2 {
		items = append(items, f.one(lines[i], lines[i+1]))
	}
	if f.fault != nil && f.late && f.fault(w, lines) {
		return
	}
	fmt.Fprintf(w, `{"errors":true,"items":[%s]}`, strings.Join(items, ","))
}

func (f *cluster) one(action, source []byte) string {
	var a map[string]address
	if err := json.Unmarshal(action, &a); err != nil {
		panic(err)
	}
	for verb, m := range a {
		answer := func(status int, kind string) string {
			if kind == "" {
				return fmt.Sprintf(`{%q:{"_id":%q,"status":%d}}`, verb, m.ID, status)
			}
			return fmt.Sprintf(`{%q:{"_id":%q,"status":%d,"error":{"type":%q,"reason":"because"}}}`, verb, m.ID, status, kind)
		}
		if f.refuse != nil {
			if status, kind := f.refuse(m.ID, source); status != 0 {
				return answer(status, kind)
			}
		}
		have := f.find(m.Index, m.ID)
		if verb == "create" && have != nil || m.SeqNo != nil && (have == nil || have.seq != *m.SeqNo) {
			return answer(http.StatusConflict, "version_conflict_engine_exception")
		}
		f.seq++
		if have != nil {
			have.source, have.seq = bytes.Clone(source), f.seq
			return answer(http.StatusOK, "")
		}
		f.docs = append(f.docs, doc{m.Index, m.ID, f.current, false, f.seq, bytes.Clone(source)})
		return answer(http.StatusCreated, "")
	}
	return "{}"
}

func (f *cluster) search(w http.ResponseWriter, path string, body []byte) {
	var q struct {
		Query struct {
			IDs struct {
				Values []string `json:"values"`
			} `json:"ids"`
		} `json:"query"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		panic(err)
	}
	before, after, _ := strings.Cut(strings.TrimSuffix(path[1:], "/_search"), "*")
	var hits []string
	for _, d := range f.docs {
		for _, id := range q.Query.IDs.Values {
			if d.id == id && d.visible && strings.HasPrefix(d.index, before) && strings.HasSuffix(d.index, after) {
				hits = append(hits, fmt.Sprintf(`{"_id":%q}`, id))
			}
		}
	}
	fmt.Fprintf(w, `{"timed_out":false,"_shards":{"failed":0},"hits":{"hits":[%s]}}`, strings.Join(hits, ","))
}

func (f *cluster) mget(w http.ResponseWriter, body []byte) {
	var q struct {
		Docs []address `json:"docs"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		panic(err)
	}
	var out []string
	for _, m := range q.Docs {
		if !f.aliases[m.Index] {
			out = append(out, fmt.Sprintf(`{"_id":%q,"_index":%q,"error":{"type":"index_not_found_exception","reason":"no such index"}}`, m.ID, m.Index))
		} else if d := f.find(m.Index, m.ID); d != nil {
			out = append(out, fmt.Sprintf(`{"_id":%q,"_index":%q,"found":true,"_seq_no":%d,"_primary_term":1,"_source":%s}`, m.ID, m.Index, d.seq, d.source))
		} else {
			out = append(out, fmt.Sprintf(`{"_id":%q,"_index":%q,"found":false}`, m.ID, m.Index))
		}
	}
	fmt.Fprintf(w, `{"docs":[%s]}`, strings.Join(out, ","))
}
