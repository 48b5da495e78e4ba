package normalize

import (
	"sluice/event"
	"sluice/normalize/header"
	"sluice/schemas"
)

// priorities makes what each of the 192 priorities sets.
func (p *Packs) priorities() {
	trial := event.NewEvent(p.schema)
	group := func(object string, code, name event.Field, n int, text string) *event.Group {
		trial.Reset("")
		trial.SetInt(code, int64(n))
		trial.SetConst(name, event.NewConst(text))
		return trial.Group(object)
	}
	var severities [8]*event.Group
	for s := range severities {
		severities[s] = group("log.syslog.severity", p.f.severity, p.f.severityName, s, header.Severity(s))
	}
	var facility *event.Group
	for pri := range p.priority {
		b := &p.priority[pri]
		if pri&7 == 0 {
			facility = group("log.syslog.facility", p.f.facility, p.f.facilityName, pri>>3, header.Facility(pri))
		}
		b.Group(facility)
		b.Group(severities[pri&7])
		trial.Reset("")
		trial.SetInt(p.f.priority, int64(pri))
		b.Add(trial)
	}
}

// genericDataset is where events go that no pack knows.
const genericDataset = "sluice.generic"

// named is what all events of a pack have in a namespace: which pack, which data
// stream. A worker keeps it, since an input's lines go to one of them.
type named struct {
	namespace string
	batch     *event.Batch
}

// named is the batch for events of p, nil for those of no pack.
func (w *Worker) named(namespace string, p *pack) *event.Batch {
	at := len(w.names) - 1
	if p != nil {
		at = p.order
	}
	n := &w.names[at]
	if n.batch != nil && n.namespace == namespace {
		return n.batch
	}
	f, dataset := &w.engine.f, event.NewConst(genericDataset)
	trial := event.NewEvent(w.engine.schema)
	b := &event.Batch{}
	if p != nil {
		dataset = p.dataset
		trial.SetConst(f.pack, p.constName)
	}
	trial.SetConst(f.ecsVersion, event.NewConst(schemas.ECSVersion))
	trial.SetConst(f.dataset, dataset)
	b.Add(trial)
	trial.Reset("")
	trial.SetConst(f.dsType, event.NewConst("logs"))
	trial.SetConst(f.dsDataset, dataset)
	trial.SetConst(f.dsNamespace, event.NewConst(orDefault(namespace)))
	b.Group(trial.Group("data_stream"))
	*n = named{namespace, b}
	return b
}

func orDefault(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}
