import { useEffect, useState } from "preact/hooks";
import { type AlertFound, type Found, get, type Hit, Refused } from "./api";
import { firstOf, text, value, visible } from "./doc";
import { Facts, Fault, Link, NotAll, Nothing, QueryBox, RangePicker, Refresh, Severity, sentence, Waiting } from "./parts";
import { narrowed } from "./query";
import { go, interval, type Place, useEvery, useLoad } from "./state";
import { EventTable } from "./table";
import { short } from "./time";
import { status, Triage } from "./triage";

const severities = ["critical", "high", "medium", "low", "informational"];

/** The list of alerts. */
export function Alerts({ place }: { place: Place }) {
  const { q = "", from = "now-7d", to = "", ns = "", severity = "", status = "", rule = "", refresh = "" } = place.params;
  const ask = { q, from, to, namespace: ns, severity, status, rule };
  const found = useLoad(JSON.stringify(ask), (signal) => get<Found>("/api/v1/alerts", ask, signal));
  const [more, setMore] = useState<{ hits: Hit[]; next?: string; loading?: boolean; error?: Refused }>({ hits: [] });
  useEffect(() => setMore({ hits: [] }), [found.data]);
  const seconds = interval(refresh);
  const paused = more.hits.length > 0;
  useEvery(paused || found.loading ? 0 : seconds, found.reload);

  const change = (params: object) => go("/alerts", { q, from, to, ns, severity, status, rule, refresh, ...params });
  const chosen = severity ? severity.split(",") : [];
  const toggle = (name: string) => {
    const set = chosen.includes(name) ? chosen.filter((s) => s !== name) : [...chosen, name];
    change({ severity: set.length === severities.length ? "" : set.join(",") });
  };
  const data = found.data;
  const hits = data ? [...data.hits, ...more.hits] : [];
  const next = more.hits.length ? more.next : data?.next;
  const loadMore = () => {
    setMore({ ...more, loading: true });
    get<Found>("/api/v1/alerts", { ...ask, after: next }).then(
      (page) => setMore({ hits: [...more.hits, ...page.hits], next: page.next }),
      (error: Refused) => setMore({ ...more, error, loading: false }),
    );
  };
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
          <option value="open">Open</option>
          <option value="acknowledged">Acknowledged</option>
          <option value="closed">Closed</option>
        </select>
        {rule && (
          <button type="button" class="chip rule" aria-pressed={true} onClick={() => change({ rule: "" })} title="Alerts of all rules">
            Rule {visible(hits[0] ? text(hits[0].source, "rule.name") : rule)} ×
          </button>
        )}
      </div>
      {found.error && found.error.field !== "q" && <Fault error={found.error} />}
      <section class="panel results" aria-label="Alerts" aria-busy={found.loading}>
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
        </header>
        {!data && found.loading && <Waiting rows={8} />}
        {!data && found.error && <Nothing title="Nothing to show yet" />}
        {data && hits.length === 0 && (
          <Nothing title="No alerts in this range">
            {data.hint && <span>{sentence(data.hint)}</span>}
            <span>{q || severity || status || rule ? "Some may be left out by the filters." : "Rules have found nothing to report."}</span>
            {(q || severity || status || rule) && (
              <button type="button" onClick={() => change({ q: "", severity: "", status: "", rule: "" })}>
                Clear the filters
              </button>
            )}
          </Nothing>
        )}
        {hits.length > 0 && <AlertTable hits={hits} />}
        {more.error && <Fault error={more.error} />}
        {next && (
          <div class="more">
            <button type="button" disabled={more.loading} onClick={loadMore}>
              {more.loading ? "Loading…" : "Load more"}
            </button>
          </div>
        )}
      </section>
    </>
  );
}

function AlertTable({ hits }: { hits: Hit[] }) {
  return (
    <table class="alerts">
      <caption class="unseen">Alerts found</caption>
      <thead>
        <tr>
          <th class="c-severity">Severity</th>
          <th>Alert</th>
          <th class="c-count">Events</th>
          <th class="c-seen">First seen</th>
          <th class="c-seen">Last seen</th>
          <th class="c-status">Status</th>
        </tr>
      </thead>
      <tbody>
        {hits.map(({ _id, _index, source }) => {
          const id = text(source, "sluice.alert.id") || _id;
          return (
            <tr key={`${_index}/${_id}`} class="row" onClick={() => getSelection()?.toString() || go(`/alerts/${encodeURIComponent(id)}`)}>
              <td class="c-severity">
                <Severity name={text(source, "sluice.alert.severity")} />
              </td>
              <td class="c-title">
                <Link to={`/alerts/${encodeURIComponent(id)}`}>{visible(title(source))}</Link>
                <span class="muted">
                  {visible(text(source, "rule.name"))}
                  {value(source, "sluice.alert.late") === true && <span class="tag">late</span>}
                </span>
              </td>
              <td class="c-count">{count(source)}</td>
              <td class="c-seen">{short(firstOf(source, "sluice.alert.first", "event.start", "@timestamp"))}</td>
              <td class="c-seen">{short(firstOf(source, "sluice.alert.last", "event.end", "@timestamp"))}</td>
              <td class="c-status">{visible(status(source))}</td>
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
  if (found.error) {
    return (
      <>
        <Back />
        <Fault error={found.error} />
      </>
    );
  }
  if (!found.data) {
    return (
      <>
        <Back />
        <section class="panel">
          <Waiting rows={8} />
        </section>
      </>
    );
  }
  const { alert, events, missing } = found.data;
  const s = alert.source;
  const first = firstOf(s, "sluice.alert.first", "event.start", "@timestamp");
  const last = firstOf(s, "sluice.alert.last", "event.end", "@timestamp");
  return (
    <>
      <Back />
      <section class="panel alert">
        <header>
          <Severity name={text(s, "sluice.alert.severity")} />
          <h1>{visible(title(s))}</h1>
          {value(s, "sluice.alert.late") === true && <span class="tag">late: happened before it could be seen</span>}
        </header>
        <p class="muted">{visible(text(s, "rule.description"))}</p>
        <Facts facts={facts(s, first, last)} />
        <Triage key={text(s, "sluice.triage.assignee")} id={id} source={s} onChanged={found.reload} />
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
            {missing > 0 && `, ${missing} not in the index (not indexed yet, or beyond their retention)`}
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
          />
        )}
      </section>
    </>
  );
}

function Back() {
  return (
    <p class="back">
      <Link to="/alerts">← All alerts</Link>
    </p>
  );
}

function around(first: string, last: string): { from: string; to: string } {
  const [a, b] = [new Date(first).getTime(), new Date(last).getTime()];
  if (Number.isNaN(a) || Number.isNaN(b)) return { from: "now-24h", to: "" };
  return { from: new Date(a - 300_000).toISOString(), to: new Date(b + 300_000).toISOString() };
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
    ["Technique", firstOf(s, "threat.technique.id")],
    ["Values", text(s, "sluice.alert.values")],
    ["Revision", text(s, "sluice.alert.revision")],
    ["Id", text(s, "sluice.alert.id")],
  ];
}
