import { useEffect, useRef, useState } from "preact/hooks";
import { type AlertFound, get, type Hit, type Params, type Values } from "./api";
import { firstOf, scalar, text, value, visible } from "./doc";
import { Export } from "./export";
import { most, useHits } from "./hits";
import { Facts, Fault, Link, NotAll, Nothing, QueryBox, RangePicker, Refresh, Severity, Sort, sentence, Waiting } from "./parts";
import { narrowed } from "./query";
import { Saved } from "./saved";
import { go, interval, lastSeen, type Place, toContent, useEvery, useLoad, useLook, useTitle } from "./state";
import { EventTable } from "./table";
import { around, short } from "./time";
import { assignee, type Seen, seen, status, statuses, Triage } from "./triage";

const severities = ["critical", "high", "medium", "low", "informational"];

/** The list of alerts. */
export function Alerts({ place }: { place: Place }) {
  const { q = "", from = "now-7d", to = "", ns = "", severity = "", status = "", rule = "", shadow = "", sort = "", refresh = "" } = place.params;
  const ask = { q, from, to, namespace: ns, severity, status, rule, shadow, sort };
  const { found, hits, next, more, loadMore, ...rows } = useHits("/api/v1/alerts", ask);
  const [picked, setPicked] = useState<string[]>([]);
  useEffect(() => setPicked([]), [JSON.stringify(ask)]);
  // Of one that the list has no longer, how it was shown last.
  const shown = useRef(new Map<string, Seen>());
  for (const hit of hits) shown.current.set(alertId(hit), seen(hit.source));
  const seconds = interval(refresh);
  const paused = rows.paused || picked.length > 0;
  useEvery(paused || found.loading ? 0 : seconds, found.reload);
  useLook(() => paused || found.loading || found.reload()); // colleagues may have taken some

  const change = (params: object) => go("/alerts", { q, from, to, ns, severity, status, rule, shadow, sort, refresh, ...params });
  const chosen = severity.split(",").filter((name) => severities.includes(name));
  const toggle = (name: string) => {
    const set = chosen.includes(name) ? chosen.filter((s) => s !== name) : [...chosen, name];
    change({ severity: set.length === severities.length ? "" : set.join(",") });
  };
  const data = found.data;
  return (
    <>
      <div class="bar-top">
        <QueryBox value={q} label="Query" placeholder="rule.name:*brute* AND source.ip:10.0.0.5" error={found.error} onSearch={(t) => (t === q ? found.reload() : change({ q: t }))} />
        <RangePicker from={from} to={to} shown={data} onPick={(f, t) => change({ from: f, to: t })} />
        <Refresh seconds={seconds} paused={paused} loading={found.loading} onNow={found.reload} onPick={(s) => change({ refresh: s ? String(s) : "" })} />
      </div>
      <div class="chips" role="group" aria-label="Severity">
        {severities.map((name) => (
          <button key={name} type="button" class={`chip ${name}`} aria-pressed={chosen.includes(name)} onClick={() => toggle(name)}>
            {name}
          </button>
        ))}
        <select aria-label="Status" value={status} onChange={(e) => change({ status: e.currentTarget.value })}>
          <option value="">Any status</option>
          <option value="open,acknowledged">Not closed</option>
          {statuses.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
        <RuleFilter rule={rule} hits={hits} ask={data && { q, from: data.from, to: data.to, namespace: ns, severity, status, shadow }} onPick={(name) => change({ rule: name, shadow: "" })} />
      </div>
      {found.error && found.error.field !== "q" && <Fault error={found.error} />}
      <section class="panel results" aria-label="Alerts" aria-busy={found.loading} data-stale={found.stale || undefined}>
        <header class="count">
          <span role="status">
            {data ? (
              <>
                <strong>{data.total.toLocaleString("en")}</strong> {data.total === 1 ? "alert" : "alerts"}
                <NotAll found={data} />
              </>
            ) : (
              "\u00a0"
            )}
          </span>
          <span class="ways">
            {data && data.total > hits.length && <span class="muted">{hits.length} of them here</span>}
            {data && data.total > 0 && <Export path="/api/v1/alerts/export" params={{ ...ask, from: data.from, to: data.to }} total={data.total} what="alerts" />}
            <Saved page="alerts" to="/alerts" params={{ q, from, to, ns, severity, status, rule, shadow, sort }} />
          </span>
        </header>
        {picked.length > 0 && (
          <div class="picked" role="group" aria-label="Chosen alerts">
            <span role="status">
              <strong>{picked.length}</strong> chosen{" "}
              <button type="button" class="small" onClick={() => (setPicked([]), toContent())}>
                None
              </button>
            </span>
            <Triage
              ids={picked}
              shown={(id) => shown.current.get(id)}
              onChanged={(failed) => {
                setPicked((now) => now.filter((id) => !picked.includes(id) || failed.includes(id))); // others may have been chosen meanwhile
                found.reload();
              }}
            />
          </div>
        )}
        {!data && found.loading && <Waiting rows={8} />}
        {!data && found.error && <Nothing title="Nothing to show yet" />}
        {data && hits.length === 0 && (
          <Nothing title="No alerts in this range">
            {data.hint && <span>{sentence(data.hint)}</span>}
            <span>{q || severity || status || rule ? "Some may be left out by the filters." : "Rules have found nothing to report."}</span>
            {(q || severity || status || rule) && (
              <button type="button" onClick={() => (change({ q: "", severity: "", status: "", rule: "" }), toContent())}>
                Clear the filters
              </button>
            )}
          </Nothing>
        )}
        {hits.length > 0 && <AlertTable hits={hits} picked={picked} onPick={setPicked} sort={sort} onSort={(s) => change({ sort: s })} />}
        {more.error && <Fault error={more.error} />}
        {next && (
          <div class="more">
            <button type="button" disabled={more.loading} onClick={loadMore}>
              {more.loading ? "Loading…" : "Load more"}
            </button>
          </div>
        )}
        {hits.length >= most && <p class="muted end">The first {hits.length} alerts. Narrow the list to see others.</p>}
      </section>
    </>
  );
}

const alertId = (hit: Hit) => text(hit.source, "sluice.alert.id") || hit._id;

/** The rules that alerts of the list are of, the most frequent first, to see one's alone. */
function RuleFilter(props: { rule: string; hits: Hit[]; ask?: Params; onPick: (name: string) => void }) {
  const { data } = useLoad(JSON.stringify(props.ask ?? ""), async (signal) => (props.ask ? get<Values>("/api/v1/alerts/values", { ...props.ask, field: "rule.name", size: "100" }, signal) : undefined));
  const names = (data?.values ?? []).filter((v) => typeof v.value === "string" && v.value !== "" && v.value.length <= 200);
  const there = names.some((v) => v.value === props.rule);
  return (
    <select aria-label="Rule" class="of-rule" value={props.rule} onChange={(e) => props.onPick(e.currentTarget.value)}>
      <option value="">Any rule</option>
      {props.rule && !there && <option value={props.rule}>{visible(props.hits[0] ? text(props.hits[0].source, "rule.name") || props.rule : props.rule)}</option>}
      {names.map(({ value, count }) => (
        <option key={String(value)} value={String(value)}>
          {visible(String(value))} ({count.toLocaleString("en")})
        </option>
      ))}
    </select>
  );
}

/** What a column's head sorts by, as the API names it, and which way first. The list's own order is the last seen first. */
const orders: { [column: string]: [field: string, first: "asc" | "desc"] } = {
  severity: ["event.severity", "desc"],
  rule: ["rule.name", "asc"],
  count: ["sluice.alert.count", "desc"],
  first: ["sluice.alert.first", "desc"],
  last: ["@timestamp", "desc"],
  status: ["sluice.triage.status", "desc"],
};

type OnSort = (sort: string) => void;

function Head({ column, label, class: cls, sort, onSort }: { column: string; label: string; class: string; sort: string; onSort: OnSort }) {
  const [field, first] = orders[column]!;
  const [by, way] = (sort || "@timestamp:desc").split(":");
  const now = by === field ? way : "";
  const next = now === first ? `${field}:${first === "asc" ? "desc" : "asc"}` : now ? "" : `${field}:${first}`;
  return <Sort label={label} class={cls} sorted={now ? (now === "asc" ? "ascending" : "descending") : undefined} onSort={() => onSort(next === "@timestamp:desc" ? "" : next)} />;
}

function AlertTable({ hits, picked, onPick, ...by }: { hits: Hit[]; picked: string[]; onPick: (ids: string[]) => void; sort: string; onSort: OnSort }) {
  const all = hits.map(alertId);
  const chosen = new Set(picked);
  return (
    <table class="alerts">
      <caption class="unseen">Alerts found</caption>
      <thead>
        <tr>
          <th class="c-pick">
            <input type="checkbox" aria-label="Choose all shown" checked={all.every((id) => chosen.has(id))} onChange={(e) => onPick(e.currentTarget.checked ? all : [])} />
          </th>
          <Head column="severity" label="Severity" class="c-severity" {...by} />
          <Head column="rule" label="Alert, by rule" class="" {...by} />
          <Head column="count" label="Events" class="c-count" {...by} />
          <Head column="first" label="First seen" class="c-seen" {...by} />
          <Head column="last" label="Last seen" class="c-seen" {...by} />
          <Head column="status" label="Status" class="c-status" {...by} />
        </tr>
      </thead>
      <tbody>
        {hits.map((hit) => {
          const { _id, _index, source } = hit;
          const id = alertId(hit);
          return (
            <tr key={`${_index}/${_id}`} class="row" onClick={() => getSelection()?.toString() || go(`/alerts/${encodeURIComponent(id)}`)}>
              <td class="c-pick" onClick={(e) => e.stopPropagation()}>
                <input
                  type="checkbox"
                  aria-label={visible(`Choose ${title(source)}`)}
                  checked={chosen.has(id)}
                  onChange={(e) => onPick(e.currentTarget.checked ? [...picked, id] : picked.filter((p) => p !== id))}
                />
              </td>
              <td class="c-severity">
                <Severity name={text(source, "sluice.alert.severity")} />
              </td>
              <td class="c-title">
                <Link to={`/alerts/${encodeURIComponent(id)}`}>{visible(title(source))}</Link>
                <span class="muted">
                  {visible(text(source, "rule.name"))}
                  {value(source, "sluice.alert.late") === true && <span class="tag">late</span>}
                  {value(source, "sluice.alert.shadow") === true && <span class="tag">on trial</span>}
                </span>
              </td>
              <td class="c-count">{count(source)}</td>
              <td class="c-seen">{short(firstOf(source, "sluice.alert.first", "event.start", "@timestamp"))}</td>
              <td class="c-seen">{short(firstOf(source, "sluice.alert.last", "event.end", "@timestamp"))}</td>
              <td class="c-status">
                {visible(status(source))}
                {assignee(source) && <span class="muted">{visible(assignee(source))}</span>}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

type Source = Hit["source"];

const title = (s: Source) => firstOf(s, "message", "rule.name") || "Alert";

const count = (s: Source) => {
  const n = value(s, "sluice.alert.count");
  return typeof n === "number" ? n.toLocaleString("en") : visible(text(s, "sluice.alert.count"));
};

/** One alert with the events behind it. */
export function Alert({ id }: { id: string }) {
  const found = useLoad(id, (signal) => get<AlertFound>(`/api/v1/alerts/${encodeURIComponent(id)}`, {}, signal));
  const [open, setOpen] = useState("");
  useTitle(found.data ? title(found.data.alert.source) : "", "Alert");
  if (!found.data) {
    return (
      <>
        <Back />
        {found.error ? (
          <Fault error={found.error} />
        ) : (
          <section class="panel">
            <Waiting rows={8} />
          </section>
        )}
      </>
    );
  }
  const { alert, events, missing, unread_parts: unread = 0 } = found.data;
  const s = alert.source;
  const first = firstOf(s, "sluice.alert.first", "event.start", "@timestamp");
  const last = firstOf(s, "sluice.alert.last", "event.end", "@timestamp");
  return (
    <>
      <Back />
      {found.error && <Fault error={found.error} />}
      <section class="panel alert">
        <header>
          <Severity name={text(s, "sluice.alert.severity")} />
          <h1>{visible(title(s))}</h1>
          {value(s, "sluice.alert.late") === true && <span class="tag">late: happened before it could be seen</span>}
          {value(s, "sluice.alert.shadow") === true && <span class="tag">on trial: nobody was told of it</span>}
        </header>
        <p class="muted">{visible(text(s, "rule.description"))}</p>
        <Facts facts={facts(s, first, last)} />
        <Triage ids={[id]} source={s} shown={() => seen(s)} onChanged={found.reload} />
        <p class="ways">
          <Link to="/" params={around(first, last)} class="button">
            Search 5 minutes around it
          </Link>{" "}
          {text(s, "rule.id") && (
            <Link to={`/rules/${encodeURIComponent(text(s, "rule.id"))}`} params={events.length ? { event: events[events.length - 1]!._id } : undefined} class="button">
              Why it fired
            </Link>
          )}
        </p>
      </section>
      <section class="panel results" aria-label="Events behind it" aria-busy={found.loading}>
        <header class="count">
          <h2>Events behind it</h2>
          <span class="muted">
            {events.length} shown{count(s) && ` of ${count(s)}`}
            {missing > 0 && `, ${missing} not in the index (${unread ? `${unread} parts of it are damaged; sluice verify names them` : "not indexed yet, or beyond their retention"})`}
          </span>
        </header>
        {events.length === 0 ? (
          <Nothing title="None of its events is in the index" />
        ) : (
          <EventTable
            hits={events}
            open={open}
            onOpen={setOpen}
            onFilter={(f, v, out) => go("/", { ...around(first, last), q: narrowed("", f, v, out) })}
            label="Events behind the alert"
            within={{ params: around(first, last), words: "the time around the alert" }}
          />
        )}
      </section>
    </>
  );
}

function Back() {
  return (
    <p class="back">
      <Link to="/alerts" params={lastSeen("/alerts")}>
        ← All alerts
      </Link>
    </p>
  );
}

/** What stands at the head of an alert. */
function facts(s: Source, first: string, last: string): [string, string][] {
  return [
    ["Rule", firstOf(s, "rule.name", "rule.id")],
    ["Key", text(s, "sluice.alert.key")],
    ["Events", count(s)],
    ["First seen", short(first)],
    ["Last seen", short(last)],
    ["Still going on", text(s, "sluice.alert.state") === "open" ? "yes" : text(s, "sluice.alert.state") === "closed" ? "no" : ""],
    ["Tactic", text(s, "threat.tactic.name")],
    ["Technique", [text(s, "threat.technique.id"), text(s, "threat.technique.subtechnique.id")].filter(Boolean).join(", ")],
    ["Values", values(value(s, "sluice.alert.values"))],
    ["Revision", text(s, "sluice.alert.revision")],
    ["Id", text(s, "sluice.alert.id")],
  ];
}

/** What the rule counted, by field. */
function values(v: unknown): string {
  if (typeof v !== "object" || v === null) return v === undefined || v === null ? "" : scalar(v);
  const list = (of: unknown) => (Array.isArray(of) ? of : [of]).map(scalar).join(", ");
  if (Array.isArray(v)) return list(v);
  return Object.entries(v)
    .map(([field, of]) => `${field}: ${list(of)}`)
    .join("; ");
}
