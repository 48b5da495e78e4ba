package metrics

// What the console answers. route is a row of its table of routes and code a status
// that the console uses; reason is one of host, cross_origin, credential, role, busy.
var (
	ConsoleRequests = counter("sluice_console_requests_total", "Requests answered, by route and status.", "route", "code")
	ConsoleSeconds  = histogram("sluice_console_request_seconds", "How long answers took.", seconds, "route")
	ConsoleRefused  = counter("sluice_console_refused_total", "Requests refused before they were looked at, by reason: credential, role, host, cross_origin, busy.", "reason")
	ConsoleSearches = gauge("sluice_console_searches", "Searches running now.")
)
