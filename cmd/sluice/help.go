package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// Help stands at the end of sluice --help: what people type first.
func (*cli) Help() string {
	return `Examples:

    sluice demo                                a made-up network to look at
    sluice run                                 syslog on loopback, a console
    sluice check -c sluice.yml                 every fault, each with its place
    sluice normalize --explain auth.log        how each line was read
    sluice detect --rules rules/ auth.log      what the rules find in a file
    sluice search 'source.ip:"10.0.0.0/8"' --last 1h
    sluice replay capture.pcap                 flows and DNS as ECS documents

Data goes to stdout, messages to stderr. Exit codes: 0 done, 1 an error, 78 a
fault in a configuration, a pack or a rule.`
}

// examples stand at the end of the help of each command, a line each.
var examples = map[string][]string{
	"run":            {"sluice run -c sluice.yml", "sluice run -c sluice.yml --role collect,process"},
	"demo":           {"sluice demo --rate 200"},
	"check":          {"sluice check -c sluice.yml"},
	"normalize":      {"sluice normalize auth.log", "sluice normalize --explain --pack linux_auth auth.log", "sluice normalize --ndjson --field message --keep id events.jsonl"},
	"detect":         {"sluice detect auth.log", "sluice detect --rules rules/ --now 2026-03-02T09:00:00Z auth.log"},
	"rules lint":     {"sluice rules lint --strict rules/"},
	"rules test":     {"sluice rules test rules/", "sluice rules test --format junit rules/"},
	"rules why":      {"sluice rules why password_guessing auth.log", "sluice rules why password_guessing 06h22c9igg9qo5j0oph9udo0000008lc"},
	"rules backtest": {"sluice rules backtest --rules rules/ --last 7d", "sluice rules backtest --alerts auth.log"},
	"rules diff":     {"sluice rules diff old/ new/ --last 7d"},
	"rules bench":    {"sluice rules bench --rules rules/ --top 5"},
	"rules list":     {"sluice rules list -c sluice.yml"},
	"rules reload":   {"sluice rules reload -c sluice.yml"},
	"rules shadow":   {"sluice rules shadow --last 30d"},
	"rules coverage": {"sluice rules coverage --alive 7d", "sluice rules coverage --navigator > layer.json"},
	"packs list":     {"sluice packs list --json"},
	"packs test":     {"sluice packs test packs/", "sluice packs test --update packs/acme_proxy"},
	"packs new":      {"sluice packs new acme_proxy --dir packs"},
	"packs misses":   {"sluice packs misses --last 7d", "sluice packs misses auth.log"},
	"packs draft":    {"sluice packs draft proxy.log --name acme_proxy -o packs"},
	"search":         {"sluice search 'user.name:root AND event.outcome:failure' --last 7d", "sluice search --alerts --since 2026-03-02T00:00:00Z"},
	"export":         {"sluice export 'event.outcome:failure' --last 7d -o failures.jsonl", "sluice export --from 2026-03-02T00:00:00Z --to 2026-03-03T00:00:00Z > day.jsonl"},
	"report":         {"sluice report --last 24h"},
	"replay":         {"sluice replay capture.pcap", "sluice replay --to 127.0.0.1:5514 --rate 100 auth.log"},
	"reprocess":      {"sluice reprocess --query tags:unparsed --dry-run"},
	"dlq list":       {"sluice dlq list --since 2026-03-02T00:00:00Z", "sluice dlq list --json --reason BUG"},
	"dlq show":       {"sluice dlq show 06h22c9igg9qo5j0oph9udo0000008lc-process-5f3a9c01", "sluice dlq show --original 06h22c9igg9qo5j0oph9udo0000008lc > line.bin"},
	"dlq replay":     {"sluice dlq replay --reason BUG --dry-run", "sluice dlq replay --all"},
	"dlq drop":       {"sluice dlq drop --stage notify --until 2026-03-02T00:00:00Z", "sluice dlq drop --id 06h22c9igg9qo5j0oph9udo0000008lc-process-5f3a9c01 --yes"},
	"setup":          {"sluice setup -c sluice.yml --kibana http://127.0.0.1:5601"},
	"account":        {"sluice account -c sluice.yml"},
	"ready":          {"sluice ready -c sluice.yml"},
	"verify":         {"sluice verify -c sluice.yml"},
	"config schema":  {"sluice config schema > sluice.schema.json", "sluice config schema rule > rule.schema.json", "sluice config schema sluice.events"},
	"config example": {"sluice config example > sluice.yml"},
	"completion":     {`eval "$(sluice completion bash)"`, "sluice completion fish | source"},
	"version":        {"sluice version"},
}

// addExamples gives each command below n its examples.
func addExamples(n *kong.Node, path string) {
	for _, child := range n.Children {
		name := strings.TrimSpace(path + " " + child.Name)
		if of := examples[name]; of != nil {
			child.Detail = "Examples:\n\n    " + strings.Join(of, "\n    ")
		}
		addExamples(child, name)
	}
}
