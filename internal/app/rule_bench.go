package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/event"
	"sluice/pipeline"
	"sluice/rules"
)

// RuleBench is what a set of rules takes of the CPU for an event.
type RuleBench struct {
	Records  int         `json:"records"`
	Rounds   int         `json:"rounds"`
	Rules    int         `json:"rules"`
	Reading  float64     `json:"reading_us_per_event"` // decoding, normalizing and enriching
	PerEvent float64     `json:"us_per_event"`         // the rules, measured as a whole
	Index    float64     `json:"index_us_per_event"`   // finding the rules to ask
	Asked    float64     `json:"asked_per_event"`      // rules
	Costs    []BenchCost `json:"costs"`                // the dearest first
}

// BenchCost is one rule's part.
type BenchCost struct {
	Rule     string  `json:"rule"`
	Title    string  `json:"title"`
	Place    string  `json:"place"`
	PerEvent float64 `json:"us_per_event"`
	PerAsked float64 `json:"us_per_asked"`
	Asked    float64 `json:"asked"` // part of the events that it is asked for
	Share    float64 `json:"share"` // of what all rules take
	Matches  int64   `json:"matches"`
	Slow     string  `json:"slow,omitempty"` // why it is worth a look
}

const (
	maxBench     = 20_000   // records that a benchmark keeps
	maxBenchSize = 64 << 20 // and their bytes
	slowShare    = 0.05     // of what all rules take, where that is more than slowEvent
	slowTimes    = 5        // as much as a rule takes on average: among few, each has a great share
	slowEvent    = 0.05     // us an event
	slowAsked    = 20.0     // us for an event that the rule is asked for: some 20 regular expressions
	slowCount    = 30       // events that it was asked for
)

// benchRecord is a record that is read again in each round.
type benchRecord struct {
	raw event.Raw
	ecs bool
}

// BenchRules measures the rules of a set over records, again and again for some time; without files
// over the lines of their own tests.
func BenchRules(ctx context.Context, set *pipeline.Set, files []string, opt Reading, span time.Duration) (*RuleBench, error) {
	records, err := benchRecords(set, files, opt)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, errors.New("no events to measure with: name files, or write tests into the rules")
	}
	b := &RuleBench{Records: len(records), Rules: len(set.Rules.Rules())}
	start := time.Now()
	now, release := cpuClock()
	defer release()
	whole, parts := set.Rules.NewMatcher(), set.Rules.NewMatcher()
	w := set.NewWorker()
	parts.Measure(1, now)
	var reading, matching int64
	for b.Rounds == 0 || time.Since(start) < span {
		b.Rounds++
		for i := range records {
			from := now()
			r, err := records[i].read(w)
			if err != nil {
				return nil, fmt.Errorf("record %d: %w", i, err)
			}
			read := now()
			whole.Match(r.Event, r.At)
			matching += now() - read
			reading += read - from
			parts.Match(r.Event, r.At)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	n := b.Records * b.Rounds
	b.Reading, b.PerEvent = perEvent(reading, n), perEvent(matching, n)
	b.costs(parts, n)
	return b, nil
}

func (b *RuleBench) costs(m *rules.Matcher, n int) {
	costs, find := m.Costs()
	b.Index = perEvent(find, n)
	var all, asked int64
	for _, c := range costs {
		all += c.Nanos
		asked += c.Asked
	}
	b.Asked = float64(asked) / float64(n)
	b.Costs = []BenchCost{}
	for _, c := range costs {
		if c.Asked == 0 {
			continue
		}
		one := BenchCost{
			Rule: c.Rule.ID, Title: c.Rule.Title, Place: fmt.Sprintf("%s:%d", c.Rule.File, c.Rule.Line), PerEvent: perEvent(c.Nanos, n),
			PerAsked: perEvent(c.Nanos, int(c.Asked)), Asked: float64(c.Asked) / float64(n), Share: float64(c.Nanos) / float64(max(all, 1)), Matches: c.Hits,
		}
		switch {
		case c.Asked < slowCount: // too seldom to judge
		case one.PerAsked > slowAsked:
			one.Slow = fmt.Sprintf("%.0f us when it is asked: regular expressions and expr's own functions cost most", one.PerAsked)
		case one.Share > max(slowShare, slowTimes/float64(b.Rules)) && one.PerEvent > slowEvent:
			one.Slow = fmt.Sprintf("%.0f %% of what all rules take; it is asked for %.0f %% of the events: a value that few events have, compared as it is, would let the index pass it over", 100*one.Share, 100*one.Asked)
		}
		b.Costs = append(b.Costs, one)
	}
	slices.SortStableFunc(b.Costs, func(x, y BenchCost) int { return cmp.Compare(y.PerEvent, x.PerEvent) })
}

func (r *benchRecord) read(w *pipeline.Worker) (pipeline.Result, error) {
	in := pipeline.Input{Raw: &r.raw, Now: r.raw.Received, OneLane: true, NoRules: true}
	if r.ecs {
		return w.ProcessECS(in)
	}
	return w.Process(in), nil
}

func benchRecords(set *pipeline.Set, files []string, opt Reading) (out []benchRecord, err error) {
	size := 0
	add := func(text []byte, pack string, ecs bool, received time.Time) error {
		if size += len(text); len(out) >= maxBench || size > maxBenchSize {
			return errEnough
		}
		out = append(out, benchRecord{ecs: ecs, raw: event.Raw{
			ID: fmt.Sprint(len(out)), Bytes: slices.Clone(text), Origin: batchOrigin, Namespace: defaultNamespace, Received: received, Pack: pack, Zone: opt.Zone, History: true,
		}})
		return nil
	}
	if len(files) == 0 {
		for _, s := range set.Rules.Samples() {
			if add([]byte(s.Text), s.Pack, s.Document, s.Received) != nil {
				break
			}
		}
		return out, nil
	}
	if err := CheckPack(set, opt.Pack); err != nil {
		return nil, err
	}
	number := 0
	for _, name := range files {
		err := readFile(name, opt, &number, readable(func(rec Record) error {
			return add(rec.Raw, opt.Pack, opt.ECS, time.Now())
		}))
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
	}
	return out, nil
}
