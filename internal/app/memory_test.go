package app

import (
	"os"
	"strings"
	"testing"
)

// The limit that counts is the least of the process's own cgroup and those above it, wherever in
// the tree it is: systemd's MemoryMax= is never at the root.
func TestMemoryOfTheGroup(t *testing.T) {
	f := func(want int64, files map[string]string) {
		t.Helper()
		got := cgroupLimit(func(path string) ([]byte, error) {
			text, ok := files[path]
			if !ok {
				return nil, os.ErrNotExist
			}
			return []byte(text), nil
		})
		if got != want {
			t.Errorf("cgroupLimit = %d, want %d, of %v", got, want, files)
		}
	}
	f(0, nil)
	f(256<<20, map[string]string{"/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "268435456\n"})
	f(0, map[string]string{"/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n"})
	f(256<<20, map[string]string{
		"/proc/self/cgroup": "0::/system.slice/sluice.service\n",
		"/sys/fs/cgroup/system.slice/sluice.service/memory.max": "268435456\n",
		"/sys/fs/cgroup/system.slice/memory.max":                "max\n",
	})
	f(200, map[string]string{
		"/proc/self/cgroup": "0::/system.slice/sluice.service\n",
		"/sys/fs/cgroup/system.slice/sluice.service/memory.max":  "300\n",
		"/sys/fs/cgroup/system.slice/sluice.service/memory.high": "250\n",
		"/sys/fs/cgroup/system.slice/memory.max":                 "200\n",
	})
	f(300, map[string]string{
		"/proc/self/cgroup": "4:cpu,memory:/system.slice/sluice.service\n1:name=systemd:/x\n0::/\n",
		"/sys/fs/cgroup/memory/system.slice/sluice.service/memory.limit_in_bytes": "300\n",
		"/sys/fs/cgroup/memory/memory.limit_in_bytes":                             "9223372036854771712\n",
	})
	// The path is the host's, the container sees its own group at the root.
	f(300, map[string]string{
		"/proc/self/cgroup":                           "4:memory:/docker/abc\n",
		"/sys/fs/cgroup/memory/memory.limit_in_bytes": "300\n",
	})
}

// A budget beyond the group's limit ends with the kernel killing the process: it is warned of.
func TestMemoryBeyondTheGroup(t *testing.T) {
	f := func(setting, limit int64, warns bool) {
		t.Helper()
		if got := beyond(setting, limit); (got != "") != warns {
			t.Errorf("beyond(%d, %d) = %q", setting, limit, got)
		}
	}
	f(0, 0, false)
	f(0, 256<<20, false)
	f(1<<30, 0, false)
	f(192<<20, 256<<20, false)
	f(256<<20, 256<<20, true)
	f(1<<30, 256<<20, true)
	if got := beyond(1<<30, 256<<20); !strings.Contains(got, "1024 MiB") || !strings.Contains(got, "256 MiB") || !strings.HasSuffix(got, "192 MiB") {
		t.Error(got)
	}
}
