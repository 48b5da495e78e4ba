package strictyaml

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// flow reads a list or mapping in brackets that begins at what is next. Its lines are indented
// more than what holds it, and end behind a comma or the bracket that opens it. It goes behind
// it.
func (q *quick) flow(indent int) *Node {
	if q.depth++; q.depth > maxQuickDepth {
		return nil
	}
	defer func() { q.depth-- }()
	mapping := q.s[q.at] == '{'
	n := q.node(Sequence, "!!seq", q.at)
	if mapping {
		n.Kind, n.Tag = Mapping, "!!map"
	}
	n.Style = yaml.FlowStyle
	last := q.s[q.at] + 2 // the bracket that closes it
	for q.at++; ; q.at++ {
		if q.ended(q.at) {
			if q.next(); q.indent <= indent || q.indent == 0 {
				return nil
			}
		}
		if q.at = q.spaces(q.at); q.s[q.at] == last {
			q.at++
			return n
		}
		if mapping {
			key := q.flowScalar()
			if key == nil || q.s[q.at] != ':' || q.s[q.at+1] != ' ' {
				return nil
			}
			n.Content = append(n.Content, key)
			q.at = q.spaces(q.at + 1)
		}
		item := q.flowItem(indent)
		if item == nil {
			return nil
		}
		n.Content = append(n.Content, item)
		switch q.at = q.spaces(q.at); q.s[q.at] {
		case last:
			q.at++
			return n
		case ',':
		default:
			return nil
		}
	}
}

func (q *quick) flowItem(indent int) *Node {
	if c := q.s[q.at]; c == '[' || c == '{' {
		return q.flow(indent)
	}
	return q.flowScalar()
}

// flowScalar reads a scalar between brackets. It goes behind it and what spaces follow.
func (q *quick) flowScalar() *Node {
	end := 0
	if c := q.s[q.at]; c == '"' || c == '\'' {
		if end = q.quoteEnd(q.at); end < 0 {
			return nil
		}
	} else if end = q.flowEnd(); end == q.at || q.s[q.at] == ':' || q.s[q.at:end] == "-" {
		return nil
	}
	n := q.oneLine(end)
	q.at = q.spaces(end)
	return n
}

// flowEnd is where the scalar without quotes ends that is next; where it begins if that is
// not sure.
func (q *quick) flowEnd() int {
	for i := q.at; i < q.end; i++ {
		switch q.s[i] {
		case ',', ']', '}':
			return i
		case '[', '{', '?':
			return q.at
		case '#':
			if q.s[i-1] == ' ' {
				return q.at
			}
		case ':':
			if q.s[i+1] == ' ' {
				return i
			}
			if strings.IndexByte(",[]{}?\n", q.s[i+1]) >= 0 {
				return q.at
			}
		}
	}
	return q.at // it goes on in the next line
}
