package rules

import (
	"embed"
	"io/fs"
	"path"
)

//go:embed library
var library embed.FS

// Library is the shipped rules, in the order of their paths.
func Library() []File {
	var out []File
	err := fs.WalkDir(library, "library", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yml" {
			return err
		}
		text, err := library.ReadFile(name)
		out = append(out, File{Name: "rules/" + name, Text: text})
		return err
	})
	if err != nil {
		panic("BUG: rules: embedded library: " + err.Error())
	}
	return out
}
