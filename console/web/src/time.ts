// Times as the page shows and asks for them.

export const ranges: { from: string; label: string }[] = [
  { from: "now-15m", label: "Last 15 minutes" },
  { from: "now-1h", label: "Last hour" },
  { from: "now-4h", label: "Last 4 hours" },
  { from: "now-24h", label: "Last 24 hours" },
  { from: "now-2d", label: "Last 2 days" },
  { from: "now-7d", label: "Last 7 days" },
  { from: "now-30d", label: "Last 30 days" },
];

const two = (n: number) => String(n).padStart(2, "0");

const date = (t: Date) => `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;

const clock = (t: Date) => `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;

/** The other time that the clock shows the same at, where it is set back between the two. */
function twin(t: Date): Date | undefined {
  const ahead = (u: Date) => -u.getTimezoneOffset();
  const later = (minutes: number) => new Date(t.getTime() + minutes * 60_000);
  for (const near of [-180, 180]) {
    const offset = ahead(later(near));
    const other = later(ahead(t) - offset);
    if (offset !== ahead(t) && ahead(other) === offset) return other;
  }
  return undefined;
}

/** Which of two equal times it is, as " +02:00"; "" for one that there is once. */
function which(t: Date): string {
  if (!twin(t)) return "";
  const ahead = -t.getTimezoneOffset();
  return ` ${ahead < 0 ? "-" : "+"}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
}

/** 2026-03-01 12:00:00.123 in the browser's zone, with its offset in the hour that comes twice; "" if it is no time. */
export function full(iso: string): string {
  const t = new Date(iso);
  return Number.isNaN(t.getTime()) ? "" : `${date(t)} ${clock(t)}.${String(t.getMilliseconds()).padStart(3, "0")}${which(t)}`;
}

/** Without milliseconds. */
export function short(iso: string): string {
  const text = full(iso);
  return text.slice(0, 19) + text.slice(23);
}

const ticks = [5, 10, 15, 30, 60, 300, 600, 900, 1800, 3600, 10800, 21600, 43200, 86400, 7 * 86400, 28 * 86400];

/** How far apart the times under a histogram are, in seconds: round, and at least so many. */
export function tickStep(least: number): number {
  return ticks.find((s) => s >= least) ?? ticks.at(-1)!;
}

/**
 * The time that is a multiple of step in the browser's zone and lies in a bar of so many seconds,
 * and how many seconds after the bar's begin. Bars begin at multiples in UTC, which are none here.
 */
export function tick(bar: Date, seconds: number, step: number): { after: number; label: string } | undefined {
  const wall = (t: Date) => Math.round(t.getTime() / 1000) - t.getTimezoneOffset() * 60;
  const later = (after: number) => new Date(bar.getTime() + after * 1000);
  const multiple = Math.ceil(wall(bar) / step) * step;
  let after = multiple - wall(bar);
  const moved = after + multiple - wall(later(after)); // where the clock is set in between
  if (moved >= 0 && wall(later(moved)) === multiple) after = moved;
  if (after >= seconds) return undefined;
  const t = later(after);
  if (step >= 86400) return { after, label: date(t).slice(5) };
  const day = multiple % 86400 === 0 ? `${date(t).slice(5)} ` : "";
  return { after, label: day + (step < 60 ? clock(t) : clock(t).slice(0, 5)) };
}

const spans: Record<string, string> = { s: "second", m: "minute", h: "hour", d: "day", w: "week", M: "month" };

/** What the button of the range says. */
export function rangeLabel(from: string, to: string): string {
  const known = ranges.find((r) => r.from === from);
  const open = to === "" || to === "now";
  if (known && open) return known.label;
  const back = /^now-(\d+)([smhdwM])$/.exec(from);
  if (back && open) return `Last ${back[1] === "1" ? "" : `${back[1]} `}${spans[back[2]!]}${back[1] === "1" ? "" : "s"}`;
  const end = (s: string) => (s === "" ? "now" : s.startsWith("now") ? s : short(s) || s);
  return `${end(from)} – ${end(to)}`;
}

/** A value for an input of type datetime-local, and back. */
export function toInput(iso: string): string {
  const t = new Date(iso);
  return Number.isNaN(t.getTime()) ? "" : `${date(t)}T${clock(t)}`;
}

/** Of two equal times the first, as an end of a range the second: the range has all that the clock shows in it. */
function fromInput(local: string, end: boolean): string {
  const t = new Date(local);
  if (Number.isNaN(t.getTime())) return "";
  const both = [t.getTime(), (twin(t) ?? t).getTime()];
  return new Date(end ? Math.max(...both) : Math.min(...both)).toISOString();
}

/** What stands in such an input as a time; shown is what it stood for before, of which it keeps less: parts of the second, and which of two equal hours. */
export function fromShown(local: string, shown: string, end = false): string {
  return local !== "" && local === toInput(shown) ? new Date(shown).toISOString() : fromInput(local, end);
}

/** The time of a later one, with its day where that is another. */
export function till(from: string, to: string): string {
  const [a, b] = [short(from), short(to)];
  return a.slice(0, 10) === b.slice(0, 10) ? b.slice(11) : b;
}

/** The range from 5 minutes before the first time to 5 minutes after the last. */
export function around(first: string, last: string): { from: string; to: string } {
  const [a, b] = [new Date(first).getTime(), new Date(last).getTime()];
  if (Number.isNaN(a) || Number.isNaN(b)) return { from: "now-24h", to: "" };
  return { from: new Date(a - 300_000).toISOString(), to: new Date(b + 300_000).toISOString() };
}

/** The zone that times are shown in. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
