import { useId, useState } from "preact/hooks";
import type { Hit } from "./api";
import { type Columns, named, standardColumns } from "./columns";
import { type Field, flatten, scalar, text, visible } from "./doc";
import { Link } from "./parts";
import { longestFilter, quote } from "./query";
import { around, full } from "./time";
import { TopValues, type Within } from "./values";

export type OnFilter = (field: string, value: unknown, out: boolean) => void;

/** How a table of events is used: what its values are counted in, and what its buttons do. columns: the usual ones if not given. */
type Use = { within: Within; onFilter: OnFilter; columns?: Columns };

/** Events as rows that open to all of their fields. open is the _id of the open row. */
export function EventTable({ hits, open, onOpen, label, ...use }: { hits: Hit[]; open: string; onOpen: (id: string) => void; label: string } & Use) {
  const columns = use.columns?.all ?? standardColumns;
  const chosen = use.columns?.chosen;
  const width = 236 + columns.reduce((sum, c) => sum + c.width, 0);
  return (
    <div class="scroll">
      <table class={chosen ? "events chosen" : "events"} style={chosen ? { minWidth: `${width}px` } : undefined}>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            <th class="c-open">
              <span class="unseen">Open</span>
            </th>
            <th class="c-time">Time</th>
            {columns.map((c) => (
              <th key={c.name} class={c.class} title={c.class === "c-field" ? c.label : undefined}>
                {c.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hits.map((hit) => (
            <Row key={hit._index + "/" + hit._id} hit={hit} open={open === hit._id} onOpen={onOpen} {...use} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ hit, open, onOpen, ...use }: { hit: Hit; open: boolean; onOpen: (id: string) => void } & Use) {
  const doc = hit.source;
  const id = useId();
  const columns = use.columns?.all ?? standardColumns;
  const toggle = () => onOpen(open ? "" : hit._id);
  return (
    <>
      <tr
        class={open ? "row open" : "row"}
        onClick={() => {
          if (!getSelection()?.toString()) toggle();
        }}
      >
        <td class="c-open">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={id}
            aria-label={`All fields of the event of ${full(text(doc, "@timestamp"))}`}
            onClick={(e) => {
              e.stopPropagation();
              toggle();
            }}
          >
            <span aria-hidden="true">{open ? "▾" : "▸"}</span>
          </button>
        </td>
        <td class="c-time">{full(text(doc, "@timestamp"))}</td>
        {columns.map((c) => (
          <td key={c.name} class={c.class}>
            {c.show(doc)}
          </td>
        ))}
      </tr>
      {open && (
        <tr class="detail">
          <td colSpan={columns.length + 2} id={id}>
            <Detail hit={hit} {...use} />
          </td>
        </tr>
      )}
    </>
  );
}

/** Puts a text on the clipboard. Browsers have none where a console is called without TLS beyond loopback, but still copy what is selected. */
async function copy(what: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(what);
  const had = document.activeElement;
  const held = document.createElement("textarea");
  held.value = what;
  held.className = "unseen";
  document.body.append(held);
  held.select();
  const done = document.execCommand("copy");
  held.remove();
  if (had instanceof HTMLElement) had.focus();
  if (!done) throw new Error("not allowed");
}

function Copy({ what, label }: { what: string; label: string }) {
  const [done, setDone] = useState("");
  return (
    <button
      type="button"
      class="small"
      onClick={() => {
        copy(what).then(
          () => setDone("Copied"),
          () => setDone("Not allowed"),
        );
        setTimeout(() => setDone(""), 1500);
      }}
    >
      <span role="status">{done || label}</span>
    </button>
  );
}

/** One event whole: the raw line, then every field with its filters. */
function Detail({ hit, ...use }: { hit: Hit } & Use) {
  const [find, setFind] = useState("");
  const [asked, setAsked] = useState(""); // the field whose values are shown
  const [json, setJSON] = useState(false);
  const raw = text(hit.source, "event.original");
  const at = text(hit.source, "@timestamp");
  const near = around(at, at);
  const fields = flatten(hit.source).filter((f) => f.name !== "event.original");
  const wanted = find.trim().toLowerCase();
  const shown = fields.filter((f) => !wanted || f.name.toLowerCase().includes(wanted) || f.values.some((v) => scalar(v).toLowerCase().includes(wanted)));
  return (
    <div class="event">
      <section aria-label="Raw line">
        <header>
          <h3>Raw line</h3>
          {raw && <Copy what={raw} label="Copy" />}
        </header>
        {raw ? <pre class="raw">{visible(raw)}</pre> : <p class="muted">This event was not made from a line.</p>}
      </section>
      <section aria-label="Fields">
        <header>
          <h3>Fields</h3>
          <input type="search" placeholder="Find a field or value" aria-label="Find a field or value" value={find} onInput={(e) => setFind(e.currentTarget.value)} />
          <button type="button" class="small" aria-pressed={json} onClick={() => setJSON(!json)}>
            JSON
          </button>
          <Copy what={JSON.stringify(hit.source, null, 2)} label="Copy JSON" />
          <Link to="/rules" params={{ event: hit._id }} class="button small">
            Ask a rule about it
          </Link>
          <Link to="/" params={near} class="button small">
            5 minutes around it
          </Link>
          <span class="where">
            {visible(hit._index)} ·{" "}
            <Link to="/" params={{ ...near, q: `sluice.id:${quote(hit._id)}` }} title="A link to this event alone">
              {visible(hit._id)}
            </Link>
          </span>
        </header>
        {json ? (
          <pre class="raw">{visible(JSON.stringify(hit.source, null, 2))}</pre>
        ) : (
          <table class="fields">
            <tbody>
              {shown.map((f) => (
                <FieldRow key={f.name} field={f} asked={asked === f.name} onAsk={() => setAsked(asked === f.name ? "" : f.name)} {...use} />
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}

/** A field with its values; its name asks how often which values are there. */
function FieldRow({ field: f, asked, onAsk, ...use }: { field: Field; asked: boolean; onAsk: () => void } & Use) {
  const has = use.columns?.has(f.name);
  return (
    <>
      <tr class={asked ? "asked" : undefined}>
        <th scope="row">
          {named(f.name) ? (
            <button type="button" class="name" aria-expanded={asked} title="Its most frequent values" onClick={onAsk}>
              {f.name}
            </button>
          ) : (
            visible(f.name)
          )}
        </th>
        <td>
          {f.values.map((v, i) => (
            <Value key={i} name={f.name} v={v} onFilter={use.onFilter} />
          ))}
        </td>
      </tr>
      {asked && (
        <tr class="values">
          <td colSpan={2}>
            {use.columns && (
              <button type="button" class="small as-column" aria-pressed={has} onClick={() => use.columns!.toggle(f.name)}>
                {has ? "Remove the column" : "Show as a column"}
              </button>
            )}
            <TopValues field={f.name} within={use.within} onFilter={use.onFilter} />
          </td>
        </tr>
      )}
    </>
  );
}

function Value({ name, v, onFilter }: { name: string; v: unknown; onFilter: OnFilter }) {
  const shown = scalar(v);
  const filters = typeof v !== "object" && shown.length <= longestFilter;
  return (
    <div class="value">
      <span>{visible(shown)}</span>
      {filters && (
        <span class="filters">
          <button type="button" title="Only events with this value" aria-label={visible(`Only ${name} ${shown.slice(0, 80)}`)} onClick={() => onFilter(name, v, false)}>
            +
          </button>
          <button type="button" title="Without this value" aria-label={visible(`Without ${name} ${shown.slice(0, 80)}`)} onClick={() => onFilter(name, v, true)}>
            −
          </button>
        </span>
      )}
    </div>
  );
}
