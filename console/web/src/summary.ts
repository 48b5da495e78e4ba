import type { Doc } from "./api";
import { firstOf, text } from "./doc";

// One line for an event that has none in words: a record in JSON or XML is told by its fields.

/** What an event says: its message; of a record what its fields tell; else the raw line. */
export function summary(doc: Doc): string {
  const message = text(doc, "message");
  if (message && !record.test(message)) return message;
  return parts.map((part) => part(doc)).filter(Boolean).slice(0, most).join(" · ") || firstOf(doc, "message", "event.original");
}

/** What is no words: JSON, of which the end may be cut off, and XML. "<err> disk full" is words. */
const record = /^\s*(?:(?:\[\s*)?\{\s*["'}]|<[^]*>\s*$)/;

const most = 4; // parts; a line has no room for more

/** What is there of these, with blanks between. */
const words = (...all: string[]) => all.filter(Boolean).join(" ");

const parts: ((doc: Doc) => string)[] = [
  (doc) => firstOf(doc, "rule.name", "vulnerability.id", "threat.indicator.name"),
  (doc) => text(doc, "email.subject"),
  dns,
  http,
  (doc) => words(text(doc, "tls.version_protocol") && "TLS", text(doc, "tls.client.server_name")),
  (doc) => firstOf(doc, "process.command_line", "process.executable", "process.name"),
  (doc) => firstOf(doc, "file.path", "file.name"),
  (doc) => firstOf(doc, "user.name", "user.email", "source.user.name"),
  (doc) => firstOf(doc, "event.reason", "error.message"),
  (doc) => firstOf(doc, "cloud.service.name", "event.provider"),
  (doc) => words(firstOf(doc, "network.protocol", "network.application"), text(doc, "network.transport"), count(doc, "network.bytes", "bytes")),
];

function dns(doc: Doc): string {
  const name = text(doc, "dns.question.name");
  const code = text(doc, "dns.response_code");
  const found = text(doc, "dns.resolved_ip");
  return name && words(text(doc, "dns.question.type"), name, found ? `→ ${found}` : code !== "NOERROR" ? code : "");
}

function http(doc: Doc): string {
  const url = firstOf(doc, "url.full", "url.original", "url.path", "url.domain");
  return url && words(text(doc, "http.request.method"), url, text(doc, "http.response.status_code"));
}

function count(doc: Doc, name: string, unit: string): string {
  const n = Number(text(doc, name));
  return n > 0 ? `${n.toLocaleString("en")} ${unit}` : "";
}
