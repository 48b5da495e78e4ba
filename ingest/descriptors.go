package ingest

import (
	"log/slog"
	"sync"
	"syscall"
)

// ownDescriptors are for what every process has open: journal, store and console.
const ownDescriptors = 32

// shortages are what Descriptors has warned of, by what was asked for and given: an input is opened anew
// at each reload and after each fault, and nothing is new in that.
var shortages sync.Map

type shortage struct{ input, key string }

// Descriptors bounds what an input may have open at a time: at most want, and a third of what the
// system gives the process, since without a descriptor left neither journal nor console work. key
// is the setting that asks for want.
func Descriptors(log *slog.Logger, input, key string, want int) int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return want
	}
	got := share(want, uint64(limit.Cur))
	if of := (shortage{input, key}); got == want {
		shortages.Delete(of)
	} else if before, _ := shortages.Swap(of, [2]int{want, got}); before != [2]int{want, got} {
		log.Warn("the system gives too few descriptors; raise ulimit -n (LimitNOFILE= in systemd)", "input", input, key, want, "got", got, "descriptors", limit.Cur)
	}
	return got
}

// share is what one input gets of limit descriptors.
func share(want int, limit uint64) int {
	if limit <= ownDescriptors {
		return 1
	}
	return int(min(uint64(want), max((limit-ownDescriptors)/3, 1)))
}
