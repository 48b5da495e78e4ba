package alert

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/internal/guardhttp"
)

func TestAnswered(t *testing.T) {
	f := func(status int, final bool, want string) {
		t.Helper()
		err := Answered("webhook", guardhttp.Answer{Status: status}, nil, time.Now())
		if err == nil || errors.Is(err, ErrFinal) != final || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: %v", status, err)
		}
	}
	f(302, true, "redirects are not followed, set url to where it leads")
	f(400, true, "400 Bad Request")
	f(429, false, "429")
	f(502, false, "502")
}
