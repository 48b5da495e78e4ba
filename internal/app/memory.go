package app

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
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
func newBudget(setting int64) budget { return newBudgetOf(setting, cgroupLimit(os.ReadFile)) }

func newBudgetOf(setting, limit int64) budget {
	if setting > 0 {
		return budget(setting)
	}
	b := int64(defaultMemory)
	if limit > 0 {
		b = min(b, limit/4*3)
	}
	return budget(b)
}

// beyond says that the setting is more than the cgroup lets the process have, whose kernel kills
// it then; "" if it fits.
func beyond(setting, limit int64) string {
	if setting <= 0 || limit <= 0 || setting <= limit/8*7 {
		return ""
	}
	return fmt.Sprintf("limits.memory: %d MiB leave nothing of the %d MiB that the cgroup allows for what it does not count, so the kernel may kill sluice; without this key it is %d MiB",
		setting>>20, limit>>20, int64(newBudgetOf(0, limit))>>20)
}

// apply tells the Go runtime, which then collects more often near the budget.
func (b budget) apply() { debug.SetMemoryLimit(int64(b)) }

func (b budget) store() int64       { return int64(b) / 3 } // segments in memory and their cache
func (b budget) correlation() int64 { return int64(b) / 6 }

// cgroupLimit is the least memory limit of this process's cgroup and those above it, v2 or v1; 0 if
// none has one. A container sees its own as the root; a systemd unit's is some levels below it.
func cgroupLimit(read func(string) ([]byte, error)) (least int64) {
	own, _ := read("/proc/self/cgroup")
	for dir, files := range memoryGroups(string(own)) {
		for _, file := range files {
			text, err := read(filepath.Join(dir, file))
			if err != nil {
				continue
			}
			n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			if err == nil && n > 0 && n < 1<<50 && (least == 0 || n < least) { // v1 says "no limit" as a number near 2^63
				least = n
			}
		}
	}
	return least
}

// memoryGroups are the folders that may bound this process, each with the files that say it, from the
// lines of /proc/self/cgroup: ID:CONTROLLERS:PATH, where v2 has no controllers. A path may be one of the
// host's, of which a container sees the root alone.
func memoryGroups(own string) map[string][]string {
	out := map[string][]string{}
	up := func(root, path string, files ...string) {
		for dir := filepath.Join("/", path); ; dir = filepath.Dir(dir) {
			out[filepath.Join(root, dir)] = files
			if dir == "/" {
				return
			}
		}
	}
	up("/sys/fs/cgroup", "", "memory.max", "memory.high")
	up("/sys/fs/cgroup/memory", "", "memory.limit_in_bytes")
	for line := range strings.Lines(own) {
		part := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(part) < 3:
		case part[1] == "":
			up("/sys/fs/cgroup", part[2], "memory.max", "memory.high")
		case slices.Contains(strings.Split(part[1], ","), "memory"):
			up("/sys/fs/cgroup/memory", part[2], "memory.limit_in_bytes")
		}
	}
	return out
}
