package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"sluice/config"
	"sluice/console"
	"sluice/event"
	"sluice/internal/disk"
	"sluice/internal/strictyaml"
	"sluice/journal"
	"sluice/pipeline"
	"sluice/rules"
	"sluice/sinks/elasticsearch"
	"sluice/store"
	"sluice/tables"
)

// Checked is what `sluice check` tells of a configuration that is right.
type Checked struct {
	Inputs, Channels, Packs, Rules int

	Cannot   int      // rules of other collections that cannot run here
	Warnings []string // what will be wrong soon, or is wrong and does not stop anything
}

// Check reads the configuration with its tables, packs and rules, and runs nothing. The
// error has the faults of all of them: those of the configuration hide no others.
func Check(path string) (Checked, error) {
	s, wrong := readSettings(path, config.System)
	if s == nil {
		return Checked{}, &ConfigError{wrong}
	}
	s.Enrich = slices.DeleteFunc(s.Enrich, func(t Named[tables.Settings]) bool { return t.Settings.Validate() != nil })
	b, err := buildRest(s)
	if err == nil {
		err = errors.Join(append(b.faults, b.set.Packs.Compile())...)
	}
	warnings, certs := checkCertificates(s, time.Now())
	if w := s.unfed(); w != "" {
		warnings = append(warnings, w)
	}
	if w := dataRefusal(s.Main.Data); w != "" {
		warnings = append(warnings, w)
	}
	if w := tooLarge(int64(s.Retention.Size), s.Main.Data); w != "" {
		warnings = append(warnings, s.placeOf("retention", "size")+w)
	}
	warnings = append(warnings, s.emptyPaths()...)
	warnings = append(warnings, readTwice(s)...)
	for _, c := range s.Channels {
		if w := channelWarning(c); w != "" {
			warnings = append(warnings, w)
		}
	}
	if b != nil {
		warnings = append(warnings, unmet(s, b.set, time.Now())...)
	}
	if w := beyond(int64(s.Limits.Memory), cgroupLimit(os.ReadFile)); w != "" {
		warnings = append(warnings, w)
	}
	if err = errors.Join(wrong, err, certs); err != nil {
		return Checked{}, &ConfigError{inOrder(path, err)}
	}
	return Checked{len(s.Inputs), len(s.Channels), len(b.set.Packs.Names()), len(b.set.Rules.Rules()), b.cannot, warnings}, nil
}

// emptyPaths are the paths of rules and packs that hold none. A start goes on, for a folder may be
// filled later; but a wrong path would pass for rules that run.
func (s *Settings) emptyPaths() (warnings []string) {
	for key, paths := range map[string][]string{"rules": s.Rules.Paths, "packs": s.Packs.Paths} {
		for _, p := range paths {
			if names, err := yamlNames(p); err == nil && len(names) == 0 {
				warnings = append(warnings, fmt.Sprintf("%s%s.paths: %s holds no %s: no file in it ends in .yml or .yaml", s.at(key, "paths", p), key, p, key))
			}
		}
	}
	slices.Sort(warnings)
	return warnings
}

// checkCertificates reads the files of certificates that the settings name: what cannot be read, or
// has no key that fits, is a fault, and one whose time is over a warning.
func checkCertificates(s *Settings, now time.Time) (warnings []string, err error) {
	check := func(section, entry string, part any) {
		c, ok := part.(interface {
			Certificates(now time.Time) (warning string, err error)
		})
		if !ok {
			return
		}
		where, in := section, ""
		if entry != "" {
			where, in = section+"."+entry, entry+"."
		}
		warning, fault := c.Certificates(now)
		if warning != "" {
			warnings = append(warnings, where+": "+warning)
		}
		if fault == nil {
			return
		}
		for _, one := range strictyaml.Joined(fault) { // of two files each is told with its place
			key, _, _ := strings.Cut(one.Error(), ":")
			key, _, _ = strings.Cut(key, ",") // of a certificate and its key
			err = errors.Join(err, fmt.Errorf("%s%s: %w", s.file.Section(section).Place(in+key), where, one))
		}
	}
	check("console", "", &s.Console)
	for _, in := range s.Inputs {
		check("inputs", in.Name, in.Settings)
	}
	for _, c := range s.Channels {
		check("channels", c.Name, c.Settings)
	}
	if s.Kafka != nil {
		check("kafka", "", s.Kafka)
	}
	if s.Elasticsearch != nil {
		check("elasticsearch", "", s.Elasticsearch)
	}
	return warnings, err
}

