package metrics

// What people are told and what is kept from them. channel is a configured name;
// result and reason are constants of package alert.
var (
	AlertMessages   = counter("sluice_alert_messages_total", "Messages by what became of them: sent, refused.", "channel", "result")
	AlertRecipients = counter("sluice_alert_refused_recipients_total", "Recipients that a mail server refused for good, of messages that others have.", "channel")
	AlertRetries    = counter("sluice_alert_retries_total", "Attempts to send that failed and are repeated.", "channel")
	AlertKept       = counter("sluice_alert_kept_back_total", "Alerts that made no message of their own: not_routed, silenced, late, known, throttled, shadow.", "channel", "reason")
	AlertWaiting    = gauge("sluice_alert_waiting", "Alerts held back for a group or a summary now.", "channel")
	AlertFailing    = gauge("sluice_alert_channel_failing", "1 while a message waits whose last attempt failed.", "channel")
)
