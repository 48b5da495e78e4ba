package normalize

import (
	"sluice/event"
	"sluice/normalize/header"
)

// priorities makes the groups of the 24 facilities and the 8 severities.
func (p *Packs) priorities() {
	trial := event.NewEvent(p.schema)
	group := func(object string, code, name event.Field, n int, text string) *event.Group {
		trial.Reset("")
		trial.SetInt(code, int64(n))
		trial.SetConst(name, event.NewConst(text))
		return trial.Group(object)
	}
	for i := range 24 {
		p.facilities = append(p.facilities, group("log.syslog.facility", p.f.facility, p.f.facilityName, i, header.Facility(i<<3)))
	}
	for i := range 8 {
		p.severities = append(p.severities, group("log.syslog.severity", p.f.severity, p.f.severityName, i, header.Severity(i)))
	}
}

// stream is the data stream that the last event of a pack went to: all of an input's
// go to the same one.
type stream struct {
	namespace string
	group     *event.Group
}

// stream is the group data_stream.* for events of p in a namespace.
func (w *Worker) stream(namespace string, p *pack, dataset event.Const) *event.Group {
	at := len(w.streams) - 1
	if p != nil {
		at = p.order
	}
	s := &w.streams[at]
	if s.group != nil && s.namespace == namespace {
		return s.group
	}
	f := &w.engine.f
	trial := event.NewEvent(w.engine.schema)
	trial.SetConst(f.dsType, event.NewConst("logs"))
	trial.SetConst(f.dsDataset, dataset)
	name := namespace
	if name == "" {
		name = "default"
	}
	trial.SetConst(f.dsNamespace, event.NewConst(name))
	*s = stream{namespace, trial.Group("data_stream")}
	return s.group
}
