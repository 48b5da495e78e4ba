package store

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"

	"sluice/internal/cidr"
)

// key is a value in the order of its class.
type key struct {
	s string
	f float64
	i int64 // tells whole numbers apart that a float64 can not
	a netip.Addr
}

// keyOf reads a stored value; what does not fit the class sorts before everything.
func keyOf(c class, v string) key {
	switch c {
	case classNumber:
		return numberKey(v)
	case classIP:
		a, _ := parseAddr(v)
		return key{a: a}
	}
	return key{s: v}
}

// isNumber tells a number as JSON or a person writes one from what strconv takes as well: 0x10, 1_000, Inf, NaN.
func isNumber(v string) bool {
	for _, c := range v {
		if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			return false
		}
	}
	_, err := strconv.ParseFloat(v, 64)
	return err == nil
}

func numberKey(v string) key {
	if len(v) < 18 { // most numbers are short and whole
		if i, err := strconv.ParseInt(v, 10, 64); err == nil {
			return key{f: float64(i), i: i}
		}
	}
	k := key{}
	k.f, _ = strconv.ParseFloat(v, 64)
	if i, err := strconv.ParseInt(v, 10, 64); err == nil {
		k.i = i
	} else if k.f > -1e18 && k.f < 1e18 {
		k.i = int64(k.f)
	}
	return k
}

func (k key) compare(c class, o key) int {
	switch c {
	case classNumber:
		if k.f != o.f {
			return cmp.Compare(k.f, o.f)
		}
		return cmp.Compare(k.i, o.i)
	case classIP:
		return k.a.Compare(o.a)
	}
	return strings.Compare(k.s, o.s)
}

// interval is a stretch of values in the order of a class.
type interval struct {
	class            class
	from, to         key
	hasFrom, hasTo   bool
	openFrom, openTo bool
}

func exactly(c class, k key) interval {
	return interval{class: c, from: k, to: k, hasFrom: true, hasTo: true}
}

func (iv *interval) has(v string) bool {
	k := keyOf(iv.class, v)
	return !iv.before(k) && !iv.after(k)
}

// before tells that k lies below the interval.
func (iv *interval) before(k key) bool {
	if !iv.hasFrom {
		return false
	}
	c := k.compare(iv.class, iv.from)
	return c < 0 || c == 0 && iv.openFrom
}

func (iv *interval) after(k key) bool {
	if !iv.hasTo {
		return false
	}
	c := k.compare(iv.class, iv.to)
	return c > 0 || c == 0 && iv.openTo
}

// prefixInterval is all strings that begin with p.
func prefixInterval(c class, p string) interval {
	iv := interval{class: c, from: key{s: p}, hasFrom: true}
	b := []byte(p)
	for len(b) > 0 && b[len(b)-1] == 0xff {
		b = b[:len(b)-1]
	}
	if len(b) > 0 {
		b[len(b)-1]++
		iv.to, iv.hasTo, iv.openTo = key{s: string(b)}, true, true
	}
	return iv
}

// network is the addresses of a range such as 10.0.0.0/8.
func network(s string) (interval, bool) {
	p, err := cidr.Parse(s)
	if err != nil {
		return interval{}, false
	}
	return interval{class: classIP, from: key{a: p.Addr()}, to: key{a: cidr.Last(p)}, hasFrom: true, hasTo: true}, true
}
