import { useEffect, useState } from "preact/hooks";
import { get, type Trace, type Why, type Window } from "./api";
import { visible } from "./doc";
import { Facts, Fault, Link, Nothing, Severity, Waiting } from "./parts";
import { quote } from "./query";
import { type Known, Tags, useRules } from "./rules";
import { go, lastSeen, useLoad } from "./state";
import { around, full, short } from "./time";

/** One rule: what it found and cost, whether it can fire, and why it did or did not for an event. */
export function RulePage({ id, event }: { id: string; event: string }) {
  const { data, error, rules, reload } = useRules();
  const rule = rules.find((r) => r.rule === id);
  return (
    <>
      <p class="back">
        <Link to="/rules" params={{ ...lastSeen("/rules"), event }}>
          ← All rules
        </Link>
      </p>
      {error && <Fault error={error} onAgain={reload} />}
      {!data && !error && (
        <section class="panel">
          <Waiting rows={6} />
        </section>
      )}
      {data && !rule && (
        <section class="panel">
          <Nothing title="No such rule runs" />
        </section>
      )}
      {rule && <About rule={rule} since={data?.since} />}
      {rule && <Ask rule={id} event={event} />}
    </>
  );
}

const states: { [status: string]: string } = {
  cannot: "It cannot fire:",
  if_sent: "It fires only where the source sends more than packs name:",
  silent: "It cannot fire now:",
};

function About({ rule: r, since }: { rule: Known; since?: string }) {
  const c = r.covered;
  const counted = (text: string) => (since ? text : "");
  const facts: [string, string][] = [
    ["Kind", r.kind],
    ["Matches", counted(r.matches.toLocaleString("en"))],
    ["Alerts", counted(r.alerts.toLocaleString("en"))],
    ["Alerts of 24 hours", counted(r.alerts_24h.toLocaleString("en"))],
    ["Cost", counted(`${r.us_per_event.toFixed(2)} µs an event, ${(100 * r.share).toFixed(0)} % of all rules`)],
    ["Counted since", short(since ?? "")],
    ["Status", r.status],
    ["Techniques", c?.techniques?.join(", ") ?? ""],
    ["False positives", r.falsepositives?.join("; ") ?? ""],
    ["Where", r.place],
    ["Id", r.rule],
  ];
  return (
    <section class="panel alert">
      <header>
        <Severity name={r.level} />
        <h1>{visible(r.title)}</h1>
        <Tags rule={r} />
      </header>
      {c && c.status !== "runs" && (
        <p>
          {states[c.status]} {visible(c.why ?? c.reason ?? "")}.
        </p>
      )}
      {r.notes?.map((n) => <p key={n}>{visible(n)}</p>)}
      {r.description && <p class="muted">{visible(r.description)}</p>}
      <Facts facts={facts} />
      {r.exceptions?.map((e) => (
        <p key={e.line}>
          {new Date(e.expires) < new Date() ? "Exception, expired " : "Exception until "}
          {short(e.expires)} by {visible(e.owner)} (line {e.line}): {visible(e.reason)}
        </p>
      ))}
      <p class="ways">
        <Link to="/alerts" params={{ rule: r.rule, shadow: r.shadow ? "show" : "" }} class="button">
          Its alerts
        </Link>
      </p>
    </section>
  );
}

/** Asks what the rule makes of one event of the index. */
function Ask({ rule, event }: { rule: string; event: string }) {
  const [draft, setDraft] = useState(event);
  const [turn, setTurn] = useState(0); // the same may be asked again: the event was not indexed yet, or the index was busy
  useEffect(() => setDraft(event), [event]);
  return (
    <section class="panel why" aria-label="Why">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          setTurn(turn + 1);
          go(`/rules/${encodeURIComponent(rule)}`, { event: draft.trim() });
        }}
      >
        <h2>Why, or why not?</h2>
        <input aria-label="Id of an event" placeholder="Id of an event (sluice.id)" value={draft} maxLength={500} spellcheck={false} onInput={(e) => setDraft(e.currentTarget.value)} />
        <button type="submit" class="primary" disabled={!draft.trim()}>
          Ask
        </button>
      </form>
      {event ? <Answer key={`${rule}/${event}/${turn}`} rule={rule} event={event} /> : <p class="muted">What this rule makes of an event: every part of its condition with the event's values, then its window, its alert and who is told.</p>}
    </section>
  );
}

