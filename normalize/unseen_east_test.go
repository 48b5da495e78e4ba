package normalize_test

import "testing"

// TestKeysOfTongues: keys and words of other languages, in pairs, objects and prose.
func TestKeysOfTongues(t *testing.T) {
	f := verbCase(t)
	const both = "- glean: {wide: true}\n- known: {categories: true}"
	const json = "- json: {}\n- known: {categories: true}"
	for _, line := range []string{
		"通信拒否 送信元=192.0.2.1 送信元ポート=4711 宛先=198.51.100.2 宛先ポート=22 プロトコル=TCP",
		"源IP=192.0.2.1;源端口=4711;目的IP=198.51.100.2;目的端口=22;协议=TCP;动作=阻断;策略=禁止SSH",
		"源IP：192.0.2.1，源端口：4711，目的IP：198.51.100.2，目的端口：22，协议：TCP，动作：阻断",
	} {
		f(both, line, "source.ip", "192.0.2.1")
		f(both, line, "source.port", "4711")
		f(both, line, "destination.ip", "198.51.100.2")
		f(both, line, "destination.port", "22")
		f(both, line, "event.type", "connection|denied")
	}
	f(both, "源IP=192.0.2.1;源端口=4711;目的IP=198.51.100.2;目的端口=22;动作=阻断;策略=禁止SSH", "event.action", "阻断")
	f(both, "源IP=192.0.2.1;源端口=4711;目的IP=198.51.100.2;目的端口=22;动作=阻断;策略=禁止SSH", "rule.name", "禁止SSH")
	for _, line := range []string{"用户名:lisi,登录IP:192.0.2.1,操作:登录,结果:失败", "ログイン失敗 ユーザー名=lisi 接続元=192.0.2.1"} {
		f(both, line, "user.name", "lisi")
		f(both, line, "source.ip", "192.0.2.1")
		f(both, line, "event.category", "authentication")
		f(both, line, "event.outcome", "failure")
	}
	const change = `{"时间":"2026-03-01 15:30:03","用户":"wangwu","源地址":"192.0.2.1","操作":"修改配置","结果":"成功"}`
	f(json, change, "@timestamp", "2026-03-01T15:30:03.000Z")
	f(json, change, "event.category", "configuration")
	f(json, change, "event.type", "change")
	f(json, change, "event.outcome", "success")
	f(json, `{"datum":"2026-03-01 15:30:03","benutzer":"ann","quelle":"192.0.2.1","ziel":"198.51.100.2","regel":"Web"}`, "destination.ip", "198.51.100.2")
	f(json, `{"quelle":"Zeitplan","ziel":"Bericht"}`, "source.address", "")
	f(both, "サーバ web1 の状態: 正常", "event.category", "")
	f(both, "备份完成 host1", "user.name", "")
}
