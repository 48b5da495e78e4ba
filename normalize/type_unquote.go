package normalize

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"sluice/internal/jsontape"
)

// fromQuoted gives the text that a JSON string holds, with its quotes or without them: what
// stands in it may be JSON again, which a relay put into a text.
func fromQuoted(text string) (string, bool) {
	if !strings.HasPrefix(text, `"`) {
		text = `"` + text + `"`
	}
	var plain string
	err := json.Unmarshal([]byte(text), &plain)
	return plain, err == nil
}

// fromBytes gives the text whose bytes are the numbers of a list: journald writes so what is
// not only printable.
func (r *run) fromBytes(list jsontape.Value) (string, bool) {
	buf := r.buf[:0]
	for v := list.First(); v.OK(); v = v.Next() {
		n, ok := v.Int()
		if !ok || n < 0 || n > 255 {
			return "", false
		}
		buf = append(buf, byte(n))
	}
	r.buf = buf
	text := r.ev.Own(buf)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	return text, true
}
