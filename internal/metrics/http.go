package metrics

// HTTPPanics is what a server of ours could not answer by a fault of ours. server is console or the
// configured name of an HTTP input.
var HTTPPanics = counter("sluice_http_panics_total", "Requests that a fault of the program broke off; the log has the stack of each.", "server")

// HTTPRefused is what HTTP inputs refuse. input is a configured name; reason is one of a few constants of
// ingest/httppost.
var HTTPRefused = counter("sluice_http_refused_requests_total", "Requests that were refused, by reason: method, browser, token, ack, encoding, body, empty, size, slow, memory, gone, ending.", "input", "reason")
