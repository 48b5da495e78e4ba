package jsontape_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"sluice/internal/jsontape"
)

// shown writes a document as its parts, to be read in a test.
func shown(v jsontape.Value) string {
	var b strings.Builder
	show(&b, v)
	return b.String()
}

func show(b *strings.Builder, v jsontape.Value) {
	switch v.Kind() {
	case jsontape.Object, jsontape.Array:
		b.WriteByte("[{"[v.Kind()-jsontape.Array])
		sep := ""
		for kid := v.First(); kid.OK(); kid = kid.Next() {
			b.WriteString(sep)
			if sep = " "; v.Kind() == jsontape.Object {
				fmt.Fprintf(b, "%s=", kid.Key())
			}
			show(b, kid)
		}
		b.WriteByte("]}"[v.Kind()-jsontape.Array])
	case jsontape.String:
		fmt.Fprintf(b, "'%s'", v.Text())
	default:
		b.WriteString(v.Text())
	}
	if v.Loose() {
		b.WriteByte('~')
	}
}

func TestParse(t *testing.T) {
	var d jsontape.Doc
	f := func(text, want string) {
		t.Helper()
		if err := d.Parse(text); err != nil {
			t.Errorf("%s: %v at %d", text, err, d.At())
		} else if got := shown(d.Root()); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		} else if d.Loose() != strings.Contains(want, "~") {
			t.Errorf("%s: loose is %v", text, d.Loose())
		}
	}
	f(`{}`, `{}`)
	f(` [ ] `, `[]`)
	f(`{"a":1}`, `{a=1}`)
	f(`{"a":"x","b":[1,-2.5e+3,"y",[],{}],"":null}`, `{a='x' b=[1 -2.5e+3 'y' [] {}] =null}`)
	f("\t{ \"a\" : true ,\r\n \"b\" : false }\n", `{a=true b=false}`)
	f(`"a\"b\\\/\b\f\n\r\tc"`, "'a\"b\\/\b\f\n\r\tc'")
	f(`{"k\"ey":"a long text, of more than eight bytes, with \"quotes\" and C:\\Windows\\System32"}`,
		`{k"ey='a long text, of more than eight bytes, with "quotes" and C:\Windows\System32'}`)
	f(`["`+strings.Repeat("-", 100)+`\n`+strings.Repeat("-", 200)+`"]`, "['"+strings.Repeat("-", 100)+"\n"+strings.Repeat("-", 200)+"']")
	f(`["\u00e9\u20AC\ud83d\ude00","\ud83dx","\ude00\ud83d\u0041"]`, "['é€😀' '\ufffdx' '\ufffd\ufffdA']")
	f(`[0,-0,0.0,1E5,12345678901234567890]`, `[0 -0 0.0 1E5 12345678901234567890]`)
	f(`"ä€\u00e4"`, "'ä€ä'")

	// what devices write
	f(`["C:\Windows"]`, `['C:\Windows'~]`)
	f("[\"a\tb\"]", "['a\tb'~]")
	f(`["\u12g4","\u"]`, `['\u12g4'~ '\u'~]`)
	f(`[007,1.,.5,+1,192.0.2.1]`, `[007~ 1.~ .5~ +1~ 192.0.2.1~]`)
	f(`[NaN,nan,-Infinity,+Inf,inf]`, `[NaN~ nan~ -Infinity~ +Inf~ inf~]`)
	f(`{"a\b c\d":1}`, "{a\b c\\d=1~}")
}

func TestRefused(t *testing.T) {
	var d jsontape.Doc
	f := func(text string, want error, at int) {
		t.Helper()
		if err := d.Parse(text); !errors.Is(err, want) || d.At() != at || d.Root().OK() {
			t.Errorf("%s: %v at %d, want %v at %d; %s", text, err, d.At(), want, at, shown(d.Root()))
		}
	}
	f(``, jsontape.ErrCut, 0)
	f(`tru`, jsontape.ErrSyntax, 0)
	f(`{"a":1}x`, jsontape.ErrSyntax, 7)
	f(`{"a":1}{"b":2}`, jsontape.ErrSyntax, 7)
	f(`{"a" 1}`, jsontape.ErrSyntax, 5)
	f(`{"a":1 "b":2}`, jsontape.ErrSyntax, 7)
	f(`{"a":1,}`, jsontape.ErrSyntax, 7)
	f(`[1,]`, jsontape.ErrSyntax, 3)
	f(`[1}`, jsontape.ErrSyntax, 2)
	f(`{"a":1]`, jsontape.ErrSyntax, 6)
	f(`{a:1}`, jsontape.ErrSyntax, 1)
	f(`[truth,1]`, jsontape.ErrSyntax, 1)
	f(`[-,1]`, jsontape.ErrSyntax, 1)
	f(`[-true,1]`, jsontape.ErrSyntax, 1)
	f(`[e5,1]`, jsontape.ErrSyntax, 1)
	f("[1\x00,2]", jsontape.ErrSyntax, 2)
	f(strings.Repeat("[", 301), jsontape.ErrDepth, 300)
	f(`"abc`, jsontape.ErrCut, 0)

	d.Max = 100
	if err := d.Parse("[" + strings.Repeat("1,", 98) + "1]"); err != nil || d.Root().Len() != 99 {
		t.Errorf("100 values: %v", err)
	}
	f("["+strings.Repeat("1,", 99)+"1]", jsontape.ErrMany, 199)
}

