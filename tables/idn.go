package tables

import (
	"strings"

	"golang.org/x/net/idna"
)

// toASCII writes names of other letters as DNS has them. Feeds and devices write either form.
var toASCII = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// ascii is a domain in its form of ASCII (xn--), in lower case. What has none stays as it is.
func ascii(name string) string {
	for i := range len(name) {
		if name[i] < 0x80 {
			continue
		}
		if len(name) > maxName { // it costs with the square of that
			break
		}
		if out, _ := toASCII.ToASCII(name); out != "" { // with a fault in one label the others are as they should be
			return out
		}
		break
	}
	return strings.ToLower(name)
}

// maxName is the longest name that DNS has.
const maxName = 253
