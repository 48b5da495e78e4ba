package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"sluice/alert"
	"sluice/config"
	"sluice/internal/metrics"
	"sluice/report"
)

const (
	reportIndex = "sluice-reports" // a document for each report
	reportEvery = 30 * time.Second
	reportLease = 10 * time.Minute // after it another attempt is made, by whoever comes first
	reportTries = 5 * time.Minute  // of one attempt

	// reportSettles is how long behind its due time, and the lateness, a report is built: the alerts of
	// its last seconds are settled and indexed by then, and no other report has them.
	reportSettles = 15 * time.Second

	// reportAhead is how long a report that was sent by a clock that was ahead may hold up the next
	// ones; setting the clock back by less repeats none.
	reportAhead = 24 * time.Hour
)

// sentReport is what the index keeps of a report: what was due last, and which channels
// have taken it. Who writes a greater Due may send it; the others see that.
type sentReport struct {
	Report   string    `json:"report"`
	Due      time.Time `json:"due"`
	From     time.Time `json:"from,omitzero"`
	At       time.Time `json:"@timestamp"` // of the last attempt
	Channels []string  `json:"channels"`
	Done     []string  `json:"done"`

	// Behind is the From of channels that never took the report before, whose time is added to theirs.
	Behind map[string]time.Time `json:"behind,omitempty"`
}

// from is what a channel's report begins with.
func (r *sentReport) from(channel string) time.Time {
	if at, ok := r.Behind[channel]; ok {
		return at
	}
	return r.From
}

// follow is the report that is due behind r. One that looks back to the report before looks, for a channel
// that did not take that one, back to the last that it took.
func (r *sentReport) follow(conf *report.Settings, due, from time.Time) *sentReport {
	next := &sentReport{Report: r.Report, Due: due, From: from, Channels: conf.Channels}
	if conf.Last > 0 {
		return next
	}
	for _, c := range r.left(conf.Channels) {
		if at := r.from(c); at.Before(from) {
			if next.Behind == nil {
				next.Behind = map[string]time.Time{}
			}
			next.Behind[c] = at
		}
	}
	return next
}

// left are the channels that have not taken it and are still configured.
func (r *sentReport) left(now []string) (out []string) {
	for _, c := range r.Channels {
		if slices.Contains(now, c) && !slices.Contains(r.Done, c) {
			out = append(out, c)
		}
	}
	return out
}

// sendsReports says whether this process does, for which it needs the index.
func (n *Node) sendsReports(s *Settings) bool { return n.has(roleNotify) && len(s.Reports) > 0 }

// canReport refuses reports over a store that is another process'.
func (n *Node) canReport(s *Settings) error {
	if n.sendsReports(s) && !n.has(roleIndex) && len(s.Elasticsearch.Addresses) == 0 {
		return &ConfigError{errors.New("reports: the role notify reads the index for them; without elasticsearch it must run in one process with the role index")}
	}
	return nil
}