function Answer({ rule, event }: { rule: string; event: string }) {
  const { data: w, error, reload } = useLoad(rule + "/" + event, (signal) => get<Why>("/api/v1/rules/why", { rule, event }, signal));
  if (error) return <Fault error={error} onAgain={error.status === 0 || error.status >= 500 ? reload : undefined} />;
  if (!w) return <Waiting rows={6} />;
  const alerts = [...new Set([...(w.live ?? []), ...(w.alert ? [w.alert] : [])])];
  return (
    <>
      <p role="status">
        <Mark yes={w.matches} /> <strong>{w.matches ? "The event matches" : "The event does not match"}</strong>: {visible(w.because)}. <span class="muted">{full(w.time)}</span>
      </p>
      {w.exception && (
        <p>
          An exception of {visible(w.exception.owner)} holds until {short(w.exception.expires)}: {visible(w.exception.reason)}
        </p>
      )}
      {w.conditions.map((c) => (
        <div key={c.name}>
          <h3>{visible(c.name)}</h3>
          <ul class="trace">
            <Part t={c.trace} wanted />
          </ul>
        </div>
      ))}
      {[...(w.group_by ?? []).map((f) => ["grouped by", f] as const), ...(w.value ? [["counted", w.value] as const] : [])].map(([what, f]) => (
        <p key={what + f.field}>
          <span class="muted">{what}</span> <code>{visible(f.field)}</code> {f.values.length ? visible(f.values.join(", ")) : <em>not set</em>}
        </p>
      ))}
      {w.windows?.map((win) => <Span key={win.key} w={win} />)}
      {w.through?.map((t) => (
        <p key={t.alert}>
          Part of the alert <Link to={`/alerts/${encodeURIComponent(t.alert)}`}>{visible(t.title)}</Link> of a rule below it.
        </p>
      ))}
      <h3>Alert</h3>
      {alerts.length === 0 && <p class="muted">It is part of no alert of this rule.</p>}
      {alerts.map((id) => (
        <p key={id}>
          <Link to={`/alerts/${encodeURIComponent(id)}`}>{visible(w.message || id)}</Link>
        </p>
      ))}
      {w.suppress && <p class="muted">What holds again within {visible(w.suppress)} belongs to the same alert.</p>}
      {w.route?.map((r) => (
        <p key={r.channel}>
          <Mark yes={r.told} /> {visible(r.channel)} {r.told ? "is told" : "is not told"}: {visible(r.why)}
        </p>
      ))}
    </>
  );
}

function Mark({ yes }: { yes: boolean }) {
  return <span class={yes ? "yes" : "no"}>{yes ? "yes" : "no"}</span>;
}

const words: { [kind: string]: string } = { all: "all of these", any: "one of these", not: "none of this" };

/** A part of a condition. What keeps the whole from holding stands out: wanted is what it should answer. */
function Part({ t, wanted }: { t: Trace; wanted: boolean }) {
  return (
    <li class={t.holds === wanted ? undefined : "missed"}>
      <Mark yes={t.holds} /> {t.text ? <code>{visible(t.text)}</code> : (words[t.kind] ?? t.kind)}
      {t.fields?.map((f) => (
        <span key={f.field} class="muted">
          {" "}
          {visible(f.field)}: {f.values.length ? visible(f.values.join(", ").slice(0, 500)) : "not set"}
        </span>
      ))}
      {t.parts && (
        <ul>
          {t.parts.map((p, i) => (
            <Part key={i} t={p} wanted={t.kind === "not" ? !wanted : wanted} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Span({ w }: { w: Window }) {
  const there = w.there ?? [];
  return (
    <div>
      <h3>Window</h3>
      <p>
        <code>{visible(w.key)}</code>{" "}
        <Mark yes={w.fires} /> {w.fires ? "the rule holds" : "the rule does not hold"} at this instant: {w.count.toLocaleString("en")} {w.count === 1 ? "match" : "matches"} from {short(w.from)} to {short(w.to)}
        {w.missing?.map((m) => <span key={m}>; why not: {visible(m)}</span>)}.
      </p>
      {there.length > 0 && (
        <table class="fields">
          <tbody>
            {there.map((m) => (
              <tr key={m.id + m.time}>
                <th scope="row">{full(m.time)}</th>
                <td>
                  <Link to="/" params={{ ...around(m.time, m.time), q: `sluice.id:${quote(m.id)}` }}>
                    {visible(m.id)}
                  </Link>{" "}
                  {visible([m.value ?? "", ...(m.steps ?? [])].filter(Boolean).join(", "))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {w.count > there.length && <p class="muted">The latest {there.length} of them.</p>}
    </div>
  );
}
