package netflow

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed elements.txt
var elementsText string

// kind is how an element's bytes are read.
type kind uint8

const (
	kindUnknown kind = iota // a number up to 8 bytes, else text where it is text
	kindUint
	kindInt
	kindFloat
	kindBool
	kindIPv4
	kindIPv6
	kindMAC
	kindString
	kindOctets
	kindSeconds
	kindMillis
	kindNTP  // seconds and a fraction, both of 32 bits, since 1900
	kindACL  // Cisco's three hashes of an access list's entry
	kindList // a list of its own templates (RFC 6313): left out
)

var kinds = map[string]kind{
	"uint": kindUint, "int": kindInt, "float": kindFloat, "bool": kindBool, "ipv4": kindIPv4, "ipv6": kindIPv6, "mac": kindMAC,
	"string": kindString, "octets": kindOctets, "seconds": kindSeconds, "millis": kindMillis, "ntp": kindNTP, "acl": kindACL,
	"list": kindList,
}

// element is what is known of an information element.
type element struct {
	name string
	kind kind
}

type elementID struct {
	enterprise uint32
	id         uint16
}

const (
	enterpriseReverse = 29305      // RFC 5103: the other direction of an element of the registry
	enterpriseCERT    = 6871       // sets reverseBit for the other direction
	enterpriseV9      = 0xffffffff // ours: types that vendors took in NetFlow v9
	reverseBit        = 0x4000
)

// vendors prefix the elements that have no name here.
var vendors = map[uint32]string{
	9: "cisco", 2011: "huawei", 2636: "juniper", 3375: "f5", 5951: "netscaler", 6871: "cert", 6876: "vmware",
	10704: "barracuda", 12356: "fortinet", 14179: "airespace", 15397: "procera", 25461: "panw", 35632: "ntop", 39499: "gigamon",
}

var elements = sync.OnceValue(func() map[elementID]element {
	all := map[elementID]element{}
	for line := range strings.Lines(elementsText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		w := strings.Fields(line)
		enterprise, err1 := uint64(enterpriseV9), error(nil)
		if w[0] != "v9" {
			enterprise, err1 = strconv.ParseUint(w[0], 10, 32)
		}
		id, err2 := strconv.ParseUint(w[1], 10, 16)
		k, ok := kinds[w[2]]
		if err1 != nil || err2 != nil || !ok || len(w) != 4 {
			panic("BUG: elements.txt: " + line)
		}
		all[elementID{uint32(enterprise), uint16(id)}] = element{w[3], k}
	}
	return all
})

// lookup gives the element of a field. One that nobody here knows is named by its
// vendor or its enterprise's number.
func lookup(version uint16, enterprise uint32, id uint16) element {
	if e, ok := elements()[elementID{enterprise, id}]; ok {
		return e
	}
	switch {
	case enterprise == 0 && version == 9:
		if e, ok := elements()[elementID{enterpriseV9, id}]; ok {
			return e
		}
		return element{name: fmt.Sprintf("field_%d", id)}
	case enterprise == 0:
		return element{name: fmt.Sprintf("element_%d", id)}
	case enterprise == enterpriseReverse:
		e := lookup(version, 0, id)
		return element{"reverse_" + e.name, e.kind}
	case enterprise == enterpriseCERT && id&reverseBit != 0:
		e := lookup(version, enterprise, id&^reverseBit)
		return element{"reverse_" + strings.TrimPrefix(e.name, "reverse_"), e.kind}
	case vendors[enterprise] != "":
		return element{name: fmt.Sprintf("%s_unknown%d", vendors[enterprise], id)}
	}
	return element{name: fmt.Sprintf("enterprise_%d_%d", enterprise, id)}
}

const scopeInterface = 2

// scopes of NetFlow v9's options (RFC 3954, 6.1): numbers of their own, no elements.
var scopes = map[uint16]string{1: "system", scopeInterface: "interface", 3: "line_card", 4: "cache", 5: "template"}

func lookupScope(version uint16, enterprise uint32, id uint16) element {
	if name, ok := scopes[id]; ok && version == 9 {
		return element{name, kindUint}
	}
	return lookup(version, enterprise, id)
}