// reports sends what is due until ctx ends, once among all processes with the role.
func (n *Node) reports(ctx context.Context) {
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		s := n.settings.Load()
		for _, conf := range s.Reports {
			if err := n.report(ctx, s, conf); err != nil && ctx.Err() == nil {
				n.log.Error("a report is not sent; it is tried again", "report", conf.Name, "wait", reportLease, "why", err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// report sends one report if it is due. An error leaves it to a later attempt.
func (n *Node) report(ctx context.Context, s *Settings, conf Named[*report.Settings]) error {
	ctx, stop := context.WithTimeout(ctx, reportTries)
	defer stop()
	claim, again, err := n.claimReport(ctx, conf, s.Main.Lateness+reportSettles)
	if claim == nil || err != nil {
		return err
	}
	to := slices.DeleteFunc(slices.Clone(s.Channels), func(c Named[alert.Settings]) bool {
		return !slices.Contains(claim.left(conf.Settings.Channels), c.Name)
	})
	built := map[time.Time]*report.Report{}
	for _, c := range to {
		if from := claim.from(c.Name); built[from] == nil {
			if built[from], err = report.Build(ctx, searcher{n.index}, conf.Settings.Namespace, from, claim.Due); err != nil {
				return err
			}
		}
	}
	var faults []error
	for i, c := range to {
		one, stop := part(ctx, len(to)-i)
		err := n.sendReport(one, c, n.reportMessage(conf, claim, c.Name, built[claim.from(c.Name)], again))
		stop()
		if err != nil {
			faults = append(faults, fmt.Errorf("channel %s: %w", c.Name, err))
			continue
		}
		if err := n.reportSent(ctx, conf.Name, claim.Due, c.Name); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// part is ctx with one of so many equal parts of the time that it has left: a channel that hangs leaves the
// others theirs.
func part(ctx context.Context, parts int) (context.Context, context.CancelFunc) {
	end, _ := ctx.Deadline()
	return context.WithTimeout(ctx, time.Until(end)/time.Duration(parts))
}

var errNotDue = errors.New("not due")

// claimReport makes the report that is due, and has been for as long as settles, this process'. A report
// that the index has never heard of is due from now on: nobody wants last week's at the first start.
func (n *Node) claimReport(ctx context.Context, conf Named[*report.Settings], settles time.Duration) (claim *sentReport, again bool, err error) {
	err = n.index.Edit(ctx, reportIndex, conf.Name, func(source json.RawMessage) (json.RawMessage, error) {
		now := n.now().UTC()
		if claim = nil; source == nil {
			return json.Marshal(sentReport{Report: conf.Name, Due: now, At: now})
		}
		was := &sentReport{}
		if err := json.Unmarshal(source, was); err != nil {
			return nil, fmt.Errorf("%s in %s: %w", conf.Name, reportIndex, err)
		}
		if was.Due.After(now.Add(reportAhead)) {
			n.log.Warn("a report was last sent by a clock that was ahead; it is due again as scheduled", "report", conf.Name, "due", was.Due)
			return json.Marshal(sentReport{Report: conf.Name, Due: now, At: now})
		}
		if due, from, ok := conf.Settings.Due(was.Due, now.Add(-settles)); ok {
			claim, again = was.follow(conf.Settings, due, from), false
		} else if len(was.left(conf.Settings.Channels)) > 0 && now.Sub(was.At) > reportLease {
			claim, again = was, true
		} else {
			return nil, errNotDue
		}
		claim.At = now
		return json.Marshal(claim)
	})
	if errors.Is(err, errNotDue) {
		return nil, false, nil
	}
	return claim, again, err
}

// reportSent notes that a channel has taken it.
func (n *Node) reportSent(ctx context.Context, name string, due time.Time, channel string) error {
	err := n.index.Edit(ctx, reportIndex, name, func(source json.RawMessage) (json.RawMessage, error) {
		var was sentReport
		if source == nil || json.Unmarshal(source, &was) != nil || !was.Due.Equal(due) {
			return nil, errNotDue // a later one has taken its place
		}
		was.Done = append(was.Done, channel)
		return json.Marshal(was)
	})
	if errors.Is(err, errNotDue) {
		return nil
	}
	return err
}

// sendReport sends by one channel. What the channel refuses for good is not tried again.
func (n *Node) sendReport(ctx context.Context, c Named[alert.Settings], m alert.Message) error {
	to, err := c.Settings.Open(alert.Env{Name: c.Name, Log: n.log})
	if err == nil {
		err = to.Send(ctx, m)
	}
	switch {
	case err == nil:
		metrics.ReportMessages.WithLabelValues(c.Name, "sent").Inc()
	case errors.Is(err, alert.ErrFinal):
		metrics.ReportMessages.WithLabelValues(c.Name, "refused").Inc()
		n.log.Error("a report was refused for good", "channel", c.Name, "why", err)
		return nil
	default:
		metrics.ReportMessages.WithLabelValues(c.Name, "failed").Inc()
	}
	return err
}

func (n *Node) reportMessage(conf Named[*report.Settings], claim *sentReport, channel string, built *report.Report, again bool) alert.Message {
	zone := conf.Settings.Location()
	const layout = "2006-01-02 15:04"
	out := &alert.Report{Title: fmt.Sprintf("Sluice: report %s, %s to %s", conf.Name, built.From.In(zone).Format(layout), built.To.In(zone).Format(layout+" MST"))}
	for _, s := range built.Sections {
		section := alert.Section{Title: s.Title}
		for _, r := range s.Rows {
			section.Facts = append(section.Facts, alert.Fact(r))
		}
		out.Sections = append(out.Sections, section)
	}
	m := alert.Message{ID: fmt.Sprintf("report-%s-%d-%s", conf.Name, claim.Due.Unix(), channel), Again: again, Report: out}
	if n.ready.Console != "" {
		m.Link = n.ready.Console + "/alerts?" + url.Values{"from": {built.From.Format(time.RFC3339)}, "to": {built.To.Format(time.RFC3339)}}.Encode()
	}
	return m
}

// decodeReports reads the section reports; what it says of channels needs those read before.
func (s *Settings) decodeReports(f *config.File) {
	names := channelNames(s)
	for _, p := range f.Entries("reports") {
		conf := Named[*report.Settings]{Name: p.Name, Settings: &report.Settings{}}
		p.Decode(conf.Settings)
		p.Invalid(conf.Settings.Validate())
		for _, c := range conf.Settings.Channels {
			if !slices.Contains(names, c) {
				p.Invalid(fmt.Errorf("channels: no channel is called %.64q%s", c, didYouMean(c, names)))
			}
		}
		s.Reports = append(s.Reports, conf)
	}
}
