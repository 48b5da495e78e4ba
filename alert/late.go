package alert

import "time"

// stale says whether a comes from a lane (something that happened earlier, found in
// what a collector brought late or an import) and is too old to tell.
func (p *Policy) stale(a *Alert, now time.Time) bool {
	return a.Late && now.Sub(a.Last) >= p.LateMax
}
