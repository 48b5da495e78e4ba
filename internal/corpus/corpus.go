// Package corpus opens test data that is too large for the repository or not ours to publish: the
// folder "shared" next to it, or the one named by SLUICE_SHARED. A test whose data is missing is
// skipped.
package corpus

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pathOf is where a file or folder of the corpus lies.
func pathOf(tb testing.TB, name string) string {
	tb.Helper()
	dir := os.Getenv("SLUICE_SHARED")
	if dir == "" {
		dir = beside(tb)
	}
	path := filepath.Join(dir, "corpus", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("no test data: %v (set SLUICE_SHARED)", err)
	}
	return path
}

// beside is the folder beside the repository that the test runs in.
func beside(tb testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared")
		}
		up := filepath.Dir(dir)
		if up == dir {
			tb.Skip("no repository around the test: set SLUICE_SHARED")
		}
		dir = up
	}
}

// Unzipped reads a file that is packed with gzip.
func Unzipped(tb testing.TB, name string) io.Reader {
	tb.Helper()
	f, err := os.Open(pathOf(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// Lines calls do with each line of such a file.
func Lines(tb testing.TB, name string, do func(line []byte)) {
	tb.Helper()
	sc := bufio.NewScanner(Unzipped(tb, name))
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		do(sc.Bytes())
	}
	if sc.Err() != nil {
		tb.Fatal(sc.Err())
	}
}

// Files calls do with each file of an archive, tar packed with gzip.
func Files(tb testing.TB, name string, do func(name string, content []byte)) {
	tb.Helper()
	err := Unpack(pathOf(tb, name), func(name string, content []byte) error {
		do(strings.TrimPrefix(name, "./"), content)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// Unpack is Files for an archive anywhere, and programs that are no test. An error of do
// ends it.
func Unpack(archive string, do func(name string, content []byte) error) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		if err := do(h.Name, content); err != nil {
			return err
		}
	}
}

// SigmaHQ calls do with each of SigmaHQ's rules, by its path in their repository.
func SigmaHQ(tb testing.TB, do func(name string, text []byte)) {
	tb.Helper()
	Files(tb, "sigma/sigmahq-rules-8eaafff.tar.gz", func(name string, text []byte) {
		if filepath.Ext(name) == ".yml" {
			do(name, text)
		}
	})
}
