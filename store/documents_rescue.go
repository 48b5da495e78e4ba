package store

import (
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"unicode/utf8"

	"sluice/internal/disk"

	"modernc.org/sqlite"
)

// SQLite says with these that a file is damaged.
const (
	sqliteCorrupt = 11
	sqliteNotADB  = 26
)

func corrupt(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqliteCorrupt || e.Code()&0xff == sqliteNotADB)
}

// Names beside documents.db.
const (
	damagedSuffix = ".damaged" // an empty file: it was found damaged while it was in use
	freshSuffix   = ".new"     // what was taken over, until it takes the place of the damaged one
)

// missing tells of a file that is gone, or empty, though the store is not new: SQLite would begin another
// without a word.
func (d *documents) missing() {
	st, err := os.Stat(d.path)
	gone := errors.Is(err, fs.ErrNotExist) || err == nil && st.Size() == 0
	if gone && (len(d.s.parts) > 0 || d.s.wal.Stats().Next > 1) {
		d.s.problem(Problem{"documents.db", 0, "it is gone: alerts, and what was done to them, are lost"})
	}
}

// damaged passes an error on. If it says that the file is damaged, the next start takes over what still
// reads: nobody may swap the file under those who use it.
func (d *documents) damaged(err error) error {
	if corrupt(err) && d.path != "" {
		d.s.problem(Problem{"documents.db", 0, fmt.Sprintf("%v; the next start takes over what still reads", err)})
		d.mark()
	}
	return err
}

// mark has the next start take over what reads.
func (d *documents) mark() {
	if f, err := os.OpenFile(d.path+damagedSuffix, os.O_CREATE, 0o600); err == nil {
		f.Close()
	}
}

// rescue puts a new file in place of a damaged one, with all documents that still read.
func (d *documents) rescue(cause error) error {
	d.s.log.Warn("documents.db is damaged; what still reads is taken over into a new one", "error", cause)
	if d.db != nil {
		d.db.Close() // it may fail: the file is damaged
	}
	n, err := d.takeOver()
	if err != nil {
		return fmt.Errorf("documents.db is damaged (%w), and what still reads cannot be taken over: %w", cause, err)
	}
	aside := d.path
	for i := 1; aside == d.path || exists(aside); i++ {
		aside = fmt.Sprintf("%s.%d%s", d.path, i, badSuffix)
	}
	err = os.Rename(d.path+"-wal", aside+"-wal") // before the new file is there: it would be taken for that one's
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = os.Rename(d.path, aside)
	}
	if err == nil {
		err = d.finishRescue()
	}
	if err != nil {
		return fmt.Errorf("set documents.db aside: %w", err)
	}
	d.s.log.Warn("documents.db was damaged and is set aside", "file", filepath.Base(aside), "taken over", n)
	return d.open()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// finishRescue gives the new file its name, also where a start was killed before.
