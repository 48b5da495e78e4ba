package normalize

import (
	"strings"
)

// statements are keys that hold what a database was asked to do.
var statements = wordSet("sql sqltext sqlstatement statement sqlquery querytext dbstatement sqlcommand statementtext sqlstring dbquery")

// sqlWords begin a statement.
var sqlWords = wordSet("select insert update delete merge create alter drop truncate grant revoke call exec execute with begin commit rollback set use show explain declare copy load replace")

// ofDatabase says of a record that it tells a statement of SQL.
func ofDatabase(keys []vendorKey) bool {
	var buf [maxKnown]byte
	for _, k := range keys {
		if isStatement(k.key, k.text) && neutral(k.parents) {
			return true
		}
		if !statements[k.name] && k.name != "query" || !neutral(k.parents) {
			continue
		}
		word, rest, _ := strings.Cut(strings.TrimLeft(k.text, " (\r\n\t"), " ")
		if sqlWords[string(plainKey(buf[:0], word))] && (k.name != "query" || isSQL(rest)) {
			return true
		}
	}
	return false
}

// isStatement says of a command that it is one of SQL, and none that a shell was given.
func isStatement(key, text string) bool {
	if _, last := cutKey(key); !strings.EqualFold(last, "command") && !strings.EqualFold(last, "cmd") {
		return false
	}
	word, rest, ok := strings.Cut(text, " ")
	var buf [maxKnown]byte
	return ok && sqlWords[string(plainKey(buf[:0], word))] && strings.ToUpper(word) == word && isSQL(rest)
}

// sqlObjects are words that follow in a statement, where a text that was searched for has others.
var sqlObjects = wordSet("from into table user role database schema view index set on to where values privileges")

// isSQL tells a statement by what follows its first word.
func isSQL(rest string) bool {
	for i, word := range strings.Fields(rest[:min(len(rest), 256)]) {
		if sqlObjects[strings.ToLower(word)] && (i > 0 || strings.ToUpper(word) == word) {
			return true
		}
	}
	return false
}
