import { useId, useState } from "preact/hooks";
import type { Doc, Hit } from "./api";
import { firstOf, flatten, scalar, text, value, visible } from "./doc";
import { Link } from "./parts";
import { longestFilter, quote } from "./query";
import { around, full } from "./time";

export type OnFilter = (field: string, value: unknown, out: boolean) => void;

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

/** Events as rows that open to all of their fields. open is the _id of the open row. */
export function EventTable(props: { hits: Hit[]; open: string; onOpen: (id: string) => void; onFilter: OnFilter; label: string }) {
  return (
    <table class="events">
      <caption class="unseen">{props.label}</caption>
      <thead>
        <tr>
          <th class="c-open">
            <span class="unseen">Open</span>
          </th>
          <th class="c-time">Time</th>
          <th class="c-dataset">Dataset</th>
          <th class="c-host">Host</th>
          <th class="c-ends">Source → destination</th>
          <th class="c-action">Action</th>
          <th>Message</th>
        </tr>
      </thead>
      <tbody>
        {props.hits.map((hit) => (
          <Row key={hit._index + "/" + hit._id} hit={hit} open={props.open === hit._id} onOpen={props.onOpen} onFilter={props.onFilter} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ hit, open, onOpen, onFilter }: { hit: Hit; open: boolean; onOpen: (id: string) => void; onFilter: OnFilter }) {
  const doc = hit.source;
  const id = useId();
  const toggle = () => onOpen(open ? "" : hit._id);
  const dataset = text(doc, "event.dataset").replace(/^sluice\./, "");
  const outcome = text(doc, "event.outcome");
  const unparsed = value(doc, "sluice.unparsed") !== undefined;
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
        <td class="c-dataset">{visible(dataset)}</td>
        <td class="c-host">{visible(firstOf(doc, "host.hostname", "host.name", "observer.name", "observer.hostname", "log.syslog.hostname"))}</td>
        <td class="c-ends">{visible(endpoints(doc))}</td>
        <td class="c-action">
          {outcome === "failure" && <span class="dot" title="failure" />}
          {visible(firstOf(doc, "event.action", "event.outcome"))}
        </td>
        <td class="c-message">
          <div>
            {unparsed && <span class="tag">unparsed</span>}
            {visible(firstOf(doc, "message", "event.original").slice(0, 500))}
          </div>
        </td>
      </tr>
      {open && (
        <tr class="detail">
          <td colSpan={7} id={id}>
            <Detail hit={hit} onFilter={onFilter} />
          </td>
        </tr>
      )}
    </>
  );
}

function Copy({ what, label }: { what: string; label: string }) {
  const [done, setDone] = useState("");
  return (
    <button
      type="button"
      class="small"
      onClick={() => {
        navigator.clipboard.writeText(what).then(
          () => setDone("Copied"),
          () => setDone("Not allowed"),
        );
        setTimeout(() => setDone(""), 1500);
      }}
    >
      {done || label}
    </button>
  );
}

/** One event whole: the raw line, then every field with its filters. */
export function Detail({ hit, onFilter }: { hit: Hit; onFilter: OnFilter }) {
  const [find, setFind] = useState("");
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
                <tr key={f.name}>
                  <th scope="row">{visible(f.name)}</th>
                  <td>
                    {f.values.map((v, i) => (
                      <Value key={i} name={f.name} v={v} onFilter={onFilter} />
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
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
