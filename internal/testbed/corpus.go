package testbed

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sluice/internal/corpus"
)

// Gunzip reads a compressed file whole.
func Gunzip(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(z)
}

// UnpackRules writes the rules of a .tar.gz whose path begins with below to folder root.
func UnpackRules(archive, root, below string) error {
	return corpus.Unpack(archive, func(name string, rule []byte) error {
		name = strings.TrimPrefix(filepath.Clean("/"+name), "/") // stays below root
		if filepath.Ext(name) != ".yml" || !strings.HasPrefix(name, below) {
			return nil
		}
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(root, name), rule, 0o600)
	})
}
