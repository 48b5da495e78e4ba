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

/** 2026-03-01 12:00:00.123 in the browser's zone; "" if it is no time. */
export function full(iso: string): string {
  const t = new Date(iso);
  return Number.isNaN(t.getTime()) ? "" : `${date(t)} ${clock(t)}.${String(t.getMilliseconds()).padStart(3, "0")}`;
}

/** Without milliseconds. */
export function short(iso: string): string {
  return full(iso).slice(0, 19);
}

const ticks = [5, 10, 15, 30, 60, 300, 600, 900, 1800, 3600, 10800, 21600, 43200, 86400, 7 * 86400, 28 * 86400];

/** How far apart the times under a histogram are, in seconds: round, and at least so many. */
export function tickStep(least: number): number {
  return ticks.find((s) => s >= least) ?? ticks.at(-1)!;
}

/** The time under a bar that begins at a multiple of step in the browser's zone; else "". */
export function tick(t: Date, step: number): string {
  const local = Math.round(t.getTime() / 1000) - t.getTimezoneOffset() * 60;
  if (local % step !== 0) return "";
  if (step >= 86400) return date(t).slice(5);
  const day = local % 86400 === 0 ? `${date(t).slice(5)} ` : "";
  return day + (step < 60 ? clock(t) : clock(t).slice(0, 5));
}

/** What the button of the range says. */
export function rangeLabel(from: string, to: string): string {
  const known = ranges.find((r) => r.from === from);
  if (known && (to === "" || to === "now")) return known.label;
  const end = (s: string) => (s === "" ? "now" : s.startsWith("now") ? s : short(s));
  return `${end(from)} – ${end(to)}`;
}

/** A value for an input of type datetime-local, and back. */
export function toInput(iso: string): string {
  const t = new Date(iso);
  return Number.isNaN(t.getTime()) ? "" : `${date(t)}T${clock(t)}`;
}

export function fromInput(local: string): string {
  const t = new Date(local);
  return Number.isNaN(t.getTime()) ? "" : t.toISOString();
}

/** The zone that times are shown in. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
