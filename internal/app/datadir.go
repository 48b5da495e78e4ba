package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"sluice/internal/disk"
)

// dataVersion is the layout of the data directory. A greater one was written by a
// newer program and is refused, for one like this would not find all that is there.
// Layout 2 labels the journal's frames by partition instead of by topic; what layout 1
// wrote is read as well.
const dataVersion = 2

// keepShare is how much of what the disk had free at first start may be used: the
// rest is for whatever else lives there.
const keepShare = 0.8

// dataDir is the directory that belongs to this process alone.
type dataDir struct {
	path string
	lock io.Closer
	made fs.FileInfo // of the file of the lock
	meta dataMeta
	lost []string // what this open found missing; names no files, for readiness tells of it

	mu        sync.Mutex
	unwritten []loss // that lossesFile could not take
}

// dataMeta is the file VERSION.
type dataMeta struct {
	Version  int   `json:"version"`
	MaxBytes int64 `json:"max_bytes"`       // default of retention.size
	Store    bool  `json:"store,omitempty"` // there is a built-in store
	// Instance names this directory at random, and so the one process that works in it.
	Instance string `json:"instance,omitempty"`
}

// openDataDir makes the directory or takes it over, with nobody else's permission to
// read it: it holds other people's logs.
func openDataDir(path string) (*dataDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w; choose another with data: in the configuration", err)
	}
	if err := strangers(path); err != nil {
		return nil, err
	}
	switch err := private(path); {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("data directory: %w; it belongs to another user: run sluice as that one, or give it this one with chown -R", err)
	case err != nil:
		return nil, writable(fmt.Errorf("data directory: %w", err))
	}
	if err := usable(path); errors.Is(err, syscall.EROFS) {
		return nil, writable(fmt.Errorf("data directory: %w", err))
	}
	lock, err := disk.Dir(path).Lock()
	if errors.Is(err, disk.ErrLocked) {
		return nil, fmt.Errorf("data directory %s is in use by another sluice; stop that one, or give this one its own data: (%w)", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	d := &dataDir{path: path, lock: lock}
	d.made, err = os.Stat(d.join("lock"))
	if err == nil {
		err = d.version()
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return d, nil
}

// lookEvery is how often the data directory is looked for: what is acknowledged after it went is lost.
const lookEvery = 2 * time.Second

// untilGone waits for the end of ctx, and breaks off where the directory is no longer what was opened:
// files that are removed, or that another file system hides, take everything that is written to them,
// and none of it is there at the next start.
func (d *dataDir) untilGone(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		switch now, err := os.Stat(d.join("lock")); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("data directory %s was removed, moved or unmounted while sluice ran: put it back before the next start", d.path)
		case err == nil && !os.SameFile(now, d.made):
			return fmt.Errorf("data directory %s was replaced, or another file system was mounted over it, while sluice ran: put it back before the next start", d.path)
		}
	}
}

// private takes everybody else's permissions away. A read-only file system has no say in what is right already.
func private(path string) error {
	if st, err := os.Stat(path); err == nil && st.Mode().Perm() == 0o700 {
		if sys, ok := st.Sys().(*syscall.Stat_t); ok && (os.Geteuid() == 0 || int(sys.Uid) == os.Geteuid()) {
			return nil
		}
	}
	return os.Chmod(path, 0o700)
}

