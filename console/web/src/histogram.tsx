import { useEffect, useRef, useState } from "preact/hooks";
import type { Histogram as Counts } from "./api";
import { short, tick, tickStep, till } from "./time";

const height = 96;
const foot = 18; // under the bars, for the times
const top = 8;

/**
 * Bars over time. A click takes one bar's time as the range, a drag takes several;
 * by keyboard the arrows choose a bar, with Shift several, and Enter takes them.
 */
export function Histogram({ counts, range, onRange }: { counts?: Counts; range?: { from: string; to: string }; onRange: (from: string, to: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [anchor, setAnchor] = useState<number | null>(null); // where a choice began
  const [at, setAt] = useState<number | null>(null); // the bar under the pointer or the keys
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const seen = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    seen.observe(box.current!);
    return () => seen.disconnect();
  }, []);
  useEffect(() => {
    setAnchor(null);
    setAt(null);
  }, [counts?.interval, counts?.buckets.length]);

  const buckets = counts?.buckets ?? [];
  const n = buckets.length;
  const most = Math.max(1, ...buckets.map((b) => b.count));
  const step = n ? width / n : 0;
  const low = at === null ? -1 : Math.min(at, anchor ?? at);
  const high = at === null ? -1 : Math.max(at, anchor ?? at);

  const under = (e: PointerEvent) => {
    const left = (e.currentTarget as Element).getBoundingClientRect().left;
    return Math.min(n - 1, Math.max(0, Math.floor((e.clientX - left) / step)));
  };
  const take = (first: number, last: number) => {
    const time = (at: string, otherwise: number) => (at ? new Date(at).getTime() : otherwise);
    const [begin, end] = [time(buckets[first]!.at, 0), time(buckets[last]!.at, 0) + counts!.seconds * 1000];
    // The first bar and the last count what of their time is in the range.
    const from = new Date(Math.max(begin, time(range?.from ?? "", begin)));
    const to = new Date(Math.min(end, time(range?.to ?? "", end)));
    setAnchor(null);
    setAt(null);
    onRange(from.toISOString(), to.toISOString());
  };
  const key = (e: KeyboardEvent) => {
    if (!n) return;
    if (e.key === "ArrowLeft" || e.key === "ArrowRight") {
      const next = at === null ? n - 1 : Math.min(n - 1, Math.max(0, at + (e.key === "ArrowLeft" ? -1 : 1)));
      setAnchor(e.shiftKey ? (anchor ?? at ?? next) : null);
      setAt(next);
      e.preventDefault();
    } else if (e.key === "Enter" && at !== null) {
      take(low, high);
      e.preventDefault();
    } else if (e.key === "Escape") {
      setAnchor(null);
      setAt(null);
    }
  };

  const chosen = at !== null && buckets[low] && buckets[high];
  const sum = chosen ? buckets.slice(low, high + 1).reduce((s, b) => s + b.count, 0) : 0;
  const apart = tickStep((100 / Math.max(1, step)) * (counts?.seconds ?? 1)); // a time takes up to 100 px
  return (
    <div class="histogram" ref={box}>
      <svg
        width={width}
        height={height}
        role="application"
        tabIndex={0}
        aria-label={`Events over time, ${n} bars of ${counts?.interval ?? ""}. Arrow keys choose, Enter narrows the range.`}
        onKeyDown={key}
        onBlur={() => {
          setAnchor(null);
          setAt(null);
        }}
        onPointerLeave={() => dragging || setAt(null)}
        onPointerDown={(e) => {
          if (!n || e.button !== 0) return;
          (e.currentTarget as Element).setPointerCapture(e.pointerId);
          setDragging(true);
          setAnchor(under(e));
          setAt(under(e));
        }}
        onPointerMove={(e) => n && setAt(under(e))}
        onPointerUp={(e) => {
          setDragging(false);
          if (dragging && anchor !== null) take(Math.min(anchor, under(e)), Math.max(anchor, under(e)));
        }}
        onPointerCancel={() => {
          setDragging(false);
          setAnchor(null);
        }}
      >
        <line class="base" x1={0} x2={width} y1={height - foot + 0.5} y2={height - foot + 0.5} />
        {chosen && <rect class="brush" x={low * step} y={0} width={(high - low + 1) * step} height={height - foot} />}
        {buckets.map((b, i) => {
          const h = b.count && Math.max(2, (b.count / most) * (height - foot - top));
          return <rect key={i} class="bar" x={i * step + 0.5} y={height - foot - h} width={Math.max(1, step - 1.5)} height={h} />;
        })}
        {buckets.map((b, i) => {
          const time = tick(new Date(b.at), counts!.seconds, apart);
          const x = time && (i + time.after / counts!.seconds) * step;
          return x !== undefined && x + 70 < width ? (
            <text key={`t${i}`} x={x + 1} y={height - 4}>
              {time!.label}
            </text>
          ) : null;
        })}
      </svg>
      <div class="reading" aria-live="polite">
        {chosen ? (
          <>
            <strong>{sum.toLocaleString("en")}</strong> in {short(buckets[low]!.at)}
            {high > low && ` – ${till(buckets[low]!.at, buckets[high]!.at)}`} ({counts!.interval} a bar)
          </>
        ) : (
          <>
            {counts ? `${counts.interval} a bar, highest ${(n ? Math.max(...buckets.map((b) => b.count)) : 0).toLocaleString("en")}` : "\u00a0"}
          </>
        )}
      </div>
    </div>
  );
}
