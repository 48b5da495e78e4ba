package normalize_test

import "testing"

func TestUnquote(t *testing.T) {
	f := verbCase(t)
	f(`- pattern: "{_x:unquote}"`+"\n- in: _x\n  json: {u: user.name}", `{\"u\":\"ann\"}`, "user.name", "ann")
	f(`- pattern: "{_x:unquote}"`+"\n- in: _x\n  json: {u: user.name}", `"{\"u\":\"a\\\"b\"}"`, "user.name", `a\"b`)
	f(`- pattern: "{user.name:unquote}"`, `a"b`, "sluice.unparsed", `p.yml:6:12: user.name:unquote cannot hold \"a\\\"b\`)
	f(`- json: {m: "user.name:bytes"}`, `{"m":[97,195,164,255]}`, "user.name", "aä�")
	f(`- json: {m: "user.name:bytes"}`, `{"m":"plain"}`, "user.name", "plain")
	f(`- json: {m: "user.name:bytes"}`, `{"m":[97,256]}`, "sluice.unparsed", `p.yml:6:9: user.name:bytes cannot hold \"[97,256]\`)
}