// foreign is whose directory it is if it belongs to another user, which root alone can use all the
// same; "": it is ours.
func (d *dataDir) foreign() string {
	st, err := os.Stat(d.path)
	if err != nil {
		return ""
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok || int(sys.Uid) == os.Geteuid() {
		return ""
	}
	if u, err := user.LookupId(strconv.FormatUint(uint64(sys.Uid), 10)); err == nil {
		return u.Username
	}
	return strconv.FormatUint(uint64(sys.Uid), 10)
}

// strangers refuses a directory of other people's files that others may use: nobody else may
// read ours, so one slip such as data: /tmp would lock everybody out of it. What begins with a
// dot, and lost+found of a file system of its own, lie in directories that are as good as empty.
func strangers(path string) error {
	if _, err := os.Lstat(filepath.Join(path, "VERSION")); err == nil {
		return nil
	}
	if st, err := os.Stat(path); err != nil || !st.IsDir() || st.Mode()&0o077 == 0 {
		return nil // told by whoever makes it, or nobody else's
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	for _, e := range entries {
		// A first start that was killed has left what ours begins with.
		if name := e.Name(); !strings.HasPrefix(name, ".") && !slices.Contains([]string{"lost+found", "lock", "VERSION.tmp", "bus", "store", "token"}, name) {
			return fmt.Errorf("data directory %s holds %s and no VERSION, so it is not sluice's; give it a directory of its own (data: DIRECTORY)", path, name)
		}
	}
	return nil
}

func (d *dataDir) version() error {
	file := d.join("VERSION")
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if d.holds("bus") || d.holds("store") {
			d.misses("VERSION is missing though there is data: whether a newer sluice wrote it is not known, and the default of retention.size was measured anew")
		}
		d.meta = dataMeta{Version: dataVersion, MaxBytes: d.share()}
		return d.name()
	case err != nil:
		return fmt.Errorf("data directory: %w", err)
	}
	if d.meta, err = readMeta(file, text); err != nil {
		return err
	}
	if d.meta.Version < dataVersion || d.meta.Instance == "" {
		d.meta.Version = dataVersion // before anything is written that an older program would miss
		return d.name()
	}
	return nil
}

// name gives a directory without a name its own, and writes VERSION.
func (d *dataDir) name() error {
	if d.meta.Instance == "" {
		d.meta.Instance = "sluice-" + strconv.FormatUint(random64(), 36)
	}
	text, err := json.Marshal(d.meta)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return d.writeFile("VERSION", append(text, '\n'))
}

// holds says whether something lies in a folder; a first start that was killed may leave it empty.
func (d *dataDir) holds(folder string) bool {
	entries, err := os.ReadDir(d.join(folder))
	return err == nil && len(entries) > 0
}

// needsJournal notes that there is none though the store beside it was filled through one.
func (d *dataDir) needsJournal() {
	if d.holds("store") && !d.holds("bus") {
		d.misses("the journal is gone though the store is there: what was not indexed yet is lost, with the state of rules and how far files were read")
	}
}

// needsStore notes that there is none though there was one, and else that there is one now.
func (d *dataDir) needsStore() (missing string) {
	if d.meta.Store && !d.holds("store") {
		missing = "the built-in store is gone: the events and alerts that it held are lost"
		d.misses(missing)
	}
	if !d.meta.Store {
		d.meta.Store = true
		_ = d.name() // where the disk takes nothing, the next start notes it
	}
	return missing
}

// misses notes what was there and is not.
func (d *dataDir) misses(what string) {
	d.lost = append(d.lost, what)
	d.lose(time.Now(), lossOfDir, what)
}

// share is keepShare of what is free now, with what is ours already, and 1 GiB where the disk
// does not say.
func (d *dataDir) share() int64 {
	free, known := d.free()
	if !known {
		return 1 << 30
	}
	return int64(float64(free+d.size()) * keepShare)
}

// size is what the files take, as far as they can be read.
func (d *dataDir) size() (bytes int64) {
	_ = filepath.WalkDir(d.path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil
		}
		if st, err := e.Info(); err == nil {
			bytes += st.Size()
		}
		return nil
	})
	return bytes
}

// free is what the disk has left for us, where it says so.
func (d *dataDir) free() (bytes int64, known bool) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(d.path, &st); err != nil {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true
}

// inodes is how many more files the disk takes, where it has a bound.
func (d *dataDir) inodes() (left int64, known bool) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(d.path, &st); err != nil || st.Files == 0 {
		return 0, false
	}
	return int64(st.Ffree), true
}

// writeFile replaces a file whole: there is never half of one. One that holds the text already is left:
// a full disk, which has no room for another, must not keep a restart from its work.
func (d *dataDir) writeFile(name string, text []byte) error {
	if had, err := os.ReadFile(d.join(name)); err == nil && bytes.Equal(had, text) {
		return nil
	}
	tmp := d.join(name + ".tmp")
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(tmp, d.join(name)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return disk.Dir(d.path).Sync()
}

// appendLine adds a line to a file, for good.
func (d *dataDir) appendLine(name, line string) error {
	f, err := os.OpenFile(d.join(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.WriteString(line + "\n")
	if err := errors.Join(err, f.Sync(), f.Close(), disk.Dir(d.path).Sync()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (d *dataDir) join(name string) string { return filepath.Join(d.path, name) }

// Close gives the directory back.
func (d *dataDir) Close() error { return d.lock.Close() }

// defaultData is where data goes when the configuration does not say: beside other
// state for root, in the home directory for others.
func defaultData() string {
	if os.Geteuid() == 0 {
		return "/var/lib/sluice"
	}
	if dir := os.Getenv("XDG_STATE_HOME"); strings.HasPrefix(dir, "/") {
		return filepath.Join(dir, "sluice")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "state", "sluice")
	}
	return "sluice-data"
}
