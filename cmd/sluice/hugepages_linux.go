package main

import (
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// useHugePages asks the kernel to back the first 256 MiB of the heap, where packs and rules lie, with
// pages of 2 MiB, where it leaves that to the program (/sys/kernel/mm/transparent_hugepage/enabled:
// madvise). Lines of many devices in turn touch the heap all over, and there are more pages of 4 KiB
// in it than the processor remembers the places of.
//
// The runtime has no call for it. What is allocated here is only address space, since nothing writes
// to it, and stays advised when the heap takes it into use. A kernel that refuses changes nothing.
// To be called before anything else allocates.
func useHugePages() {
	_ = unix.Madvise(make([]byte, 256<<20), unix.MADV_HUGEPAGE)
	debug.FreeOSMemory() // else the runtime counts it as resident until its scavenger has been there
}
