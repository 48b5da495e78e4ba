import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { type Found, type Params, queryString, type Refused } from "./api";
import { visible } from "./doc";
import { Popover } from "./popover";
import { go, refreshes } from "./state";
import { fromShown, rangeLabel, ranges, toInput, zone } from "./time";

/** A link within the page; the browser's own ways (new tab, copy) keep working. */
export function Link(props: { to: string; params?: Params; class?: string; title?: string; current?: boolean; onGo?: () => void; children: ComponentChildren }) {
  const href = props.to + queryString(props.params ?? {});
  return (
    <a
      href={href}
      class={props.class}
      title={props.title}
      aria-current={props.current ? "page" : undefined}
      onClick={(e) => {
        if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return;
        e.preventDefault();
        e.stopPropagation();
        props.onGo?.();
        go(props.to, props.params);
      }}
    >
      {props.children}
    </a>
  );
}

/** What went wrong, and how to mend it; onAgain asks once more, where nothing else of the page would. */
export function Fault({ error, onAgain }: { error: Refused; onAgain?: () => void }) {
  return (
    <div class="fault" role="alert">
      <strong>{error.message}</strong>
      {error.hint && <span>{error.hint}</span>}
      {onAgain && (
        <button type="button" class="small" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Nothing({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="nothing">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** Values longer than this get a line of their own, which scrolls: they would push all else off the page. */
const longFact = 120;

/** Names and values; one without a value is left out. */
export function Facts({ facts }: { facts: [name: string, value: string][] }) {
  return (
    <dl>
      {facts
        .filter(([, v]) => v)
        .map(([name, v]) => (
          <div key={name} class={v.length > longFact ? "long" : undefined}>
            <dt>{name}</dt>
            <dd>{visible(v)}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A hint as a sentence of its own. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith("?") ? "" : ".");
}

/** Grey lines where rows will be. */
export function Waiting({ rows }: { rows: number }) {
  return (
    <div class="waiting" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} />
      ))}
    </div>
  );
}

export function Severity({ name }: { name: string }) {
  const known = ["informational", "low", "medium", "high", "critical"].includes(name) ? name : "informational";
  return <span class={`severity ${known}`}>{visible(name) || "unknown"}</span>;
}

/** The query box. It searches on Enter and shows what was refused, and where. */
export function QueryBox(props: { value: string; label: string; placeholder: string; error?: Refused; onSearch: (q: string) => void }) {
  const [draft, setDraft] = useState(props.value);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setDraft(props.value), [props.value]);
  useEffect(() => {
    const focus = (e: KeyboardEvent) => {
      const at = e.target as HTMLElement;
      if (e.key !== "/" || e.ctrlKey || e.metaKey || ["INPUT", "SELECT", "TEXTAREA"].includes(at.tagName)) return;
      e.preventDefault();
      input.current?.select();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  const paste = (e: ClipboardEvent) => {
    const text = (e.clipboardData?.getData("text/plain") ?? "").trim();
    const box = input.current!;
    if (!/[\r\n]/.test(text)) return;
    e.preventDefault(); // a box of one line would put the end of a line and the next together
    box.setRangeText(text.replace(/\s*[\r\n]\s*/g, " "), box.selectionStart ?? 0, box.selectionEnd ?? 0, "end");
    setDraft(box.value);
  };
  const wrong = props.error?.field === "q" ? props.error : undefined;
  const at = wrong?.at === undefined ? undefined : Math.min(wrong.at, props.value.length);
  return (
    <form
      class="query"
      role="search"
      onSubmit={(e) => {
        e.preventDefault();
        props.onSearch(draft.trim());
      }}
    >
      <input
        ref={input}
        type="search"
        value={draft}
        maxLength={4096}
        aria-label={props.label}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? id : undefined}
        placeholder={props.placeholder}
        autocomplete="off"
        spellcheck={false}
        onInput={(e) => setDraft(e.currentTarget.value)}
        onPaste={paste}
      />
      <button type="submit" class="primary">
        Search
      </button>
      {wrong && (
        <p class="wrong" id={id} role="alert">
          <strong>{wrong.message}</strong>
          {at !== undefined && (
            <code>
              {visible(props.value.slice(Math.max(0, at - 40), at))}
              <mark>{visible(props.value.slice(at, at + 1)) || "▲"}</mark>
              {visible(props.value.slice(at + 1, at + 40))}
            </code>
          )}
          <span>{wrong.hint}</span>
        </p>
      )}
    </form>
  );
}

/** A box that narrows a list while one types. */
export function Find(props: { value: string; label: string; placeholder: string; onFind: (text: string) => void }) {
  return (
    <div class="query" role="search">
      <input type="search" value={props.value} maxLength={500} aria-label={props.label} placeholder={props.placeholder} autocomplete="off" spellcheck={false} onInput={(e) => props.onFind(e.currentTarget.value)} />
    </div>
  );
}

/** The head of a column that sorts by it. */
export function Sort(props: { label: string; class: string; sorted?: "ascending" | "descending"; onSort: () => void }) {
  return (
    <th class={props.class} aria-sort={props.sorted}>
      <button type="button" class="sort" onClick={props.onSort}>
        {props.label}
        {props.sorted && <span aria-hidden="true"> {props.sorted === "ascending" ? "↑" : "↓"}</span>}
      </button>
    </th>
  );
}

/** The button that shows the time range, and the choice behind it. */
export function RangePicker(props: { from: string; to: string; shown?: { from: string; to: string }; onPick: (from: string, to: string) => void }) {
  const [start, setStart] = useState("");
  const [end, setEnd] = useState("");
  const [opened, setOpened] = useState({ from: "", to: "" }); // the range that was shown then; a refresh moves it
  const shown = () => {
    const range = { from: props.shown?.from ?? "", to: props.shown?.to ?? "" };
    setOpened(range);
    setStart(toInput(range.from));
    setEnd(toInput(range.to));
  };
  const [from, to] = [fromShown(start, opened.from), fromShown(end, opened.to, true)];
  const button = (
    <>
      <span class="clock" aria-hidden="true" />
      {rangeLabel(props.from, props.to)}
    </>
  );
  return (
    <Popover label="Time range" class="range" button={button} onOpen={shown}>
      {(close) => {
        const pick = (from: string, to: string) => {
          close();
          props.onPick(from, to);
        };
        return (
          <>
            <ul>
              {ranges.map((r) => (
                <li key={r.from}>
                  <button type="button" aria-pressed={props.from === r.from && !props.to} onClick={() => pick(r.from, "")}>
                    {r.label}
                  </button>
                </li>
              ))}
            </ul>
            <form
              onSubmit={(e) => {
                e.preventDefault();
                if (from && to && from < to) pick(from, to);
              }}
            >
              <label>
                From
                <input type="datetime-local" step="1" value={start} onInput={(e) => setStart(e.currentTarget.value)} />
              </label>
              <label>
                To
                <input type="datetime-local" step="1" value={end} onInput={(e) => setEnd(e.currentTarget.value)} />
              </label>
              <small>{from && to && from >= to ? "From must be before To." : `Times are in ${zone}.`}</small>
              <button type="submit" class="primary" disabled={!from || !to || from >= to}>
                Apply
              </button>
            </form>
          </>
        );
      }}
    </Popover>
  );
}

/** How often the page loads again. */
export function Refresh(props: { seconds: number; paused: boolean; onPick: (seconds: number) => void; onNow: () => void; loading: boolean }) {
  return (
    <div class="refresh">
      <button type="button" onClick={props.onNow} aria-label="Refresh now" title="Refresh now" class={props.loading ? "turning" : undefined}>
        <span aria-hidden="true">⟳</span>
      </button>
      <select
        aria-label="Refresh by itself"
        title={props.paused ? "Paused while a row or a further page is open, or alerts are chosen" : undefined}
        value={String(props.seconds)}
        onChange={(e) => props.onPick(Number(e.currentTarget.value))}
      >
        <option value="0">Refresh: off</option>
        {refreshes.map((s) => (
          <option key={s} value={String(s)}>
            Every {s} s{props.paused ? " (paused)" : ""}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What there is to say of an answer that is not all. */
export function NotAll({ found }: { found: Found }) {
  return (
    <>
      {found.timed_out && <span class="tag">not all: the search ran out of time</span>}
      {!!found.unread_parts && <span class="tag">not all: {found.unread_parts} parts of the index are damaged; sluice verify names them</span>}
    </>
  );
}
