//go:build crash

package crash

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Enabled says whether points are compiled in.
const Enabled = true

var (
	name, nth = parse(os.Getenv(Variable))
	passed    atomic.Int64
)

func parse(s string) (string, int64) {
	name, count, found := strings.Cut(s, ":")
	if !found {
		return name, 1
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 {
		panic(Variable + "=" + s + ": want NAME or NAME:NTH, NTH from 1")
	}
	return name, n
}

// Point ends the process here if the environment says so. Nothing is flushed and no
// deferred call runs.
func Point(at string) {
	if at == name && passed.Add(1) == nth {
		os.Exit(ExitCode)
	}
}
