package elasticsearch

import (
	"net/http"
	"strings"
	"testing"
)

// TestBlockIsNoPrivilege: a full disk makes indices read-only and answers 403; who looks for
// privileges then looks in the wrong place.
func TestBlockIsNoPrivilege(t *testing.T) {
	block := &Error{Status: http.StatusForbidden, Type: "cluster_block_exception", Reason: "index [x] blocked by: [FORBIDDEN/8/index write (api)]"}
	if got := block.Error(); strings.Contains(got, "privileges") || !strings.Contains(got, "disk") || !strings.Contains(got, "403") {
		t.Error(got)
	}
	right := &Error{Status: http.StatusForbidden, Type: "security_exception", Reason: "unauthorized"}
	if got := right.Error(); !strings.Contains(got, "privileges") {
		t.Error(got)
	}
}
