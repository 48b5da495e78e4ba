package strictyaml

import (
	"cmp"
	"encoding"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Decode fills the struct that v points to from a mapping. Fields are named by
// their yaml tags; a field without one is not set from the file. Keys that no field
// has and values of a wrong type are faults of s; what the file does not name keeps
// its value, so fill in the defaults first.
//
// Beside the plain kinds it reads time.Duration ("15s", "7d"), encoding.TextUnmarshaler,
// pointers, lists (a single value is a list of one), maps with text keys, and *Node
// (kept as it is).
//
// elsewhere are keys of n that somebody else reads and has taken out: a fault names
// them among those that are known.
func (s *Source) Decode(n *Node, v any, elsewhere ...string) {
	if elem := reflect.ValueOf(v).Elem(); len(elsewhere) > 0 {
		s.decodeStruct(Follow(n), elem, elsewhere)
	} else {
		s.decode(n, elem, "")
	}
}

var (
	nodeType     = reflect.TypeFor[*Node]()
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
)

func (s *Source) decode(n *Node, v reflect.Value, key string) {
	n = Follow(n)
	if v.Type() == nodeType {
		v.Set(reflect.ValueOf(n))
		return
	}
	if v.CanAddr() {
		if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			if !s.scalar(n, key, "a text") {
				return
			}
			if n.Tag == "!!null" && n.Value != "" { // and not a password that is called null
				s.wrong(n, "%s: %.60q is no value; leave the key out for its default, or put the word in quotes", key, n.Value)
				return
			}
			switch err := u.UnmarshalText([]byte(n.Value)); {
			case err != nil && v.Type() == timeType: // its error is about layouts
				s.wrong(n, "%s: %.60q is not a time such as 2026-12-24T18:00:00Z", key, n.Value)
			case err != nil:
				s.wrong(n, "%s: %v", key, err)
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		s.decode(n, v.Elem(), key)
	case reflect.Struct:
		s.decodeStruct(n, v, nil)
	case reflect.Map:
		s.decodeMap(n, v, key)
	case reflect.Slice:
		s.decodeList(n, v, key)
	default:
		s.decodeScalar(n, v, key)
	}
}

// Keyed is implemented by structs of which some keys belong to some mappings only: a fault names those
// that this one takes.
type Keyed interface {
	Takes(n *Node, key string) bool
}

func (s *Source) decodeStruct(n *Node, v reflect.Value, elsewhere []string) {
	fields, names := map[string]int{}, slices.Clone(elsewhere)
	meant := map[string]string{} // by words that other languages have for a key: tag instead
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			fields[name] = i
			names = append(names, name)
		}
		for _, theirs := range strings.Fields(v.Type().Field(i).Tag.Get("instead")) {
			meant[theirs] = Hint(name)
		}
	}
	if n.Kind == Scalar && n.Tag == "!!null" {
		return // "section:" with nothing behind it means its defaults
	}
	if n.Kind != Mapping {
		s.Fail(n, "expected lines of key: value (known here: %s)", strings.Join(names, ", "))
		return
	}
	here := names
	if k, ok := v.Addr().Interface().(Keyed); ok {
		here = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !k.Takes(n, name) })
	}
	s.Pairs(n, func(key string, k, val *Node) {
		i, ok := fields[key]
		if !ok && s.Merges(k) {
			return
		}
		if !ok {
			s.Fail(k, "unknown key %s%s (known here: %s)", key, cmp.Or(meant[key], DidYouMean(key, names)), strings.Join(here, ", "))
			return
		}
		s.decode(val, v.Field(i), key)
	})
}

// Merges refuses a key that is a merge key.
func (s *Source) Merges(key *Node) bool {
	if key.Tag != "!!merge" {
		return false
	}
	s.Fail(key, "merge keys (<<) are not read: write the keys out here, or let an alias stand for one whole value (key: *name)")
	return true
}

func (s *Source) decodeMap(n *Node, v reflect.Value, key string) {
	if n.Kind == Scalar && n.Tag == "!!null" {
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	s.Pairs(n, func(name string, _, val *Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		s.decode(val, item, key+"."+name)
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), item)
	})
}

func (s *Source) decodeList(n *Node, v reflect.Value, key string) {
	if nothing(n) {
		return // "list:" with nothing behind it means its default
	}
	items := n.Content
	if n.Kind != Sequence {
		items = []*Node{n}
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, it := range items {
		if one := Follow(it); nothing(one) || one.Tag == "!!null" && v.Type().Elem().Kind() == reflect.Struct {
			s.Fail(it, "%s: an entry with nothing in it; take it out", key)
			continue
		}
		s.decode(it, out.Index(i), key)
	}
	v.Set(out)
}

func (s *Source) scalar(n *Node, key, want string) bool {
	if n.Kind == Scalar {
		return true
	}
	s.wrong(n, "%s: expected %s", key, want)
	return false
}

// wrong notes a value that cannot be read: whatever else is said of it would be about the
// value that stands in for it.
func (s *Source) wrong(n *Node, format string, args ...any) {
	s.Fail(n, format, args...)
	s.Mute(n)
}

// sized is a number with a unit of bytes, which some keys take and others do not.
var sized = regexp.MustCompile(`^[0-9.]+ ?[kKMGT]i?[bB]?$`)

func (s *Source) decodeScalar(n *Node, v reflect.Value, key string) {
	want, err := "", error(nil)
	text := n.Value
	switch {
	case v.Type() == durationType:
		want = "a duration such as 15s, 10m, 24h or 7d"
		var d time.Duration
		d, err = ParseDuration(text)
		v.SetInt(int64(d))
	case v.Kind() == reflect.String:
		want = "a text"
		if n.Tag == "!!null" && text != "" {
			want += "; leave the key out for its default, or put the word in quotes"
			err = strconv.ErrSyntax
		}
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		want = "true or false"
		if text != "true" && text != "false" {
			err = strconv.ErrSyntax
		}
		v.SetBool(text == "true")
	case v.CanInt():
		want = "a whole number"
		var i int64
		if i, err = strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, v.Type().Bits()); err == nil {
			v.SetInt(i)
		} else if sized.MatchString(text) {
			want += "; write the bytes without a unit, such as 1048576"
		}
	case v.CanFloat():
		want = "a number"
		var x float64
		if x, err = strconv.ParseFloat(text, 64); math.IsNaN(x) || math.IsInf(x, 0) {
			err = strconv.ErrRange
		}
		v.SetFloat(x)
	default:
		panic(fmt.Sprintf("BUG: strictyaml cannot decode a %s (%s)", v.Type(), key))
	}
	if !s.scalar(n, key, want) {
		return
	}
	if err != nil {
		s.wrong(n, "%s: %.60q is not %s", key, text, want)
	}
}
