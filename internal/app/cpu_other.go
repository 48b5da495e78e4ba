//go:build !linux

package app

import "time"

// cpuClock is the time of day where the CPU's is not to be had for a goroutine.
func cpuClock() (now func() int64, release func()) {
	start := time.Now()
	return func() int64 { return int64(time.Since(start)) }, func() {}
}
