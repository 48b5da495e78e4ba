package schemas

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed packs/*.schema.json rules/*.schema.json topics/*.schema.json
var jsonSchemas embed.FS

// JSONSchema is the JSON Schema (draft 2020-12) of what a name of JSONSchemas stands for; nil for another name.
func JSONSchema(name string) []byte {
	for _, dir := range jsonDirs {
		if text, err := jsonSchemas.ReadFile(path.Join(dir, name+".schema.json")); err == nil {
			return text
		}
	}
	return nil
}

var jsonDirs = []string{"packs", "rules", "topics"}

// JSONSchemas are the names: pack, rule, and those of the topics.
func JSONSchemas() (all []string) {
	for _, dir := range jsonDirs {
		files, err := fs.ReadDir(jsonSchemas, dir)
		if err != nil {
			panic("BUG: schemas/" + dir + " is embedded: " + err.Error())
		}
		for _, f := range files {
			all = append(all, strings.TrimSuffix(f.Name(), ".schema.json"))
		}
	}
	slices.Sort(all)
	return all
}
