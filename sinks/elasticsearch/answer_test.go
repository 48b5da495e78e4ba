package elasticsearch

import (
	"fmt"
	"testing"
)

// TestFateOfRefusals: what the cluster lacks is no fault of the document, whatever its status.
func TestFateOfRefusals(t *testing.T) {
	f := func(status int, kind, reason string, want fate) {
		t.Helper()
		answer := fmt.Sprintf(`{"items":[{"create":{"_id":"a","status":%d,"error":{"type":%q,"reason":%q}}}]}`, status, kind, reason)
		items, err := new(answers).parse([]byte(answer), 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := items[0].fate(); got != want {
			t.Errorf("%s: %d, want %d", reason, got, want)
		}
	}
	const full = "Validation Failed: 1: this action would add [2] %sshards, but this cluster currently has [1000]/[1000] maximum %sshards open;"
	f(400, "validation_exception", fmt.Sprintf(full, "", "normal "), later)
	f(400, "illegal_argument_exception", fmt.Sprintf(full, "total ", ""), later) // OpenSearch
	f(400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded", never)
	f(400, "document_parsing_exception", "failed to parse field [source.ip] of type [ip]", never)
	f(403, "cluster_block_exception", "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]", later)
}

// TestIDThatNoAnswerNames: JSON cannot carry an id that is no UTF-8, so no answer would be about it, and
// its neighbours would wait for ever.
func TestIDThatNoAnswerNames(t *testing.T) {
	fake, c := newCluster(t)
	refused, err := c.Writer().Write(t.Context(), batch("a", "b\xff", "c"))
	if err != nil || len(refused) != 1 || refused[0].Index != 1 || !refused[0].Final {
		t.Errorf("refused %v, %v", refused, err)
	}
	if fake.count("a") != 1 || fake.count("c") != 1 {
		t.Error("the others are not there once")
	}
}
