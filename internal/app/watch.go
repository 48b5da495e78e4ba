package app

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// stamps are what the files at paths look like now: a change of any is a change of this
// text.
func stamps(paths []string, wanted func(name string) bool) string {
	out := map[string]string{}
	for _, path := range paths {
		err := walk(path, func(name string) error {
			if info, err := os.Stat(name); err == nil && (name == path || wanted(name)) { // and not of a link: feeds swap those
				out[name] = fmt.Sprint(info.Size(), " ", info.ModTime().UnixNano())
			}
			return nil
		})
		if err != nil {
			out[path] = err.Error()
		}
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(out)) {
		fmt.Fprintln(&b, name, out[name])
	}
	return b.String()
}

// watched are files of which something is built, as they look now.
type watched struct{ tables, rules string }

// watch calls changed when what look finds of the files of the running settings is another than
// when they were read, and the same as the time before: until then they are being written.
func (n *Node) watch(ctx context.Context, every time.Duration, look func(*Settings) string, began func(watched) string, changed func()) {
	settings := n.settings.Load()
	seen := began(settings.began)
	last := seen
	for tick := time.NewTicker(every); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		if s := n.settings.Load(); s != settings { // a reload has read all files
			settings, seen = s, began(s.began)
		}
		now := look(settings)
		if now != seen && now == last {
			seen = now
			changed()
		}
		last = now
	}
}
