// Package draft helps to start a new pack: it groups unknown lines by their shape and writes a
// pack that parses them, with guesses at the meaning of each part.
package draft

import "strings"

// The clustering is Drain (He et al., 2017): lines of as many words that begin alike are
// compared word by word; what differs becomes a variable.
const (
	treeDepth  = 2       // words that decide the way down the tree
	similarity = 0.5     // share of equal words from which two lines are of one shape
	maxShapes  = 500     // of all lines together
	maxWords   = 200     // of one line; more are one last word
	maxLine    = 8 << 10 // bytes; a longer one is no sentence that a pattern is for
	maxSamples = 50      // values that are kept of one variable
)

// cluster is lines of one shape.
type cluster struct {
	words   []string   // "" where they differ
	samples [][]string // by word: values of a variable
	count   int
	example string
}

// drain groups lines.
type drain struct {
	leaves   map[string][]*cluster
	clusters []*cluster
	left     int // lines that were too long, or for which there was no room
}

func newDrain() *drain { return &drain{leaves: map[string][]*cluster{}} }

// add puts a line into the cluster that it is most like.
func (d *drain) add(line string) {
	words := strings.Fields(line)
	switch {
	case len(words) == 0:
		return
	case len(line) > maxLine:
		d.left++
		return
	}
	if len(words) > maxWords {
		words = append(words[:maxWords-1:maxWords-1], strings.Join(words[maxWords-1:], " "))
	}
	key := leafKey(words)
	var best *cluster
	most := 0.0
	for _, c := range d.leaves[key] {
		if s := c.like(words); s > most {
			best, most = c, s
		}
	}
	if best == nil || most < similarity {
		if len(d.clusters) >= maxShapes {
			d.left++
			return
		}
		best = &cluster{words: append([]string(nil), words...), samples: make([][]string, len(words)), example: line}
		d.leaves[key] = append(d.leaves[key], best)
		d.clusters = append(d.clusters, best)
	}
	best.merge(words)
}

// leafKey is the way down the tree: how many words, and the first ones that are no values.
func leafKey(words []string) string {
	var b strings.Builder
	b.WriteByte(byte(len(words)))
	for i := 0; i < treeDepth && i < len(words); i++ {
		b.WriteByte(0)
		if !isValue(words[i]) {
			b.WriteString(words[i])
		}
	}
	return b.String()
}

func (c *cluster) like(words []string) float64 {
	same := 0
	for i, w := range words {
		if c.words[i] == w || c.words[i] == "" || isValue(c.words[i]) && isValue(w) {
			same++
		}
	}
	return float64(same) / float64(len(words))
}

// isValue says whether a word is more likely a value than a part of the text.
func isValue(w string) bool { return strings.ContainsAny(w, "0123456789") }

func (c *cluster) merge(words []string) {
	c.count++
	for i, w := range words {
		if c.words[i] != w {
			if c.words[i] != "" {
				c.samples[i] = append(c.samples[i], c.words[i])
			}
			c.words[i] = ""
		}
		if c.words[i] == "" && len(c.samples[i]) < maxSamples {
			c.samples[i] = append(c.samples[i], w)
		}
	}
}
