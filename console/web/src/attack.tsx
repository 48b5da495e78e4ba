import { get, type Technique, type Attack as Table } from "./api";
import { visible } from "./doc";
import { Fault, Link, Waiting } from "./parts";
import { type Known, lastWeek, useRules } from "./rules";
import { go, type Place, useLoad } from "./state";

type Tactic = Table["tactics"][number];

type Cell = { technique: Technique; runs: Known[]; idle: Known[]; subs: Cell[] };

/** The matrix of MITRE ATT&CK: which techniques the rules detect that can fire with the sources heard lately. */
export function Attack({ place }: { place: Place }) {
  const { all = "" } = place.params;
  const table = useLoad("attack", (signal) => get<Table>("/api/v1/rules/attack", {}, signal));
  const { data, error, rules, packs, reload } = useRules();
  const failed = error ?? table.error;
  const again = () => {
    reload();
    table.reload();
  };
  if (failed) return <Fault error={failed} onAgain={again} />;
  if (!data || !table.data || !packs) {
    return (
      <section class="panel">
        <Waiting rows={12} />
      </section>
    );
  }
  const { cells, others } = arrange(table.data.techniques, rules);
  const tactics = table.data.tactics;
  const running = cells.filter((c) => sum(c, "runs") > 0).length;
  return (
    <>
      <div class="bar-top">
        <p class="space" role="status">
          <strong>{running}</strong> of {cells.length} techniques have a rule that can fire with the {packs.length} {packs.length === 1 ? "kind of source" : "kinds of sources"} heard in the last week.
        </p>
        <button type="button" aria-pressed={all !== ""} onClick={() => go("/attack", { all: all ? "" : "1" }, true)}>
          All techniques
        </button>
        <a class="button" href={`/api/v1/rules/layer?since=${lastWeek}`} title="For MITRE's ATT&CK Navigator">
          Navigator layer
        </a>
      </div>
      <section class="panel matrix" aria-label="ATT&CK">
        {tactics.map((tactic) => {
          const here = cells.filter((c) => c.technique.tactics.includes(tactic.id)).map((c) => under(c, tactic, tactics));
          const shown = all ? here : here.filter((c) => sum(c, "runs") + sum(c, "idle") > 0);
          return (
            <div key={tactic.id}>
              <h2>{tactic.name}</h2>
              <p class="muted">
                {here.filter((c) => sum(c, "runs") > 0).length} of {here.length}
              </p>
              <ul>
                {shown.map((c) => (
                  <Square key={c.technique.id} cell={c} />
                ))}
              </ul>
            </div>
          );
        })}
        {others.length > 0 && (
          <div>
            <h2>Not of {table.data.version}</h2>
            <p class="muted">Newer, older or none.</p>
            <ul>
              {others.map((c) => (
                <Square key={c.technique.id} cell={c} />
              ))}
            </ul>
          </div>
        )}
      </section>
      <p class="muted end">
        Coloured: rules that can fire. Grey: rules whose sources have sent nothing in the last week, or that cannot fire. Techniques of MITRE ATT&CK {table.data.version}, © The MITRE Corporation.
      </p>
    </>
  );
}

/** Techniques with their rules, sub-techniques with theirs; and what rules name that is none of them. */
function arrange(techniques: Technique[], rules: Known[]): { cells: Cell[]; others: Cell[] } {
  const cells = new Map<string, Cell>();
  const top: Cell[] = [];
  const others: Cell[] = [];
  for (const technique of techniques) {
    const cell: Cell = { technique, runs: [], idle: [], subs: [] };
    cells.set(technique.id, cell);
    const parent = cells.get(technique.id.split(".")[0]!);
    if (parent && parent !== cell) parent.subs.push(cell);
    else top.push(cell);
  }
  for (const rule of rules) {
    for (const id of rule.covered?.techniques ?? []) {
      let cell = cells.get(id);
      if (!cell) {
        cell = { technique: { id, name: "", tactics: [] }, runs: [], idle: [], subs: [] };
        cells.set(id, cell);
        others.push(cell);
      }
      cell[rule.covered?.status === "runs" || rule.covered?.status === "if_sent" ? "runs" : "idle"].push(rule);
    }
  }
  return { cells: top, others };
}

/** The technique with the rules that are about it for this tactic: those that name the tactic, or none of the technique's. */
function under(c: Cell, tactic: Tactic, tactics: Tactic[]): Cell {
  const names = tactics.filter((t) => c.technique.tactics.includes(t.id)).map((t) => t.name);
  const here = ({ covered }: Known) => {
    const named = names.filter((name) => covered?.tactics?.includes(name));
    return named.length === 0 || named.includes(tactic.name);
  };
  return { technique: c.technique, runs: c.runs.filter(here), idle: c.idle.filter(here), subs: c.subs.map((s) => under(s, tactic, tactics)) };
}

/** How many rules a technique has, those of its sub-techniques among them. */
function sum(c: Cell, of: "runs" | "idle"): number {
  return new Set([c, ...c.subs].flatMap((x) => x[of].map((r) => r.rule))).size;
}

function Square({ cell: c }: { cell: Cell }) {
  const runs = sum(c, "runs");
  const idle = sum(c, "idle");
  const subs = c.subs.filter((s) => s.runs.length + s.idle.length > 0).map((s) => `${s.technique.id} ${s.technique.name}: ${s.runs.length + s.idle.length}`);
  const level = runs === 0 ? (idle > 0 ? "idle" : "none") : runs < 3 ? "some" : "many";
  return (
    <li class={level} title={subs.join("\n") || undefined}>
      {runs + idle > 0 ? (
        <Link to="/rules" params={{ q: c.technique.id.toLowerCase() }}>
          {visible(c.technique.name || c.technique.id)}
        </Link>
      ) : (
        visible(c.technique.name)
      )}
      <span class="muted">
        {c.technique.id}
        {runs > 0 && ` · ${runs} ${runs === 1 ? "rule" : "rules"}`}
        {idle > 0 && ` · ${idle} idle`}
      </span>
    </li>
  );
}