// RunRuleTests runs the tests inside the rule files.
func RunRuleTests(set *pipeline.Set) []rules.TestResult {
	w := set.NewWorker()
	n := 0
	return set.Rules.RunTests(rules.TestInput{
		Lines: func(lines []string, pack string, received time.Time, yield func(*event.Event)) error {
			if err := CheckPack(set, pack); err != nil {
				return err
			}
			for _, line := range lines {
				n++
				raw := event.Raw{ID: fmt.Sprintf("test-%d", n), Bytes: []byte(line), Origin: "test", Input: "test", Namespace: defaultNamespace, Received: received, Pack: pack}
				err := w.Normalize(&raw, received, func(ev *event.Event) error { yield(ev); return nil })
				if err != nil {
					return err
				}
			}
			return nil
		},
		Document: func(doc []byte, yield func(*event.Event)) error {
			ev, err := w.Decode(doc)
			if err != nil {
				return err
			}
			yield(ev)
			return nil
		},
	})
}

// OpenOffline opens bus and index for reading when no sluice runs on the data
// directory, or on real engines. ErrInUse says that one runs. It makes no data directory.
func OpenOffline(ctx context.Context, path string, log *slog.Logger) (*Node, error) {
	s, err := existing(path)
	if err != nil {
		return nil, err
	}
	n, err := New(ctx, Options{Roles: []string{roleServe}, Log: log, Asks: true, Settings: func() (*Settings, error) { return s, nil }})
	if errors.Is(err, disk.ErrLocked) {
		return nil, ErrInUse
	}
	return n, err
}

// OpenPast opens what a backtest goes over.
func OpenPast(ctx context.Context, path string, bus bool, log *slog.Logger) (*Node, error) {
	if !bus {
		return OpenIndex(path, log)
	}
	return OpenWhole(ctx, path, log)
}

// OpenWhole is OpenOffline, which gives up a bus that cannot be reached.
func OpenWhole(ctx context.Context, path string, log *slog.Logger) (*Node, error) {
	ctx, stop := context.WithTimeout(ctx, busPatience)
	defer stop()
	n, err := OpenOffline(ctx, path, log)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("no bus within %s: %w", busPatience, err)
	}
	return n, err
}

// busPatience is how long a bus that cannot be reached is waited for.
const busPatience = 20 * time.Second

