package tables

import (
	"bytes"
	"encoding/csv"
	"fmt"
)

// csvReader reads the rows of a feed. One in which a quote is never closed is passed over, and not all that
// stands behind it in the file, which would be part of its cell.
type csvReader struct {
	text   []byte // behind the last row
	sep    string
	r      *csv.Reader // nil: begin at text
	at     int64       // of r, in text
	broken int         // rows that were passed over
}

// maxBroken bounds those: each may be read up to the end of the file.
const maxBroken = 100

// read gives the cells of a row, which are good until the next.
func (c *csvReader) read() ([]string, error) {
	for {
		if c.r == nil {
			c.r, c.at = csv.NewReader(bytes.NewReader(c.text)), 0
			c.r.FieldsPerRecord, c.r.LazyQuotes, c.r.ReuseRecord = -1, true, true
			separate(c.r, c.sep)
		}
		row, err := c.r.Read()
		if err != nil {
			return nil, err
		}
		whole := c.text[c.at:c.r.InputOffset()]
		c.at = c.r.InputOffset()
		first := bytes.IndexByte(bytes.TrimRight(whole, "\r\n"), '\n')
		if first < 0 || bytes.Count(whole, []byte(`"`))%2 == 0 {
			return row, nil
		}
		if c.broken++; c.broken > maxBroken {
			return nil, fmt.Errorf("more than %d rows have a quote that is not closed; is separator right?", maxBroken)
		}
		c.text, c.r = c.text[c.at-int64(len(whole)-first-1):], nil
	}
}
