package httppost

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/internal/metrics"
	"sluice/internal/unpack"
)

const (
	// silence is how long a sender may send nothing of a body, or take nothing of its answer.
	silence = 30 * time.Second
	// firstBody is what a body's buffer begins with.
	firstBody = 16 << 10
	// collector is where senders of Splunk's collector send, and what they are told has another form.
	collector = "/services/collector"
)

// fault is why a request is not taken.
type fault struct {
	status int
	reason string // a metric label
	text   string // what the sender is told
	code   int    // the same in the words of Splunk's collector
}

var (
	errMethod = &fault{http.StatusMethodNotAllowed, "method", "events are sent by POST", 6}
	errToken  = &fault{http.StatusUnauthorized, "token", "the token is missing or another one", 4}
	errPage   = &fault{http.StatusForbidden, "browser", "pages of a browser send no events", 4}
	errPacked = &fault{http.StatusUnsupportedMediaType, "encoding", "a body is packed with gzip or zstd, or not at all", 6}
	// Read as lines it would be one event of unreadable bytes, and the sender would be content.
	errBinary = &fault{http.StatusUnsupportedMediaType, "encoding", "protobuf is not read; have the sender write JSON (OpenTelemetry: encoding: json)", 6}
	// A sender that waits for its acknowledgements is to see at once that it will have none.
	errAck   = &fault{http.StatusBadRequest, "ack", "ACK is disabled: what was answered is durable", 14}
	errEmpty = &fault{http.StatusBadRequest, "empty", "the body holds no event", 5}
	errFull  = &fault{http.StatusServiceUnavailable, "memory", "too much is being received; send it again", 9}
	// The answer reaches nobody; who reads the log is not to send again what the disk has by now.
	errGone   = &fault{http.StatusServiceUnavailable, "gone", "the sender gave up waiting; what it sent may become durable yet", 9}
	errEnding = &fault{http.StatusServiceUnavailable, "ending", "it did not become durable; send it again", 9}
)

// ServeHTTP answers one request. All its events are taken, or none where it is refused.
func (in *input) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer in.broken(r)
	control := http.NewResponseController(w)
	answer, bad := success, in.admit(r)
	switch {
	case bad != nil:
	case elasticAsks(r):
		answer = []byte(elastic[r.URL.Path] + "\n")
	case asks(r):
	default:
		answer, bad = in.receive(control, r)
	}
	_ = control.SetWriteDeadline(time.Now().Add(silence))
	w.Header().Set("Content-Type", "application/json")
	if isBulk(r) || elasticAsks(r) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch") // its clients take no other's answers
	}
	if bad != nil {
		metrics.HTTPRefused.WithLabelValues(in.env.Name, bad.reason).Inc()
		in.conns.Refused("requests refused", r.RemoteAddr, bad.reason, errors.New(bad.text))
		in.refuse(w, r, bad)
		return
	}
	_, _ = w.Write(answer)
}

// broken has the log tell of a request that we could not take by a fault of ours; the server ends its connection.
func (in *input) broken(r *http.Request) {
	if why := recover(); why != nil {
		metrics.HTTPPanics.WithLabelValues(in.env.Name).Inc()
		in.env.Log.Error("BUG: a request could not be taken", "input", in.env.Name, "peer", r.RemoteAddr, "why", why, "stack", string(debug.Stack()))
		panic(http.ErrAbortHandler)
	}
}