func TestCut(t *testing.T) {
	var d jsontape.Doc
	f := func(text, want string, at int) {
		t.Helper()
		if err := d.Parse(text); !errors.Is(err, jsontape.ErrCut) || d.At() != at {
			t.Errorf("%s: %v at %d", text, err, d.At())
		} else if got := shown(d.Root()); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		} else if doc := d.Root().Append(nil); !json.Valid(doc) {
			t.Errorf("%s: %s", text, doc)
		}
	}
	f(`{`, `{}`, 1)
	f(`{"a`, `{}`, 1)
	f(`{"a"`, `{}`, 1)
	f(`{"a":`, `{}`, 1)
	f(`{"a":1`, `{}`, 1)
	f(`{"a":1 `, `{a=1}`, 6)
	f(`{"a":1,`, `{a=1}`, 6)
	f(`{"a":"x","b":"y`, `{a='x'}`, 8)
	f(`{"a":"x","b":"y\`, `{a='x'}`, 8)
	f(`{"a":"x","b":tr`, `{a='x'}`, 8)
	f(`{"a":"x","b":tr...`, `{a='x'}`, 8)
	f(`{"a":"x",garbage`, `{a='x'}`, 8)
	f(`{"a":[1,{"b":2},{"c":3,"d`, `{a=[1 {b=2} {c=3}]}`, 22)
	f(`{"a":[1,{"b":2},`, `{a=[1 {b=2}]}`, 15)
	f(`{"a":{"b\"":"\\"`, `{a={b"='\'}}`, 16)
}

func TestAppend(t *testing.T) {
	var d jsontape.Doc
	f := func(text, want string) {
		t.Helper()
		if err := d.Parse(text); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := string(d.Root().Append([]byte("x"))); got != "x"+want || !json.Valid([]byte(got[1:])) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	f(`{"a":1,"b":[1,"\u00e4",{}]}`, `{"a":1,"b":[1,"\u00e4",{}]}`)
	f(`{ "a" : 1 , "b":[ 1, 2 ] }`, `{"a":1,"b":[1,2]}`)
	f(`{"a":1,"b":2,"a":3}`, `{"b":2,"a":3}`)
	f(`[{"a":1,"\u0061":3},[]]`, `[{"\u0061":3},[]]`)
	f(`{"":1,"x":{"b":2},"":3}`, `{"x":{"b":2},"":3}`)
	f("[\"a\tb\",\"\\d\\\"\",NaN,007]", `["a\u0009b","\\d\"","NaN","007"]`)
	f("{\"a\x01\":[null,true]}", `{"a\u0001":[null,true]}`)

	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf(`"key%d":%d`, i, i))
	}
	whole := strings.Join(many, ",")
	f("{"+whole+"}", "{"+whole+"}")
	f(`{"key7":0,`+whole+"}", "{"+whole+"}")
}

func TestNumbers(t *testing.T) {
	var d jsontape.Doc
	f := func(text string, n int64, ok bool, x float64, isFloat bool) {
		t.Helper()
		if err := d.Parse(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if got, gotOK := d.Root().Int(); got != n && ok || gotOK != ok {
			t.Errorf("%s: Int %d, %v", text, got, gotOK)
		}
		if got, gotOK := d.Root().Float(); got != x && isFloat || gotOK != isFloat {
			t.Errorf("%s: Float %v, %v", text, got, gotOK)
		}
	}
	f(`0`, 0, true, 0, true)
	f(`7`, 7, true, 7, true)
	f(`-12`, -12, true, -12, true)
	f(`123456789012345678`, 123456789012345678, true, 123456789012345678, true)
	f(`9223372036854775807`, math.MaxInt64, true, math.MaxInt64, true)
	f(`9223372036854775808`, 0, false, math.MaxInt64, true)
	f(`1.5`, 0, false, 1.5, true)
	f(`1e400`, 0, false, 0, false)
	f(`NaN`, 0, false, 0, false)
	f(`Infinity`, 0, false, 0, false)
	f(`"7"`, 0, false, 0, false)
}

func TestValue(t *testing.T) {
	var d jsontape.Doc
	text := `{"a":{"b":[1,"x\ty"]},"c\n":"z","a":2}`
	if err := d.Parse(text); err != nil {
		t.Fatal(err)
	}
	v := d.Root().Get("a", "b")
	if v.Len() != 2 || v.Raw() != `[1,"x\ty"]` || v.Next().OK() {
		t.Errorf("a.b is %s", v.Raw())
	}
	x := v.First().Next()
	if from, to := x.Span(); text[from:to] != `"x\ty"` || x.Text() != "x\ty" || x.Text() != "x\ty" || !x.Odd() || x.Key() != "" {
		t.Errorf("the list's text is %s", x.Raw())
	}
	if v.Get("1").Text() != "x\ty" || v.Get("2").OK() || v.Get("-1").OK() || v.Get("x").OK() {
		t.Error("elements by number")
	}
	if d.Root().Get("a", "c").OK() || d.Root().Get("c\n").Str() != "z" || v.Str() != "" {
		t.Error("Get")
	}
	var none jsontape.Value
	if none.OK() || none.Kind() != jsontape.None || none.Text()+none.Raw()+none.Str() != "" || none.First().OK() || none.Get("x").OK() || none.Len() != 0 {
		t.Error("the value that is not there is something")
	}
}

func TestNoAllocation(t *testing.T) {
	var d jsontape.Doc
	text := `{"a":[1,2,{"b":"C:\\x"}],"c":"\u00e4","d":{}}`
	var buf []byte
	var walk func(v jsontape.Value) int
	walk = func(v jsontape.Value) int {
		n := len(v.Text())
		for kid := v.First(); kid.OK(); kid = kid.Next() {
			n += len(kid.Key()) + walk(kid)
		}
		return n
	}
	if n := testing.AllocsPerRun(100, func() {
		if d.Parse(text) != nil || walk(d.Root()) == 0 {
			t.Fatal("not read")
		}
		buf = d.Root().Append(buf[:0])
		_ = d.Parse(text[:20])
		_ = d.Parse("{x:1}")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzParse compares with encoding/json: the same texts are JSON, and hold the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-2.5e+3,"y",[],{}],"":null}`, ` [ true , false ] `, `"\u00e9\ud83d\ude00\ud800\\\"\/"`, `{"a":1,"a":{"b":2}}`,
		`{"a":1,"b":"cut off he`, `[NaN,007,"C:\Windows"]`, "[\"a\tb\"]", `[[[[1]]],{"k":{"k":{}}}]`, `{"a":tr...`, `0`, `-`, "\"\xff\"", `[1}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var d jsontape.Doc
		err := d.ParseBytes(text)
		if deep := bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > jsontape.MaxDepth; deep {
			return
		}
		if valid := json.Valid(text); valid != (err == nil && !d.Loose()) {
			t.Fatalf("valid: %v; %v, loose: %v", valid, err, d.Loose())
		} else if valid {
			compare(t, text, d.Root())
		}
		if !d.Root().OK() {
			return
		}
		out := d.Root().Append(nil)
		if !json.Valid(out) {
			t.Fatalf("not JSON: %s", out)
		}
		if err != nil && (d.At() > len(text) || d.At() < 1) {
			t.Fatalf("cut at %d", d.At())
		}
	})
}

func compare(t *testing.T, text []byte, v jsontape.Value) {
	var want, got any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&want); err != nil {
		t.Fatal(err)
	}
	if got = generic(v); fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
		t.Fatalf("%#v, want %#v", got, want)
	}
	dec = json.NewDecoder(bytes.NewReader(v.Append(nil)))
	dec.UseNumber()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
		t.Fatalf("appended: %#v, want %#v", got, want)
	}
}

func generic(v jsontape.Value) any {
	switch v.Kind() {
	case jsontape.True, jsontape.False:
		b, _ := strconv.ParseBool(v.Text())
		return b
	case jsontape.Number:
		return json.Number(v.Text())
	case jsontape.String:
		return valid(v.Text())
	case jsontape.Array:
		list := []any{}
		for kid := v.First(); kid.OK(); kid = kid.Next() {
			list = append(list, generic(kid))
		}
		return list
	case jsontape.Object:
		m := map[string]any{}
		for kid := v.First(); kid.OK(); kid = kid.Next() {
			m[valid(kid.Key())] = generic(kid)
		}
		return m
	}
	return nil
}

// valid replaces each byte that is no UTF-8, as encoding/json does.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

// TestEscapes reads texts of more than 64 bytes made of what their reading hangs on: runs of
// backslashes and quotes that begin and end anywhere.
func TestEscapes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var d jsontape.Doc
	right := 0
	for range 20_000 {
		text := []byte{'[', '"'}
		for range rng.IntN(40) {
			switch rng.IntN(4) {
			case 0:
				text = append(text, strings.Repeat(`\`, 2*rng.IntN(4))...)
			case 1:
				text = append(text, `\"`...)
			case 2:
				text = append(text, `","`...)
			case 3:
				text = append(text, "a text"[:rng.IntN(7)]...)
			}
		}
		if rng.IntN(10) == 0 {
			text = append(text, '\\')
		}
		text = append(text, '"', ']')
		err := d.ParseBytes(text)
		if valid := json.Valid(text); valid != (err == nil && !d.Loose()) {
			t.Fatalf("%s: valid is %v; %v, loose: %v", text, valid, err, d.Loose())
		} else if valid {
			right++
			compare(t, text, d.Root())
		}
	}
	if right < 10_000 {
		t.Errorf("only %d texts were JSON", right)
	}
}
