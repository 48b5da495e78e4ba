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

export type AlertFound = { alert: Hit; events: Hit[]; missing: number };

export type Session = { name: string; role: string; version: string; namespaces: string[] };

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

async function send<T>(path: string, request: RequestInit, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch (err) {
    if (signal?.aborted) throw err;
    throw new Refused("The server does not answer.", 0, "", "It may be restarting; try again.");
  }
  if (answer.status === 401) {
    location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
    throw new Refused("Logged out", 401);
  }
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
  await fetch("/api/v1/session", { method: "DELETE" });
  location.assign("/login");
}
