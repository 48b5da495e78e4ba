package app

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// defaultMemory is the budget where nothing else bounds the process: of the 800 MiB that
// the whole way may take, as fast as it goes (docs/performance.md), with room for what the
// runtime does not count: the program itself, and SQLite's and the kernel's pages.
const defaultMemory = 704 << 20

// budget is the one memory budget, from which every other bound derives.
type budget int64

// newBudget is the setting, or three quarters of what the cgroup allows, or the
// default; the least of the latter two.
func newBudget(setting int64) budget {
	if setting > 0 {
		return budget(setting)
	}
	b := int64(defaultMemory)
	if limit := cgroupLimit(os.ReadFile); limit > 0 {
		b = min(b, limit/4*3)
	}
	return budget(b)
}

// apply tells the Go runtime, which then collects more often near the budget.
func (b budget) apply() { debug.SetMemoryLimit(int64(b)) }

func (b budget) store() int64       { return int64(b) / 3 } // segments in memory and their cache
func (b budget) correlation() int64 { return int64(b) / 6 }

// cgroupLimit is the memory limit of cgroup v2 or v1, 0 if there is none.
func cgroupLimit(read func(string) ([]byte, error)) int64 {
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := read(path)
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && n > 0 && n < 1<<50 { // v1 says "no limit" as a number near 2^63
			return n
		}
	}
	return 0
}
