import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Doc, Hit } from "./api";
import { firstOf, flatten, text, value, visible } from "./doc";
import { keepFocus, Popover } from "./popover";
import { go, type Place } from "./state";
import { summary } from "./summary";

// Which columns the table of events has. The address holds them, so that a link shows what its
// sender saw; the browser keeps the last choice for searches whose address names none.

export type Column = { name: string; label: string; class: string; width: number; fields: string[]; show: (doc: Doc) => ComponentChildren };

const hostFields = ["host.hostname", "host.name", "observer.name", "observer.hostname", "log.syslog.hostname"];

const own: Column[] = [
  { name: "dataset", label: "Dataset", class: "c-dataset", width: 110, fields: ["event.dataset"], show: (doc) => visible(text(doc, "event.dataset").replace(/^sluice\./, "")) },
  { name: "host", label: "Host", class: "c-host", width: 100, fields: hostFields, show: (doc) => visible(firstOf(doc, ...hostFields)) },
  { name: "ends", label: "Source → destination", class: "c-ends", width: 225, fields: ["source.ip", "source.port", "destination.ip", "destination.port"], show: (doc) => visible(endpoints(doc)) },
  { name: "action", label: "Action", class: "c-action", width: 130, fields: ["event.action", "event.outcome"], show: action },
  { name: "message", label: "Message", class: "c-message", width: 260, fields: ["message"], show: message },
];

const standard = own.map((c) => c.name);

const most = 20; // columns; more are no table

/** A field that can be a column, and whose values can be asked for; a log may make names of anything. */
export const named = (field: string): boolean => /^[A-Za-z0-9_@][A-Za-z0-9_@.-]{0,199}$/.test(field);

function endpoints(doc: Doc): string {
  const end = (side: string) => {
    const address = firstOf(doc, `${side}.ip`, `${side}.address`, `${side}.domain`);
    const port = text(doc, `${side}.port`);
    if (!address) return "";
    return port ? `${address.includes(":") ? `[${address}]` : address}:${port}` : address;
  };
  const [from, to] = [end("source"), end("destination")];
  return from && to ? `${from} → ${to}` : from || (to && `→ ${to}`);
}

function action(doc: Doc) {
  return (
    <>
      {text(doc, "event.outcome") === "failure" && <span class="dot" title="failure" />}
      {visible(firstOf(doc, "event.action", "event.outcome"))}
    </>
  );
}

function message(doc: Doc) {
  return (
    <div>
      {value(doc, "sluice.unparsed") !== undefined && <span class="tag">unparsed</span>}
      {visible(summary(doc).slice(0, 500))}
    </div>
  );
}

function column(name: string): Column {
  return own.find((c) => c.name === name) ?? { name, label: name, class: "c-field", width: 150, fields: [name], show: (doc) => visible(text(doc, name).slice(0, 500)) };
}

/** The names in a text with commas, without what is none and what is there already. */
function parse(list: string): string[] {
  return [...new Set(list.split(","))].filter(named).slice(0, most);
}

const isStandard = (names: string[]) => names.length === 0 || names.join() === standard.join();

/** The columns to show, and how to choose others. */
export type Columns = { all: Column[]; chosen: boolean; has: (name: string) => boolean; set: (names: string[]) => void; toggle: (name: string) => void };

export const standardColumns: Column[] = own;

/** Columns as the address names them, else as they were chosen last. */
export function useColumns(place: Place): Columns {
  const asked = parse(place.params.cols ?? "");
  const kept = parse(localStorage.getItem("columns") ?? "");
  const names = [asked, kept, standard].find((list) => list.length > 0)!;
  useEffect(() => {
    if (asked.length === 0 && !isStandard(names)) go(place.path, { ...place.params, cols: names.join() }, true);
  }, [place.params.cols]);
  const set = (next: string[]) => {
    const cols = isStandard(next) ? "" : next.slice(0, most).join();
    localStorage.setItem("columns", cols);
    go(place.path, { ...place.params, cols }, true);
  };
  return {
    all: names.map(column),
    chosen: !isStandard(names),
    has: (name) => names.includes(name),
    set,
    toggle: (name) => set(names.includes(name) ? names.filter((n) => n !== name) : [...names, name]),
  };
}

/** The fields of a file with these columns: every one of them, when it was and which event. */
export function fieldsOf(columns: Column[]): string {
  return [...new Set(["@timestamp", ...columns.flatMap((c) => c.fields), "sluice.id"])].join();
}

/** The button Columns, and behind it which there are, in which order. */
export function ColumnPicker({ columns, hits }: { columns: Columns; hits: Hit[] }) {
  const names = columns.all.map((c) => c.name);
  const [typed, setTyped] = useState("");
  const [known, setKnown] = useState<string[]>([]);
  const add = () => {
    const name = typed.trim();
    if (!named(name) || names.length >= most) return;
    if (!names.includes(name)) columns.set([...names, name]);
    setTyped("");
  };
  const move = (i: number, by: number) => {
    const next = [...names];
    next.splice(i + by, 0, ...next.splice(i, 1));
    columns.set(next);
  };
  // The fields of the first events: enough to find a name by a part of it.
  const collect = () => setKnown([...new Set([...standard, ...hits.slice(0, 200).flatMap((h) => flatten(h.source).map((f) => f.name))])].filter(named).sort().slice(0, 1000));
  return (
    <Popover label="Columns" class="columns" small button="Columns" onOpen={collect}>
      {() => (
        <>
          <ol>
            {columns.all.map((c, i) => (
              <li key={c.name}>
                <span title={c.name}>{c.label}</span>
                <button type="button" class="small" disabled={i === 0} aria-label={`${c.label} further left`} title="Further left" onClick={(e) => (move(i, -1), keepFocus(e))}>
                  ↑
                </button>
                <button type="button" class="small" disabled={i === names.length - 1} aria-label={`${c.label} further right`} title="Further right" onClick={(e) => (move(i, 1), keepFocus(e))}>
                  ↓
                </button>
                <button type="button" class="small" disabled={names.length === 1} aria-label={`Without the column ${c.label}`} title="Remove" onClick={(e) => (columns.toggle(c.name), keepFocus(e))}>
                  ×
                </button>
              </li>
            ))}
          </ol>
          <form
            onSubmit={(e) => {
              e.preventDefault();
              add();
            }}
          >
            <label>
              Another field
              <input list="known-fields" value={typed} maxLength={200} placeholder="source.geo.country_iso_code" spellcheck={false} onInput={(e) => setTyped(e.currentTarget.value)} />
            </label>
            <datalist id="known-fields">
              {known
                .filter((n) => !names.includes(n))
                .map((n) => (
                  <option key={n} value={n} />
                ))}
            </datalist>
            <div class="line">
              <button type="submit" class="primary" disabled={!named(typed.trim()) || names.length >= most}>
                Add
              </button>
              <button type="button" disabled={!columns.chosen} onClick={(e) => (columns.set([]), keepFocus(e))}>
                Usual columns
              </button>
            </div>
            {names.length >= most && <small>There is room for {most} columns.</small>}
          </form>
        </>
      )}
    </Popover>
  );
}
