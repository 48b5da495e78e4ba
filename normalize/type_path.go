package normalize

import (
	"strings"

	"sluice/event"
)

// baseName is what stands behind the last slash of either kind.
func baseName(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

func (t *target) putPath(ev *event.Event, text string) bool {
	if event.Nothing(text) {
		return true // N/A is no file A in a folder N
	}
	ok := ev.SetText(t.kids[0], text)
	name := baseName(text)
	if dir := text[:len(text)-len(name)]; dir != "" && t.kids[2] != event.None {
		if len(dir) > 1 && !strings.HasSuffix(dir, `:\`) {
			dir = dir[:len(dir)-1]
		}
		ev.SetText(t.kids[2], dir)
	}
	if name == "" {
		return ok
	}
	if t.kids[1] != event.None {
		ev.SetText(t.kids[1], name)
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 && i+1 < len(name) && t.kids[3] != event.None {
		ev.SetText(t.kids[3], name[i+1:])
	}
	return ok
}