func (in *input) refuse(w http.ResponseWriter, r *http.Request, bad *fault) {
	switch bad.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", "POST, PUT")
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(bad.status)
	var answer any = struct {
		Error string `json:"error"`
	}{bad.text}
	switch {
	case strings.HasPrefix(r.URL.Path, collector):
		answer = struct {
			Text string `json:"text"`
			Code int    `json:"code"`
		}{bad.text, bad.code}
	case isBulk(r):
		answer = newElasticFault(bad)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// asks reports whether a request only asks whether somebody is there, as senders of Splunk's collector do.
func asks(r *http.Request) bool { return r.Method != http.MethodPost && r.Method != http.MethodPut }

// admit looks at everything but the body.
func (in *input) admit(r *http.Request) *fault {
	health := strings.HasPrefix(r.URL.Path, collector+"/health") && (r.Method == http.MethodGet || r.Method == http.MethodHead)
	there := strings.HasPrefix(r.URL.Path, collector) && r.Method == http.MethodOptions
	switch {
	case r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "":
		return errPage // a page that somebody on this machine looks at could reach us where others cannot
	case health || there:
		return nil
	case asks(r) && !elasticAsks(r):
		return errMethod
	case !in.authorized(r):
		return errToken
	case strings.HasPrefix(r.URL.Path, collector+"/ack"):
		return errAck
	case strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "protobuf"):
		return errBinary
	}
	return nil
}

func (in *input) authorized(r *http.Request) bool {
	if in.settings.Token.Empty() {
		return true
	}
	scheme, shown, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer", "splunk":
	case "basic":
		_, shown, _ = r.BasicAuth()
	case "apikey":
		shown = apiKey(shown)
	default:
		return false
	}
	got, want := sha256.Sum256([]byte(strings.TrimSpace(shown))), sha256.Sum256([]byte(in.settings.Token.Reveal()))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// success is what senders of Splunk's collector look for.
var success = []byte(`{"text":"Success","code":0}` + "\n")

// bodyFault is what is wrong with a body that was cut into n parts.
func bodyFault(n int, err error) *fault {
	switch {
	case errors.Is(err, errMany):
		return &fault{http.StatusRequestEntityTooLarge, "size", err.Error(), 6}
	case err != nil:
		return &fault{http.StatusBadRequest, "body", err.Error(), 6}
	case n == 0:
		return errEmpty
	}
	return nil
}

// receive takes the events of a body, and has the answer when all are durable.
func (in *input) receive(control *http.ResponseController, r *http.Request) (answer []byte, bad *fault) {
	body, bad := in.read(control, r)
	defer in.memory.Add(int64(cap(body)))
	switch {
	case bad != nil:
		return nil, bad
	case isBulk(r):
		return in.receiveBulk(r, body)
	}
	raw := strings.HasPrefix(r.URL.Path, collector+"/raw")
	isJSON := strings.Contains(r.Header.Get("Content-Type"), "/json") || strings.HasPrefix(r.URL.Path, collector)
	events, err := split(body, isJSON && !raw)
	if bad := bodyFault(len(events), err); bad != nil {
		return nil, bad
	}
	if bad := in.take(r, events); bad != nil {
		return nil, bad
	}
	if strings.HasPrefix(r.URL.Path, collector) {
		return success, nil
	}
	return fmt.Appendf(nil, "{\"events\":%d}\n", len(events)), nil
}

// take waits until the last of the events is durable.
func (in *input) take(r *http.Request, events [][]byte) *fault {
	var batch uint64
	g, now := guestOf(r), in.env.Now()
	from := &g.from
	g.k.Holds(true)
	defer g.k.Holds(false)
	for _, e := range events {
		if r.Context().Err() != nil { // the sender has gone while there was no room, and will send all again
			return errGone
		}
		ingest.Parts(e, in.settings.MaxLine, func(line []byte, part int) {
			if part > 0 {
				metrics.IngestCut.WithLabelValues(in.env.Name).Inc()
			}
			batch = in.batches.Add(event.Raw{
				ID: ingest.LiveID(now, line), Bytes: line, Origin: from.Origin, Input: in.env.Name,
				Peer: from.Peer, Listener: from.Listener, Namespace: in.env.Namespace, Received: now,
				Pack: in.settings.Pack, Zone: from.Zone, Part: part,
			})
		})
	}
	if !in.await(r.Context(), batch) {
		if r.Context().Err() != nil {
			return errGone
		}
		return errEnding
	}
	return nil
}

// read reads a body and unpacks it. The memory that it has taken is that of what it returns.
func (in *input) read(control *http.ResponseController, r *http.Request) ([]byte, *fault) {
	most := in.settings.MaxBody
	from := io.Reader(&patient{control, io.LimitReader(r.Body, int64(most)+1)})
	switch encoding := r.Header.Get("Content-Encoding"); strings.ToLower(encoding) {
	case "", "identity":
	case "gzip", "zstd":
		z, err := unpack.Reader(bufio.NewReader(from))
		if err != nil || z == nil {
			return nil, &fault{http.StatusBadRequest, "body", "the body is not packed with " + encoding, 6}
		}
		from = z
	default:
		return nil, errPacked
	}
	var body []byte
	for {
		if len(body) == cap(body) {
			size := min(max(2*cap(body), firstBody), most+1)
			if in.memory.Add(int64(cap(body)-size)) < 0 {
				in.memory.Add(int64(size - cap(body)))
				return body, errFull
			}
			larger := make([]byte, len(body), size)
			copy(larger, body)
			body = larger
		}
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > most:
			return body, &fault{http.StatusRequestEntityTooLarge, "size", fmt.Sprintf("the body holds more than %d bytes (max_body); send less at a time", most), 6}
		case errors.Is(err, io.EOF):
			return body, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return body, &fault{http.StatusRequestTimeout, "slow", "the body did not come to its end", 6}
		case err != nil:
			return body, &fault{http.StatusBadRequest, "body", "the body cannot be read to its end", 6}
		}
	}
}

// patient reads a body whose sender may be silent for a while.
type patient struct {
	control *http.ResponseController
	r       io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.control.SetReadDeadline(time.Now().Add(silence)); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}
