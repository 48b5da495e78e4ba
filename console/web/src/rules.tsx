import { useState } from "preact/hooks";
import { type Coverage, type Covered, get, post, Refused, type Rule, type Rules as Answer } from "./api";
import { visible } from "./doc";
import { Fault, Find, Link, Nothing, Severity, Sort, Waiting } from "./parts";
import { go, type Place, useLoad } from "./state";
import { short } from "./time";

/** A rule with what is known of it. */
export type Known = Rule & { covered?: Covered };

const shows: [name: string, label: string, of: (r: Known) => boolean][] = [
  ["", "All rules", () => true],
  ["found", "That found something", (r) => r.matches > 0 || r.alerts > 0],
  ["silent", "That found nothing", (r) => r.matches === 0 && r.alerts === 0],
  ["noted", "Slow or noisy", (r) => !!r.notes?.length],
  ["shadow", "On trial", (r) => !!r.shadow],
  ["cannot", "That may be unable to fire", (r) => !!r.covered && r.covered.status !== "runs"],
];

const levels = ["informational", "low", "medium", "high", "critical"];

const sorts: { [name: string]: (a: Known, b: Known) => number } = {
  title: (a, b) => a.title.localeCompare(b.title),
  level: (a, b) => levels.indexOf(b.level) - levels.indexOf(a.level),
  matches: (a, b) => b.matches - a.matches,
  alerts: (a, b) => b.alerts - a.alerts,
  day: (a, b) => b.alerts_24h - a.alerts_24h,
  cost: (a, b) => b.us_per_event - a.us_per_event,
};

/** Since when a source must have sent something to count, by the server's clock. */
export const lastWeek = "now-7d";

/** Loads the rules with what coverage says of them; that may come later, or not at all. */
export function useRules() {
  const list = useLoad("rules", (signal) => get<Answer>("/api/v1/rules", {}, signal));
  const coverage = useLoad("coverage", (signal) => get<Coverage>("/api/v1/rules/coverage", { since: lastWeek }, signal));
  const covered = new Map(coverage.data?.rules.map((c) => [c.rule, c]));
  const rules: Known[] = (list.data?.rules ?? []).map((r) => ({ ...r, covered: covered.get(r.rule) }));
  const loaded = new Set(rules.map((r) => r.rule));
  const left = list.data ? (coverage.data?.rules.filter((c) => !c.rule || !loaded.has(c.rule)) ?? []) : [];
  const reload = () => {
    list.reload();
    coverage.reload();
  };
  return { data: list.data, error: list.error ?? coverage.error, loading: list.loading, judging: coverage.loading && !coverage.data, rules, left, packs: coverage.data?.packs, reload };
}

