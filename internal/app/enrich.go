package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sluice/internal/metrics"
	"sluice/internal/strictyaml"
	"sluice/tables"
)

// tablesEvery is how often the files of tables are looked at. Feeds change by the hour.
const tablesEvery = 5 * time.Second

// maxTable bounds the files of one table; the greatest GeoIP databases have 1 GiB.
const maxTable = 2 << 30

// buildTables reads the files of all tables and builds them. The error has every fault.
func (s *Settings) buildTables(all []Named[tables.Settings]) (*tables.Set, error) {
	var out []tables.Named
	var faults []error
	for _, n := range all {
		files, size, err := tableFiles(n.Settings.Path())
		if err == nil {
			var t tables.Table
			if t, err = n.Settings.Build(files); err == nil {
				out = append(out, tables.Named{Name: n.Name, Table: t})
				metrics.EnrichEntries.WithLabelValues(n.Name).Set(float64(t.Size()))
				metrics.EnrichBytes.WithLabelValues(n.Name).Set(float64(size))
			}
		}
		for _, err := range strictyaml.Joined(err) {
			faults = append(faults, fmt.Errorf("%senrich: %s: %w", s.at("enrich", n.Name+".file", n.Settings.Path()), n.Name, unread(err)))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return tables.New(out), nil
}

// tableFiles reads a file, or the .json files of a folder ("manifest.json", which MISP's
// feeds have beside their events, is none of them).
func tableFiles(path string) (files []tables.File, size int64, err error) {
	if path == "" {
		return nil, 0, nil
	}
	err = walk(path, func(name string) error {
		if name != path && (filepath.Ext(name) != ".json" || filepath.Base(name) == "manifest.json") {
			return nil
		}
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() { // a device has no end, and a pipe waits for its other one
			return fmt.Errorf("%s is neither a file nor a folder", name)
		}
		if size += info.Size(); size > maxTable {
			return fmt.Errorf("%s: more than %d bytes", path, int64(maxTable))
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files = append(files, tables.File{Name: name, Data: data})
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no file in it ends in .json", path)
	}
	return files, size, err
}

func tableStamps(s *Settings) string {
	var paths []string
	for _, n := range s.Enrich {
		if path := n.Settings.Path(); path != "" {
			paths = append(paths, path)
		}
	}
	return stamps(paths, func(string) bool { return true })
}

// watchTables builds the tables anew when their files change, and swaps them all at once.
// Where a file is faulty the old ones stay, and it is tried again when it changes.
func (n *Node) watchTables(ctx context.Context) {
	n.watch(ctx, tablesEvery, tableStamps, func(w watched) string { return w.tables }, func() {
		if err := n.reloadTables(); err != nil {
			metrics.EnrichLoads.WithLabelValues("failed").Inc()
			n.log.Error("changed tables cannot be used; the old ones stay", "why", err)
			n.health.failed("enrich", err)
			return
		}
		metrics.EnrichLoads.WithLabelValues("loaded").Inc()
	})
}

// reloadTables builds the tables of the settings that run. Where they have other columns
// everything is built anew, since columns are fields that rules may read.
func (n *Node) reloadTables() error {
	n.reloading.Lock()
	defer n.reloading.Unlock()
	s := n.settings.Load()
	t, err := s.buildTables(n.tablesOf(s))
	if err != nil {
		return err
	}
	set, ok := n.set.Load().WithTables(t)
	if !ok {
		b, err := n.build(s)
		if err != nil {
			return err
		}
		n.leftOut(b)
		set = b.set
	}
	n.set.Store(set)
	n.tablesFit(s)
	n.log.Info("tables reloaded", "tables", len(t.Tables()))
	return nil
}

// tablesFit warns where the tables need more memory than the process was given: the Go
// runtime would spend its time collecting.
func (n *Node) tablesFit(s *Settings) {
	var size int64
	for _, t := range n.tablesOf(s) {
		path := t.Settings.Path()
		if path == "" {
			continue
		}
		_ = walk(path, func(name string) error {
			if info, err := os.Stat(name); err == nil {
				size += info.Size()
			}
			return nil
		})
	}
	if limit := int64(newBudget(int64(s.Limits.Memory))); 4*size > limit {
		n.log.Warn("the files of tables take more than a quarter of limits.memory; raise it by two to four times their size", "files", size, "limit", limit)
	}
}

// tablesOf are the tables that this process needs: all of them where events are
// processed, else those whose columns are fields that rules may read.
func (n *Node) tablesOf(s *Settings) []Named[tables.Settings] {
	if n.has(roleProcess) {
		return s.Enrich
	}
	return slices.DeleteFunc(slices.Clone(s.Enrich), func(t Named[tables.Settings]) bool { return t.Kind != "assets" && t.Kind != "identities" })
}
