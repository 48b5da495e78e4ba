package pcap

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"os"

	"sluice/capture"
	"sluice/ingest"
)

// makeup changes whenever the same packets would give other records: what is skipped
// after a restart is counted in records.
const makeup = 3

// print identifies a capture file by its size, its beginning and its end. Capture
// files are written once; one that has changed is another file.
type print uint64

func (p print) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, binary.BigEndian.AppendUint64(nil, uint64(p))), nil
}

func (p *print) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != 8 {
		return fmt.Errorf("%q is no fingerprint of 16 hexadecimal digits", text)
	}
	*p = print(binary.BigEndian.Uint64(raw))
	return nil
}

// printOf reads at most twice edge bytes.
func printOf(f *os.File) (print, error) {
	const edge = 64 << 10
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	h := sha256.New()
	_ = binary.Write(h, binary.BigEndian, st.Size()) // a hash takes all
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, edge)); err != nil {
		return 0, err
	}
	if st.Size() > edge {
		if _, err := io.Copy(h, io.NewSectionReader(f, max(edge, st.Size()-edge), edge)); err != nil {
			return 0, err
		}
	}
	return print(binary.BigEndian.Uint64(h.Sum(nil))), nil
}

// mark is the checkpoint: the files that were read wholly, and how many records of
// one more are durable.
type mark struct {
	Done    []print `json:"done"`
	File    print   `json:"file,omitempty"`
	Records uint64  `json:"records,omitempty"`
	Makeup  uint64  `json:"makeup,omitempty"` // what made those records
}

func parseMark(from ingest.Checkpoint) (m mark, err error) {
	if len(from) == 0 {
		return m, nil
	}
	err = json.Unmarshal(from, &m)
	return m, err
}

func (m *mark) encode() (ingest.Checkpoint, error) { return json.Marshal(m) }

// makeupOf tells records apart that other limits or another version made.
func makeupOf(l capture.Limits) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %+v", makeup, l)
	return h.Sum64()
}
