package ingest

import (
	"log/slog"
	"syscall"
)

// ownDescriptors are for what every process has open: journal, store and console.
const ownDescriptors = 32

// Descriptors bounds what an input may have open at a time: at most want, and a third of what the
// system gives the process, since without a descriptor left neither journal nor console work. key
// is the setting that asks for want.
func Descriptors(log *slog.Logger, input, key string, want int) int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return want
	}
	got := share(want, uint64(limit.Cur))
	if got < want {
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
