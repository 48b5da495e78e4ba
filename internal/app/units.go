package app

import (
	"fmt"
	"strconv"
	"strings"
)

// Bytes is a size as users write it: 512MiB, 2GB, 1048576.
type Bytes int64

var units = []struct {
	suffix string
	size   float64
}{
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
	{"TiB", 1 << 40},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"TB", 1e12},
	{"B", 1},
}

// UnmarshalText reads a size.
func (b *Bytes) UnmarshalText(text []byte) error {
	s, unit := strings.TrimSpace(string(text)), 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(s, u.suffix); ok {
			s, unit = strings.TrimSpace(rest), u.size
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n*unit <= 1<<60) {
		return fmt.Errorf("%.40q is no size such as 512MiB or 20GB", text)
	}
	*b = Bytes(n * unit)
	return nil
}

// String is the size in the greatest unit that it is at least one of.
func (b Bytes) String() string {
	for i := 3; i >= 0; i-- {
		if u := units[i]; float64(b) >= u.size {
			return strconv.FormatFloat(float64(b)/u.size, 'f', 1, 64) + " " + u.suffix
		}
	}
	return strconv.FormatInt(int64(b), 10) + " B"
}