func (d *documents) finishRescue() error {
	if exists(d.path) || !exists(d.path+freshSuffix) {
		return nil
	}
	if err := os.Rename(d.path+freshSuffix, d.path); err != nil {
		return err
	}
	if err := os.Remove(d.path + damagedSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return disk.Dir(filepath.Dir(d.path)).Sync()
}

// setAside are the damaged files that lie there.
func (d *documents) setAside() (out []Problem) {
	names, _ := filepath.Glob(d.path + ".*" + badSuffix)
	for _, name := range names {
		out = append(out, Problem{filepath.Base(name), 0, "set aside: documents.db was damaged, and what of it still read was taken over; told until the file is removed"})
	}
	return out
}

// takeOver makes the new file.
func (d *documents) takeOver() (n int64, err error) {
	fresh := d.path + freshSuffix
	for _, name := range []string{fresh, fresh + "-wal"} { // of a start that was killed
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	if err := lengthen(d.path); err != nil {
		return 0, err
	}
	to, err := connect(fresh)
	if err != nil {
		return 0, err
	}
	from, err := connect(d.path)
	if err != nil {
		return 0, errors.Join(err, to.Close())
	}
	defer from.Close()
	_, err = to.Exec(docSchema)
	if err == nil {
		c := copier{from: from, to: to}
		err = c.all()
		n = c.n
	}
	return n, errors.Join(err, to.Close())
}

// lengthen makes a file that was cut as long as its head says: SQLite reads nothing of a shorter one.
func lengthen(path string) error {
	const mark, pageSize, pages, most = "SQLite format 3\x00", 16, 28, 1 << 36
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	var b [32]byte
	if _, err := f.ReadAt(b[:], 0); err != nil || string(b[:len(mark)]) != mark {
		return nil
	}
	size := int64(binary.BigEndian.Uint16(b[pageSize:])) * int64(binary.BigEndian.Uint32(b[pages:]))
	if size <= st.Size() || size > most {
		return nil
	}
	return f.Truncate(size)
}

// copier takes over what reads. Its errors are of the new file.
type copier struct {
	from, to *sql.DB
	n        int64
}

func (c *copier) all() error {
	for at, more := int64(0), true; more; {
		last, err := c.stretch(at)
		if err != nil {
			return err
		}
		from := at
		if at, more = c.beyond(last); at == from {
			at++ // whatever reads for the one and not for the other
		}
	}
	for table, columns := range map[string]int{"indices": 1, "aliases": 3, "templates": 2} {
		if err := c.table(table, columns); err != nil {
			return err
		}
	}
	var seq int64
	_ = c.from.QueryRow(`SELECT seq FROM counter`).Scan(&seq) // 0 where it does not read
	_, err := c.to.Exec(`INSERT OR IGNORE INTO indices SELECT DISTINCT idx FROM docs; UPDATE counter SET seq = max(?, (SELECT coalesce(max(seq), 0) FROM docs))`, seq)
	return err
}

// copied is one document on its way.
type copied struct {
	row, seq, version int64
	index, id         string
	source            []byte
}

const documentsBehind = `SELECT row, idx, id, seq, version, source FROM docs WHERE row > ? ORDER BY row`

func (x *copied) into() []any { return []any{&x.row, &x.index, &x.id, &x.seq, &x.version, &x.source} }

// stretch copies documents behind a row up to the next damage, or the end, and returns the last row.
func (c *copier) stretch(at int64) (int64, error) {
	tx, err := c.to.Begin()
	if err != nil {
		return at, err
	}
	defer tx.Rollback()
	rows, err := c.from.Query(documentsBehind, at)
	if err != nil {
		return at, tx.Commit()
	}
	defer rows.Close()
	for rows.Next() {
		var x copied
		if rows.Scan(x.into()...) != nil || x.row <= at {
			break
		}
		at = x.row
		if x.index == "" || !utf8.ValidString(x.index) || !utf8.ValidString(x.id) || !json.Valid(x.source) {
			continue
		}
		done, err := tx.Exec(`INSERT OR IGNORE INTO docs(row, idx, id, seq, version, source) VALUES (?, ?, ?, ?, ?, ?)`, x.row, x.index, x.id, x.seq, x.version, x.source)
		if err != nil {
			return at, err
		}
		n, _ := done.RowsAffected()
		c.n += n
	}
	return at, tx.Commit()
}

// beyond is the first place behind the damage that follows a row; more is false where nothing follows.
func (c *copier) beyond(at int64) (from int64, more bool) {
	if n, reads := c.first(at); reads {
		return at, n > 0 // else it was the end
	}
	bad, good := at, int64(0)
	for step := int64(1); good == 0; step *= 2 {
		if step > math.MaxInt64/4-at {
			return 0, false
		}
		if _, reads := c.first(at + step); reads {
			good = at + step
		} else {
			bad = at + step
		}
	}
	for good-bad > 1 {
		if mid := bad + (good-bad)/2; c.reads(mid) {
			good = mid
		} else {
			bad = mid
		}
	}
	return good, true
}

func (c *copier) reads(at int64) bool {
	_, reads := c.first(at)
	return reads
}

// first is the first row behind a place, 0: there is none, and whether it reads.
func (c *copier) first(at int64) (row int64, reads bool) {
	var x copied // whole, as stretch reads it: else that one would stop where this one sees no damage
	err := c.from.QueryRow(documentsBehind+` LIMIT 1`, at).Scan(x.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, true
	}
	return x.row, err == nil && x.row > at
}

// table copies a small one as far as it reads.
func (c *copier) table(name string, columns int) error {
	rows, err := c.from.Query(`SELECT * FROM ` + name)
	if err != nil {
		return nil
	}
	defer rows.Close()
	values, marks := make([]any, columns), ""
	into := make([]any, columns)
	for i := range values {
		into[i] = &values[i]
		marks += ", ?"
	}
	for rows.Next() {
		if rows.Scan(into...) != nil {
			break
		}
		if _, err := c.to.Exec(`INSERT OR IGNORE INTO `+name+` VALUES (`+marks[2:]+`)`, values...); err != nil {
			return err
		}
	}
	return nil
}
