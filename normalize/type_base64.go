package normalize

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf8"
)

// maxUnzipped is how much text base64 may hold compressed: an input takes no longer line.
const maxUnzipped = 1 << 20

// fromBase64 decodes base64 of either alphabet, padded or not, that holds text: UTF-8,
// UTF-16 as PowerShell takes it with -EncodedCommand, or either compressed, as CloudWatch
// Logs sends it.
func fromBase64(text string) (string, bool) {
	alphabet := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		alphabet = base64.RawURLEncoding
	}
	b, err := alphabet.DecodeString(strings.TrimRight(text, "= \r\n"))
	if err != nil {
		return "", false
	}
	if zipped, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
		b, err = io.ReadAll(io.LimitReader(zipped, maxUnzipped+1))
		if err != nil || len(b) > maxUnzipped {
			return "", false
		}
	}
	plain := view(b)
	if u, ok := fromUTF16(plain); ok {
		plain = view(u)
	}
	return plain, utf8.ValidString(plain)
}
