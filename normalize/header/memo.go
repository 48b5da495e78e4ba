package header

import "time"

// stampLen is the length of "Jan _2 15:04:05".
const stampLen = 15

// memo is the last RFC 3164 stamp. Neighbours often have the same second, and
// finding its year costs more than all the rest of a header.
type memo struct {
	text     [stampLen]byte
	zone     *time.Location // nil: nothing is remembered
	from, to int64          // the year of the receive time, as Unix seconds [from, to)
	time     time.Time
	unix     int64
}

// remembered is how old a stamp may be to be taken from the memo: well inside the
// time for which a date without a year can only mean one.
const remembered = 300 * 24 * 3600

// bsd is BSD with the memo in front.
func (m *memo) bsd(s string, received time.Time, zone *time.Location) (time.Time, int) {
	usual := len(s) > stampLen+len(" UTC+02:00") && s[stampLen] == ' ' // no fraction behind it, more than a zone
	if usual && s[stampLen+1]-'0' < 10 {
		_, year := yearBehind(s, stampLen)
		usual = !year
	}
	if usual && zone == m.zone && s[:stampLen] == string(m.text[:]) {
		now := received.Unix()
		if now >= m.from && now < m.to && m.unix-now < int64(ahead/time.Second) && now-m.unix < remembered {
			return m.time, stampLen
		}
	}
	t, n := BSD(s, received, zone)
	if n == stampLen && usual {
		m.note(s, t, received, zone)
	}
	return t, n
}

// note remembers a stamp, unless it is of the year to come, for which another rule chose
// the year, or of an hour that is there twice.
func (m *memo) note(s string, t, received time.Time, zone *time.Location) {
	year := received.In(zone).Year()
	if _, twice := again(t, zone); twice || t.In(zone).Year() > year {
		return
	}
	copy(m.text[:], s)
	m.zone, m.time, m.unix = zone, t, t.Unix()
	m.from = time.Date(year, 1, 1, 0, 0, 0, 0, zone).Unix()
	m.to = time.Date(year+1, 1, 1, 0, 0, 0, 0, zone).Unix()
}
