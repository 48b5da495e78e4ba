package metrics

// HTTPRefused is what HTTP inputs refuse. input is a configured name; reason is one of a few constants of
// ingest/httppost.
var HTTPRefused = counter("sluice_http_refused_requests_total", "Requests that were refused, by reason: method, browser, token, encoding, body, empty, size, slow, memory, ending.", "input", "reason")
