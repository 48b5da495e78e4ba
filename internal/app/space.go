package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// tooLarge says that the disk of a data directory has less than retention.size, with what the
// directory takes already: it is full before anything is removed, and the bus may never get the room
// back that it sets aside. "" if the bound fits, or none is set.
func tooLarge(setting int64, data string) string {
	d := &dataDir{path: data}
	for { // a first start makes the directory
		if _, err := os.Stat(d.path); !errors.Is(err, fs.ErrNotExist) || d.path == filepath.Dir(d.path) {
			break
		}
		d.path = filepath.Dir(d.path)
	}
	free, known := d.free()
	if d.path == data {
		free += d.size()
	}
	if setting <= 0 || !known || setting <= free {
		return ""
	}
	return fmt.Sprintf("retention.size: %d MiB are more than the %d MiB that the disk has for %s: it will be full, and senders wait, before anything is removed; without this key it is %d MiB",
		setting>>20, free>>20, data, int64(float64(free)*keepShare)>>20)
}

// full says what a disk lacks that the bus cannot be written to. One that is not full to its last
// byte lacks the room that the bus sets aside for what becomes of messages.
func (h *health) full() string {
	left, known := h.inodes()
	if known && left == 0 {
		return "the disk takes no more files, all its inodes are in use (df -i)"
	}
	if free, known := h.free(); known && free >= littleSpace {
		return fmt.Sprintf("the disk has too little space: %d MiB are left, and the bus sets aside more before it goes on", free>>20)
	}
	return "the disk is full"
}
