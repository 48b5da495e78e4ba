package app

import (
	"time"

	"sluice/event"
	"sluice/pipeline"
)

// progressEvery is how often correlators hear which origins have spoken, where a rule
// asks: a rule that waits for one is decided so much later.
const progressEvery = 5 * time.Second

// maxOrigins bounds the bytes of the names in one message.
const maxOrigins = 512 << 10

// progress is which origins have spoken since the correlators were last told.
type progress struct {
	origins map[string]time.Time // the greatest live window time
	told    time.Time
}

// spoke notes that an origin has spoken, live.
func (p *processor) spoke(raw *event.Raw, r *pipeline.Result) {
	if r.Lane != "" || !p.have.Rules.Hears() {
		return
	}
	if p.progress.origins == nil {
		p.progress.origins = map[string]time.Time{}
	}
	p.progress.origins[raw.Origin] = later(p.progress.origins[raw.Origin], r.Window)
}

// tellOrigins tells every correlator which origins have spoken, behind their matches.
// Idle time says nothing of an origin.
func (p *processor) tellOrigins(now time.Time) {
	if len(p.progress.origins) == 0 || now.Sub(p.progress.told) < progressEvery {
		return
	}
	p.progress.told = now
	w, size := watermark{Raw: p.a.Partition, Generation: p.a.Generation, Origins: map[string]time.Time{}}, 0
	for origin, t := range p.progress.origins {
		w.Origins[origin] = t
		if size += len(origin) + 64; size > maxOrigins {
			p.broadcast(w, now)
			w.Origins, size = map[string]time.Time{}, 0
		}
	}
	if len(w.Origins) > 0 {
		p.broadcast(w, now)
	}
	clear(p.progress.origins)
}
