// The HTTP API, as docs/api.md describes it.

export type Doc = { [key: string]: unknown };

export type Hit = { _id: string; _index: string; source: Doc };

export type Bucket = { at: string; count: number };

export type Histogram = { interval: string; seconds: number; buckets: Bucket[] };

export type Found = {
  took_ms: number;
  timed_out: boolean;
  unread_parts?: number;
  from: string;
  to: string;
  total: number;
  hits: Hit[];
  histogram?: Histogram;
  hint?: string;
  next?: string;
};

export type AlertFound = { alert: Hit; events: Hit[]; missing: number; unread_parts?: number };

/** How often each value of a field is there. */
export type Values = { field: string; timed_out: boolean; unread_parts?: number; total: number; with: number; distinct: number; values: { value: unknown; count: number }[] };

/** A search that somebody gave a name. */
export type SavedSearch = { id: string; name: string; page: string; params: Params };

export type Session = { name: string; role: string; version: string; namespaces: string[] };

/** A rule that runs, with what it found and cost since the start. */
export type Rule = {
  rule: string;
  title: string;
  kind: string;
  level: string;
  status: string;
  shadow?: boolean;
  place: string;
  matches: number;
  alerts: number;
  alerts_24h: number;
  us_per_event: number;
  share: number;
  notes?: string[];
  description?: string;
  falsepositives?: string[];
  exceptions?: { owner: string; reason: string; expires: string; line: number }[];
};

export type Rules = { since?: string; events: number; load: { at?: string; error?: string; tried?: string }; rules: Rule[] };

/** Whether a rule can fire; rule is not there where it could not be read. */
export type Covered = { rule?: string; title?: string; place: string; status: string; reason?: string; why?: string; tactics?: string[]; techniques?: string[] };

/** What coverage says: the rules, and the packs of the events of the last week. */
export type Coverage = { rules: Covered[]; since: string; packs: string[] };

export type Technique = { id: string; name: string; tactics: string[] };

/** MITRE ATT&CK; sub-techniques stand behind theirs. */
export type Attack = { version: string; tactics: { id: string; name: string }[]; techniques: Technique[] };

/** A part of a condition, and what it made of an event. */
export type Trace = { holds: boolean; kind: string; name?: string; text?: string; fields?: { field: string; values: string[] }[]; parts?: Trace[] };

export type Window = {
  key: string;
  from: string;
  to: string;
  there: { time: string; id: string; value?: string; steps?: string[] }[] | null;
  count: number;
  missing?: string[];
  fires: boolean;
  alert?: string;
  title?: string;
};

/** What a rule makes of an event. */
export type Why = {
  rule: string;
  title: string;
  event: string;
  time: string;
  matches: boolean;
  because: string;
  exception?: { owner: string; reason: string; expires: string };
  conditions: { name: string; holds: boolean; trace: Trace }[];
  group_by?: { field: string; values: string[] }[];
  value?: { field: string; values: string[] };
  through?: { alert: string; title: string }[];
  windows?: Window[];
  suppress?: string;
  looked_at: number;
  alert?: string;
  message?: string;
  live?: string[];
  route?: { channel: string; told: boolean; why: string }[];
};

/** What became of what one origin sent. */
export type Origin = {
  origin: string;
  received: number;
  split?: number;
  normalized: number;
  unparsed: number;
  indexed: number;
  dead_lettered: number;
  dropped?: { [reason: string]: number };
  heard?: string;
};

export type Account = { origins: Origin[]; sum: Origin; in_flight: number; difference: number };

/** What the server refused, with the parameter at fault and the place in it where known. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly field = "",
    readonly hint = "",
    readonly at?: number,
  ) {
    super(message);
  }
}

export type Params = { [name: string]: string | undefined };

export function queryString(params: Params): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value) out.set(name, value);
  }
  const text = out.toString();
  return text && "?" + text;
}

export function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return send(path + queryString(params), { headers: { Accept: "application/json" }, signal: signal ?? null }, signal);
}

export function post<T>(path: string, body: object): Promise<T> {
  return send(path, { method: "POST", headers: { Accept: "application/json", "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export function remove(path: string): Promise<unknown> {
  return send(path, { method: "DELETE", headers: { Accept: "application/json" } });
}

async function send<T>(path: string, request: RequestInit, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch (err) {
    if (signal?.aborted) throw err;
    throw new Refused("The server does not answer.", 0, "", "It may be restarting; try again.");
  }
  if (answer.status === 401) {
    // What was being written is not lost by leaving.
    if (request.method) throw new Refused("You are logged out.", 401, "", "Log in in another tab of this browser, then try again here.");
    location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
    throw new Refused("Logged out", 401);
  }
  if (answer.status === 204) return undefined as T;
  let body;
  try {
    body = JSON.parse(await answer.text(), exact);
  } catch (err) {
    if (signal?.aborted) throw err;
    throw new Refused("The answer cannot be read.", answer.status);
  }
  if (!answer.ok) throw new Refused(body.error ?? "The request failed.", answer.status, body.field, body.hint, body.at);
  return body as T;
}

/** Keeps the digits of whole numbers that JavaScript would round, as text. */
function exact(_key: string, v: unknown, context?: { source?: string }): unknown {
  return typeof v === "number" && Number.isInteger(v) && !Number.isSafeInteger(v) ? (context?.source ?? v) : v;
}

export async function logOut(): Promise<void> {
  await fetch("/api/v1/session", { method: "DELETE" }).catch(() => {});
  location.assign("/login"); // which leads back where the session is still open
}
