package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// dataRefusal says why openDataDir would refuse a directory, as far as that shows without making
// or changing it; "" if it shows nothing. Who checks may be another user than who runs, so it is
// a warning.
func dataRefusal(path string) string {
	err := strangers(path)
	if err == nil {
		err = usable(path)
	}
	if err == nil {
		err = knownLayout(path)
	}
	if err == nil {
		return ""
	}
	return fmt.Sprintf("data: %v: sluice run of this user would not start", err)
}

// usable tells whether we may write to a directory, or make it where it is not there yet.
func usable(path string) error {
	const write, enter = 2, 1 // access(2)
	switch st, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist) && path != filepath.Dir(path):
		if err := usable(filepath.Dir(path)); err != nil {
			return fmt.Errorf("%s does not exist: %w", path, err)
		}
		return nil
	case err != nil:
		return unread(err)
	case !st.IsDir():
		return fmt.Errorf("%s is no directory", path)
	}
	if err := syscall.Access(path, write|enter); err != nil {
		return fmt.Errorf("%s cannot be written to: %w", path, err)
	}
	return nil
}

// knownLayout refuses what a newer program wrote.
func knownLayout(path string) error {
	file := filepath.Join(path, "VERSION")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil // a first start, or nothing that this user may see
	}
	_, err = readMeta(file, text)
	return err
}

// readMeta reads the file VERSION.
func readMeta(file string, text []byte) (m dataMeta, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s does not say which sluice wrote the data (%w); restore it from a backup of this directory, or remove it if no newer sluice has run here", file, err)
	}
	if m.Version > dataVersion {
		return m, fmt.Errorf("%s: the data was written by a newer sluice (layout %d, this program knows %d); run that version or a later one", file, m.Version, dataVersion)
	}
	return m, nil
}
