package main

import (
	"os"
	"path/filepath"
	"strings"
)

// packs lists every shipped pack with the document of the vendor that it follows and
// how much of it has a shape.
func packs(t *tools, p *page) error {
	out, err := t.run(nil, "packs.jsonl", "packs", "list", "--json")
	if err != nil {
		return err
	}
	p.printf(`
## Packs

The vendor's document that a pack follows, how many message texts or types have a pattern of their own, how many keys or
columns have a field, and how many lines its own test has. What a pack does not read is in its README, beside the share of
the vendor's message types that have a shape.

| pack | follows | patterns | keys | test lines |
|---|---|---:|---:|---:|
`)
	return read(out, func(info struct {
		Name, Title, Docs string
		Patterns, Keys    int
	},
	) error {
		follows := "–"
		if info.Docs != "" {
			follows = "[" + info.Title + "](" + info.Docs + ")"
		} else if info.Title != "" {
			follows = info.Title
		}
		text, err := os.ReadFile(filepath.Join("normalize", "packs", info.Name, "sample.log"))
		if err != nil {
			return err
		}
		p.printf("| %s | %s | %d | %d | %d |\n", info.Name, strings.ReplaceAll(follows, "|", "/"), info.Patterns, info.Keys, strings.Count(string(text), "\n"))
		return nil
	})
}
