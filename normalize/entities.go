package normalize

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// entityLists are what alerts call the list of all that they are about.
var entityLists = wordSet("entities observables artifacts indicators iocs evidence evidences involvedentities affectedentities relatedentities impactedentities")

// entityKeys are the keys that such things would stand under, by what the list says they are.
var entityKeys = map[string]string{
	"user": "user", "username": "user", "account": "user", "useraccount": "user", "identity": "user", "email": "useremail", "emailaddress": "useremail", "mailbox": "useremail",
	"ip": "ip", "ipaddress": "ip", "ipv4": "ip", "ipv6": "ip", "host": "hostname", "hostname": "hostname", "device": "hostname", "endpoint": "hostname", "machine": "hostname", "computer": "hostname",
	"domain": "urldomain", "domainname": "urldomain", "url": "url", "file": "filename", "filename": "filename", "filepath": "filepath", "process": "processname", "processname": "processname", "commandline": "commandline",
	"hash": "filehash", "filehash": "filehash", "md5": "filehash", "sha1": "filehash", "sha256": "filehash", "filemd5": "filehash", "filesha1": "filehash", "filesha256": "filehash",
}

// What things in such lists call their sort and themselves.
var (
	entitySorts = []string{"type", "entitytype", "kind", "datatype", "observabletype", "indicatortype", "artifacttype", "resourcetype", "objecttype", "targettype"}
	entityNames = []string{"value", "entityvalue", "name", "displayname", "data", "indicator", "observable"}
)

// entities calls yield with each thing of a list, under the key that a record of it alone
// would have: {"type":"user","name":"ann"} is user=ann.
func entities(text string, yield func(key, value string)) {
	things(text, func(sort string, plain map[string]string) {
		var buf [maxKnown]byte
		sort = string(plainKey(buf[:0], sort))
		if key := entityKeys[strings.TrimSuffix(sort, "entity")]; key != "" {
			if value := firstIn(plain, entityNames); value != "" {
				yield(key, value)
			}
		}
	})
}

// things calls yield with each object of a list: its sort, and its texts by their plain keys.
func things(text string, yield func(sort string, plain map[string]string)) {
	var list []map[string]any
	if len(text) > maxFirst || json.Unmarshal([]byte(text), &list) != nil {
		return
	}
	for _, thing := range list {
		plain := map[string]string{}
		var buf [maxKnown]byte
		for _, key := range slices.Sorted(maps.Keys(thing)) { // two keys may be one plain key: the last counts, each time
			if s, ok := thing[key].(string); ok {
				plain[string(plainKey(buf[:0], key))] = s
			}
		}
		yield(firstIn(plain, entitySorts), plain)
	}
}

// firstIn is the text of the first of keys that has one.
func firstIn(texts map[string]string, keys []string) string {
	for _, key := range keys {
		if texts[key] != "" {
			return texts[key]
		}
	}
	return ""
}
