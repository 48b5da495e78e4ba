package normalize

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unsafe"

	"sluice/event"
)

// spot is where the text of a list stands in the line. It is looked for once: elements that are
// read whole ask for it each.
type spot struct {
	from, to int  // as a JSON string, with its quotes; to is 0: it is none
	plain    bool // as it is, from
	in64     bool // in base64
}

func spotOf(raw, text string) spot {
	off := uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(raw)))
	if off < uintptr(len(raw)) {
		return spot{from: int(off), plain: true}
	}
	from, to := quoted(raw, text)
	return spot{from: from, to: to, in64: to > 0 && in64(raw[from:to], text)}
}

// envelope is what stands around the elements: of the whole line where text is a part
// of it. Instead stands for them: an empty object, so that it is recognized as they were, or
// one of them.
func (s spot) envelope(raw, text string, elements []span, instead string) string {
	start, end := elements[0].start, elements[len(elements)-1].end
	if s.plain {
		start, end, text = start+s.from, end+s.from, raw
	} else if s.to > 0 && len(raw)-(s.to-s.from)+len(text)-(end-start) <= maxEnvelope {
		alone := text[:start] + instead + text[end:]
		if s.in64 {
			alone = base64.StdEncoding.EncodeToString([]byte(alone))
		}
		return raw[:s.from] + string(event.AppendString(nil, alone)) + raw[s.to:]
	}
	if start+len(text)-end > maxEnvelope { // not to be kept: it need not be made
		return text[:maxEnvelope+1]
	}
	return text[:start] + instead + text[end:]
}

// in64 says whether a JSON string, with its quotes, holds text in base64.
func in64(quoted, text string) bool {
	if len(quoted) < 2 || strings.IndexByte(quoted, ' ') >= 0 {
		return false
	}
	plain, ok := fromBase64(quoted[1 : len(quoted)-1])
	return ok && plain == text
}

// quoted is where text stands in raw as a JSON string, with its quotes, or in one in base64;
// 0, 0: nowhere.
func quoted(raw, text string) (from, to int) {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		end := closingQuote(raw, i)
		if end < 0 {
			break
		}
		if in64(raw[i:end+1], text) {
			return i, end + 1
		}
		var s string
		if end-i > len(text) && json.Unmarshal([]byte(raw[i:end+1]), &s) == nil && s == text {
			return i, end + 1
		}
		i = end
	}
	return 0, 0
}