// OpenIndex opens only the index, so that searching needs no Kafka.
func OpenIndex(path string, log *slog.Logger) (*Node, error) {
	s, err := readSettings(path, config.System)
	if err != nil {
		return nil, faultOf(path, err)
	}
	n := &Node{log: log, now: time.Now, mem: newBudget(int64(s.Limits.Memory))}
	n.settings.Store(s)
	s.Archives = nil
	if len(s.Elasticsearch.Addresses) == 0 {
		if err := s.begun(path); err != nil {
			return nil, err
		}
		if n.dir, err = openDataDir(s.Main.Data); errors.Is(err, disk.ErrLocked) {
			return nil, ErrInUse
		} else if err != nil {
			return nil, err
		}
		for _, what := range n.dir.lost {
			log.Warn("the data directory is not as it was left", "data", n.dir.path, "what", what)
		}
	}
	if err := n.openIndex(s); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// existing reads the settings, and refuses a data directory that is not there where
// everything would be in it.
func existing(path string) (*Settings, error) {
	s, err := readSettings(path, config.System)
	if err != nil {
		return nil, faultOf(path, err)
	}
	if s.Kafka == nil || len(s.Elasticsearch.Addresses) == 0 {
		return s, s.begun(path)
	}
	return s, nil
}

// begun refuses a data directory that is not there.
func (s *Settings) begun(path string) error {
	if _, err := os.Stat(s.Main.Data); err != nil {
		return fmt.Errorf("nothing has run with this configuration yet: %w%s", err, unnamed(path))
	}
	return nil
}

// ErrInUse means that another process has the data directory: ask it through its API.
var ErrInUse = errors.New("the data directory is in use by a running sluice")

// Search is one _search over the index of an offline node.
func (n *Node) Search(ctx context.Context, indices []string, body []byte) ([]byte, error) {
	return n.index.Search(ctx, indices, body)
}

// Ask is Search for what people typed: a query that the index does not understand is in the answer's
// place as the API of a running Sluice answers it, with ok false.
func (n *Node) Ask(ctx context.Context, indices []string, body []byte) (answer []byte, ok bool, err error) {
	answer, err = n.Search(ctx, indices, body)
	var no *console.IndexError
	if errors.As(indexError(err), &no) {
		if fault := console.QueryFault(no); fault != nil {
			return fault, false, nil
		}
	}
	if errors.Is(err, elasticsearch.ErrTooLarge) {
		err = console.ErrTooLarge
	}
	return answer, err == nil, err
}

// Hint is what may be wrong with a query of a search that found nothing, as the console says it; "" where
// nothing is.
func (n *Node) Hint(ctx context.Context, indices []string, query string, search map[string]any) string {
	return console.Hint(query, search, fieldNames(), fieldValues, func(body []byte) ([]byte, error) { return n.Search(ctx, indices, body) })
}

// writable says what helps where a file system cannot be written: also who only reads locks the data
// directory, and the store brings its log to an end first.
func writable(err error) error {
	if errors.Is(err, syscall.EROFS) && !errors.Is(err, errReadOnly) {
		return fmt.Errorf("%w; %w", err, errReadOnly)
	}
	return err
}

var errReadOnly = errors.New("sluice needs a data directory that it can write to: copy it (cp -a) to another disk and name the copy as data: in a configuration, or mount an overlay over it")

// unreadable says what helps where the disk does not read a file, which the error names.
func unreadable(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) && at.Op == "read" && errors.Is(at, syscall.EIO) {
		return fmt.Errorf("%w; the disk does not read a part of that file, of which the kernel's log has more: with sluice stopped, copy what reads of it (dd if=FILE of=COPY bs=4096 conv=noerror,sync) and put the copy in its place; what it lacks is told at the next start, and the rest is used", err)
	}
	return err
}

// Verify reads everything in the data directory and tells of each damage. It needs the
// directory for itself.
func Verify(ctx context.Context, path string, damage func(what string)) error {
	return unreadable(writable(verify(ctx, path, damage)))
}

func verify(ctx context.Context, path string, damage func(what string)) error {
	s, err := readSettings(path, config.System)
	if err != nil {
		return &ConfigError{err}
	}
	if err := s.begun(path); err != nil {
		return err
	}
	d, err := openDataDir(s.Main.Data)
	if err != nil {
		return err
	}
	defer d.Close()
	if s.Kafka == nil {
		d.needsJournal()
	}
	if d.meta.Store && len(s.Elasticsearch.Addresses) == 0 {
		d.needsStore()
	}
	for _, what := range d.lost {
		damage("data directory: " + what)
	}
	if _, err := os.Stat(d.join("bus")); err == nil {
		_, err := journal.Verify(disk.Dir(d.join("bus")), func(p journal.Damage) { damage("bus: " + p.String()) })
		if err != nil {
			return fmt.Errorf("verify the bus: %w", err)
		}
	}
	if _, err := os.Stat(d.join("store")); err == nil {
		// To open it mends what can be mended, so a later start would not find it any more.
		lose := func(p store.Problem) { d.lose(time.Now(), lossOfStore, p.String()) }
		s, err := store.Open(d.join("store"), store.Options{Types: fieldType, Damaged: lose}) // what it reads again has its types
		if err == nil {
			err = errors.Join(s.Verify(func(p store.Problem) { damage("store: " + p.String()) }), s.Close())
		}
		if err != nil {
			return fmt.Errorf("verify the store: %w", err)
		}
	}
	return ctx.Err()
}
