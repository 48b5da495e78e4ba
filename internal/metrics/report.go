package metrics

// ReportMessages counts the reports of a schedule. channel is a configured name.
var ReportMessages = counter("sluice_report_messages_total", "Reports by what became of them: sent, failed (and tried again), refused.", "channel", "result")
