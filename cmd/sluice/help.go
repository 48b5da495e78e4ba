package main

// Help stands at the end of sluice --help: what people type first.
func (*cli) Help() string {
	return `Examples:

    sluice demo                                a made-up network to look at
    sluice run                                 syslog on loopback, a console
    sluice check -c sluice.yml                 every fault, each with its place
    sluice normalize --explain auth.log        how each line was read
    sluice detect --rules rules/ auth.log      what the rules find in a file
    sluice search 'source.ip:10.0.0.0/8' --last 1h
    sluice replay capture.pcap                 flows and DNS as ECS documents

Data goes to stdout, messages to stderr. Exit codes: 0 done, 1 an error, 78 a
fault in a configuration, a pack or a rule.`
}