/** All rules. With an event in the address, one is chosen to be asked about it. */
export function Rules({ place, admin }: { place: Place; admin: boolean }) {
  const { q = "", show = "", sort = "", event = "" } = place.params;
  const { data, error, loading, judging, rules, left, reload } = useRules();
  const change = (params: object) => go("/rules", { q, show, sort, event, ...params }, true);
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = shows.find(([name]) => name === show)?.[2] ?? (() => true);
  const seen = rules.filter((r) => chosen(r) && words.every((w) => haystack(r).includes(w)));
  const waits = seen.length === 0 && judging; // techniques, and what cannot fire, are not known yet
  const by = Object.hasOwn(sorts, sort) && sorts[sort];
  if (by) seen.sort(by);
  const head = (name: string, label: string, cls: string) => <Sort label={label} class={cls} sorted={sort === name ? "descending" : undefined} onSort={() => change({ sort: sort === name ? "" : name })} />;
  return (
    <>
      {event && (
        <p class="asking" role="status">
          Choose the rule to ask about the event <code>{visible(event)}</code>.{" "}
          <button type="button" class="small" onClick={() => change({ event: "" })}>
            Cancel
          </button>
        </p>
      )}
      <div class="bar-top">
        <Find value={q} label="Find a rule" placeholder="Title, id, file or technique" onFind={(t) => change({ q: t })} />
        <select aria-label="Which rules" value={show} onChange={(e) => change({ show: e.currentTarget.value })}>
          {shows.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
        {admin && <Reload onDone={reload} />}
      </div>
      {error && <Fault error={error} onAgain={reload} />}
      {data?.load.error && (
        <div class="fault" role="alert">
          <strong>
            What was read at {short(data.load.tried ?? "")} has faults; the rules of {short(data.load.at ?? "")} stay.
          </strong>
          <pre>{visible(data.load.error)}</pre>
        </div>
      )}
      {left.length > 0 && <LeftOut rules={left} />}
      <section class="panel results" aria-label="Rules" aria-busy={loading}>
        <header class="count">
          <span role="status">
            {data && !waits ? (
              <>
                <strong>{seen.length.toLocaleString("en")}</strong> {seen.length === 1 ? "rule" : "rules"}
                <span class="muted">
                  {" "}
                  {data.since
                    ? `asked about ${data.events.toLocaleString("en")} events since ${short(data.since)}`
                    : "asked by other processes, whose metrics have what they found and cost"}
                </span>
              </>
            ) : (
              "\u00a0"
            )}
          </span>
        </header>
        {((!data && loading) || waits) && <Waiting rows={12} />}
        {data && !waits && seen.length === 0 && (
          <Nothing title="No rule is like this">
            <button type="button" onClick={() => change({ q: "", show: "" })}>
              Show all rules
            </button>
          </Nothing>
        )}
        {seen.length > 0 && (
          <table class="alerts rules">
            <caption class="unseen">Rules</caption>
            <thead>
              <tr>
                {head("level", "Severity", "c-severity")}
                {head("title", "Rule", "")}
                {head("matches", "Matches", "c-number")}
                {head("alerts", "Alerts", "c-number")}
                {head("day", "Last 24 h", "c-number")}
                {head("cost", "µs an event", "c-number")}
              </tr>
            </thead>
            <tbody>
              {seen.map((r) => (
                <Row key={r.rule} rule={r} event={event} counted={!!data?.since} />
              ))}
            </tbody>
          </table>
        )}
      </section>
    </>
  );
}

const mostLeft = 200; // of thousands of other people's rules

/** Rules that do not run, and why. */
function LeftOut({ rules }: { rules: Covered[] }) {
  return (
    <details class="panel left">
      <summary>
        {rules.length.toLocaleString("en")} {rules.length === 1 ? "rule is" : "rules are"} left out
      </summary>
      <ul>
        {rules.slice(0, mostLeft).map((c) => (
          <li key={c.place + (c.rule ?? "")}>
            <code>{visible(c.place)}</code> {visible(c.title ?? "")} <span class="muted">{visible(c.why ?? c.reason ?? "")}</span>
          </li>
        ))}
      </ul>
      {rules.length > mostLeft && <p class="muted">The first {mostLeft}; sluice rules coverage tells all.</p>}
    </details>
  );
}

function haystack(r: Known): string {
  return [r.title, r.rule, r.place, r.kind, r.level, ...(r.covered?.techniques ?? [])].join(" ").toLowerCase();
}

function Row({ rule: r, event, counted }: { rule: Known; event: string; counted: boolean }) {
  const to = `/rules/${encodeURIComponent(r.rule)}`;
  const params = event ? { event } : undefined;
  return (
    <tr class="row" onClick={() => getSelection()?.toString() || go(to, params)}>
      <td class="c-severity">
        <Severity name={r.level} />
      </td>
      <td class="c-title">
        <Link to={to} params={params}>
          {visible(r.title)}
        </Link>
        <span class="muted">
          {visible(r.kind)} · {visible(r.place)}
          <Tags rule={r} />
        </span>
      </td>
      {[r.matches.toLocaleString("en"), r.alerts.toLocaleString("en"), r.alerts_24h.toLocaleString("en"), r.us_per_event.toFixed(2)].map((n, i) => (
        <td key={i} class="c-number">
          {counted ? n : "–"}
        </td>
      ))}
    </tr>
  );
}

const states: { [status: string]: string } = { cannot: "cannot fire", if_sent: "needs more of its source", silent: "no source" };

/** What is unusual about a rule, in a word each; the rest is in the title. */
export function Tags({ rule: r }: { rule: Known }) {
  const tags: [string, string][] = (r.notes ?? []).map((n) => [n.split(":")[0]!, n]);
  if (r.shadow) tags.push(["on trial", "nobody is told of what it finds"]);
  if (r.covered && r.covered.status !== "runs") tags.push([states[r.covered.status] ?? r.covered.status, r.covered.why ?? ""]);
  return (
    <>
      {tags.map(([word, why]) => (
        <span key={word} class="tag" title={visible(why)}>
          {visible(word)}
        </span>
      ))}
    </>
  );
}

function Reload({ onDone }: { onDone: () => void }) {
  const [state, setState] = useState<{ busy?: boolean; error?: Refused }>({});
  const run = () => {
    setState({ busy: true });
    post("/api/v1/rules/reload", {}).then(
      () => {
        setState({});
        onDone();
      },
      (error: Refused) => {
        setState({ error });
        onDone();
      },
    );
  };
  return (
    <>
      <button type="button" disabled={state.busy} onClick={run} title="Read packs and rules again">
        {state.busy ? "Reading…" : "Read again"}
      </button>
      {/* Faults of the rules stand below, with their places. */}
      {state.error && <Fault error={state.error.status === 422 ? new Refused("Not taken: the rules have faults.", 422) : state.error} />}
    </>
  );
}
