package esapi

import "testing"

// TestMatchOptions: what narrows or widens a match is heeded or refused, never passed over.
func TestMatchOptions(t *testing.T) {
	e := embedded(t, 1000)
	e.fill()
	for _, q := range semanticMatches {
		if got := e.ids(q.query); got != q.want {
			t.Errorf("%s finds %q, want %q", q.query, got, q.want)
		}
	}
	for _, q := range []string{
		`{"match":{"message":{"query":"pasword","fuzziness":"AUTO"}}}`,
		`{"match":{"message":{"query":"password","minimum_should_match":"most"}}}`,
		`{"match_phrase":{"message":{"query":"failed root","slop":3}}}`,
		`{"multi_match":{"query":"pasword","fields":["message"],"fuzziness":1}}`,
		`{"multi_match":{"query":"failed root","fields":["message"],"type":"phrase","slop":2}}`,
		`{"multi_match":{"query":"failed root","fields":["message","user.name"],"type":"cross_fields"}}`,
	} {
		if v := e.call("POST", "/_search", `{"query":`+q+`}`, 400); v["error"].(map[string]any)["type"] != "parsing_exception" {
			t.Errorf("%s: %v", q, v)
		}
	}
}

// semanticMatches hold for any engine, as semanticQueries do.
var semanticMatches = []struct{ query, want string }{
	{`{"match":{"message":{"query":"password failed root","minimum_should_match":2}}}`, "a"},
	{`{"match":{"message":{"query":"password failed root","minimum_should_match":"-1"}}}`, "a"},
	{`{"match":{"message":{"query":"password failed root","minimum_should_match":"40%"}}}`, "a b c"},
	{`{"match":{"message":{"query":"password failed root","minimum_should_match":4}}}`, ""},
	{`{"match":{"message":{"query":"password failed root","minimum_should_match":0}}}`, "a b c"},
	{`{"match":{"user.name":{"query":"root","minimum_should_match":1}}}`, "a"},
	// Without must and filter, one of should has to match, whatever may be missing.
	{`{"bool":{"should":[{"term":{"user.name":"root"}}],"minimum_should_match":-1}}`, "a"},
	{`{"bool":{"should":[{"term":{"user.name":"root"}},{"term":{"user.name":"alice"}}],"minimum_should_match":"30%"}}`, "a b"},
	{`{"bool":{"filter":{"exists":{"field":"ok"}},"should":[{"term":{"user.name":"root"}}],"minimum_should_match":0}}`, "b c"},
	{`{"match_phrase":{"message":{"query":"password for","slop":0}}}`, "a b"},
	{`{"multi_match":{"query":"password cha","fields":["message"],"type":"phrase_prefix"}}`, "c"},
	{`{"multi_match":{"query":"password failed","fields":["message"],"minimum_should_match":"100%","type":"best_fields"}}`, "a"},
}
