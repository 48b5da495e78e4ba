package condition

import "sort"

// Order sorts the children of every And and Or so that cheap questions come
// first. It changes the cost of a rule, never its verdict: leaves have no effects.
func (ls *Leaves) Order(n *Node) int {
	if n.Kind == Ask {
		return ls.price(ls.all[n.Leaf])
	}
	sum, price := 0, make(map[*Node]int, len(n.Kids))
	for _, k := range n.Kids {
		price[k] = ls.Order(k)
		sum += price[k]
	}
	sort.SliceStable(n.Kids, func(i, j int) bool { return price[n.Kids[i]] < price[n.Kids[j]] })
	return sum
}

// price is about how many nanoseconds a leaf takes.
func (ls *Leaves) price(l *Leaf) int {
	switch l.Op {
	case Exists:
		return 2
	case Equal, Prefix, Suffix:
		if len(l.Values) > manyValues {
			return 20
		}
		return 4 + 2*len(l.Values)
	case Contains:
		return 10 + 15*len(l.Values)
	case Glob:
		return 10 + 25*len(l.Globs)
	case CIDR:
		return 40 + 3*len(l.Nets)
	case Regex:
		return 200 * len(l.Regexps)
	case Program:
		return 400
	}
	return 30
}
