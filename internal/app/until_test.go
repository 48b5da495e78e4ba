package app

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestUntil: all is read, with the error at its end, and a wait for more ends with the context.
func TestUntil(t *testing.T) {
	fault := errors.New("disk")
	text := strings.Repeat("0123456789", 20_000)
	got, err := io.ReadAll(Until(t.Context(), iotest.DataErrReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(fault)))))
	if string(got) != text || !errors.Is(err, fault) {
		t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
	}
	ctx, stop := context.WithCancel(t.Context())
	waits, more := io.Pipe()
	defer more.Close()
	r := Until(ctx, waits)
	go func() {
		_, _ = more.Write([]byte("a"))
		stop()
	}()
	if got, err := io.ReadAll(r); !errors.Is(err, context.Canceled) || string(got) != "a" && len(got) > 0 {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("it went on: %v", err)
	}
}
