package normalize

import (
	"bytes"
	"embed"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"

	"sluice/internal/strictyaml"
)

// File is the text of one pack file. Name is shown in faults.
type File struct {
	Name string
	Text []byte

	lazy bool             // the body is compiled when its first line comes; see head
	root *strictyaml.Node // of Text, or of its head; nil: not parsed yet
}

// parse reads the file's YAML once, for Fields and for Load, which want the same
// slice; of a lazy file its head.
func (f *File) parse() (*strictyaml.Node, error) {
	if f.root != nil {
		return f.root, nil
	}
	text := f.Text
	if f.lazy {
		text = head(text)
	}
	root, err := strictyaml.Parse(f.Name, text)
	if err == nil {
		f.root = root
	}
	return root, err
}

// head is the text of the sections that a pack is told by, an eighth of the packs that ship: the
// rest need not be parsed before a line of theirs comes. Declarations are part of it, since the
// schema must have them before there is an event; shapes too, for patterns under recognize.
func head(text []byte) []byte {
	out := make([]byte, 0, len(text)/4)
	wanted := false
	for line := range bytes.Lines(text) {
		if c := line[0]; c >= 'a' && c <= 'z' { // a section begins
			key, _, _ := bytes.Cut(line, []byte(":"))
			switch string(key) {
			case "tables", "set", "steps":
				wanted = false
			default:
				wanted = true
			}
		}
		if wanted {
			out = append(out, line...)
		}
	}
	return out
}

// parseAll parses the files on all CPUs; parse tells what is wrong with one.
func parseAll(files []File) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				_, _ = files[i].parse()
			}
		})
	}
	all.Wait()
}

//go:embed packs/*/pack.yml
var shipped embed.FS

// Shipped are the packs that come with the program, by name.
func Shipped() []File {
	names, err := fs.Glob(shipped, "packs/*/pack.yml")
	if err != nil {
		panic("BUG: " + err.Error())
	}
	out := make([]File, len(names))
	for i, n := range names {
		text, err := shipped.ReadFile(n)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		out[i] = File{Name: n, Text: text, lazy: true}
	}
	return out
}
