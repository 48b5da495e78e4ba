package alert

import "time"

// silenced says whether somebody asked for quiet about a. An alert that outlives the
// silence is told with its next revision, since nobody has heard of it yet.
func (p *Policy) silenced(a *Alert, now time.Time) bool {
	for i := range p.Silence {
		s := &p.Silence[i]
		if m := s.match(); now.Before(s.Until) && m.fits(a) {
			return true
		}
	}
	return false
}
