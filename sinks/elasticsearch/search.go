package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// lenient makes a search over patterns answer with nothing where nothing matches them
// yet, and fail rather than answer with a part.
var lenient = url.Values{
	"ignore_unavailable":           {"true"},
	"allow_no_indices":             {"true"},
	"allow_partial_search_results": {"false"},
}

// Search asks a question in Elasticsearch's query language over the indices, which may
// hold wildcards, and gives the answer as it came. Indices that are not there count as
// empty; an answer that only some shards of Elasticsearch gave is an error, while that of the built-in
// store counts its damaged parts as failed shards, so that people see the rest.
func (c *Client) Search(ctx context.Context, indices []string, body []byte) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodPost, path: "/" + targets(indices) + "/_search", params: lenient, body: body})
}

type shards struct {
	Failed int `json:"failed"`
}

// Stored is one document as the index has it.
type Stored struct {
	ID          string          `json:"_id"`
	Index       string          `json:"_index"` // the concrete one
	Found       bool            `json:"found"`
	SeqNo       int64           `json:"_seq_no"`
	PrimaryTerm int64           `json:"_primary_term"`
	Source      json.RawMessage `json:"_source"`
}

// Refresh makes everything written so far visible to searches over the indices.
func (c *Client) Refresh(ctx context.Context, indices ...string) error {
	params := url.Values{"ignore_unavailable": {"true"}, "allow_no_indices": {"true"}}
	answer, err := c.do(ctx, call{method: http.MethodPost, path: "/" + targets(indices) + "/_refresh", params: params})
	if err != nil {
		return err
	}
	var a struct {
		Shards shards `json:"_shards"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.Shards.Failed > 0 {
		return fmt.Errorf("refresh %s: %s", strings.Join(indices, ","), excerpt(answer))
	}
	return nil
}

// Ping tells whether the cluster answers and takes our credentials, and its health:
// green, yellow or red.
func (c *Client) Ping(ctx context.Context) (string, error) {
	answer, err := c.do(ctx, call{method: http.MethodGet, path: "/_cluster/health"})
	if err != nil {
		return "", err
	}
	var a struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.Status == "" {
		return "", fmt.Errorf("cluster health: not an answer: %s", excerpt(answer))
	}
	return a.Status, nil
}

// targets escapes each index name; commas, stars and minus stay what they are.
func targets(indices []string) string {
	out := make([]string, len(indices))
	for i, name := range indices {
		out[i] = url.PathEscape(name)
	}
	return strings.Join(out, ",")
}
