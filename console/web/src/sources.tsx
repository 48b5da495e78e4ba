import { type Account, get, type Origin } from "./api";
import { visible } from "./doc";
import { Facts, Fault, Find, Nothing, Refresh, Sort, Waiting } from "./parts";
import { go, interval, type Place, useEvery, useLoad } from "./state";
import { short } from "./time";

const most = 1000; // rows; who has more origins narrows the list

const dropped = (o: Origin) => Object.values(o.dropped ?? {}).reduce((a, b) => a + b, 0);

const sorts: { [name: string]: (a: Origin, b: Origin) => number } = {
  origin: (a, b) => a.origin.localeCompare(b.origin),
  received: (a, b) => b.received - a.received,
  indexed: (a, b) => b.indexed - a.indexed,
  unparsed: (a, b) => b.unparsed - a.unparsed,
  dead: (a, b) => b.dead_lettered - a.dead_lettered,
  dropped: (a, b) => dropped(b) - dropped(a),
  heard: (a, b) => (a.heard ?? "").localeCompare(b.heard ?? ""), // who has been silent for longest first
};

const rising = ["origin", "heard"]; // the other columns have the most first

/** Who sends, what became of it, and who fell silent. */
export function Sources({ place }: { place: Place }) {
  const { q = "", sort = "", refresh = "" } = place.params;
  const { data, error, loading, reload } = useLoad("account", (signal) => get<Account>("/api/v1/account", {}, signal));
  const seconds = interval(refresh);
  useEvery(loading ? 0 : seconds, reload);
  const change = (params: object) => go("/sources", { q, sort, refresh, ...params }, true);
  const found = (data?.origins ?? []).filter((o) => o.origin.toLowerCase().includes(q.toLowerCase()));
  const by = Object.hasOwn(sorts, sort) && sorts[sort];
  if (by) found.sort(by);
  const head = (name: string, label: string, cls: string) => <Sort label={label} class={cls} sorted={sort !== name ? undefined : rising.includes(name) ? "ascending" : "descending"} onSort={() => change({ sort: sort === name ? "" : name })} />;
  return (
    <>
      <div class="bar-top">
        <Find value={q} label="Find a source" placeholder="Input, address, file or interface" onFind={(t) => change({ q: t })} />
        <Refresh seconds={seconds} paused={false} loading={loading} onNow={reload} onPick={(s) => change({ refresh: s ? String(s) : "" })} />
      </div>
      {error && <Fault error={error} />}
      {data && <Balance a={data} />}
      <section class="panel results" aria-label="Sources" aria-busy={loading}>
        <header class="count">
          <span role="status">
            {data ? (
              <>
                <strong>{found.length.toLocaleString("en")}</strong> {found.length === 1 ? "source" : "sources"}
              </>
            ) : (
              "\u00a0"
            )}
          </span>
        </header>
        {!data && loading && <Waiting rows={8} />}
        {data && found.length === 0 && <Nothing title={q ? "No source is like this" : "Nothing has been received yet"} />}
        {found.length > 0 && (
          <table class="alerts sources">
            <caption class="unseen">Sources</caption>
            <thead>
              <tr>
                {head("origin", "Source", "")}
                {head("received", "Received", "c-number")}
                {head("indexed", "Indexed", "c-number")}
                {head("unparsed", "Unparsed", "c-number")}
                {head("dead", "Dead letters", "c-number")}
                {head("dropped", "Dropped", "c-number")}
                {head("heard", "Last heard in the hour of", "c-seen")}
              </tr>
            </thead>
            <tbody>
              {found.slice(0, most).map((o) => (
                <tr key={o.origin} class="row">
                  <td class="c-title">{visible(o.origin)}</td>
                  <td class="c-number">{o.received.toLocaleString("en")}</td>
                  <td class="c-number">{o.indexed.toLocaleString("en")}</td>
                  <td class="c-number">{o.unparsed.toLocaleString("en")}</td>
                  <td class="c-number">{o.dead_lettered.toLocaleString("en")}</td>
                  <td class="c-number">
                    {dropped(o).toLocaleString("en")}
                    {Object.entries(o.dropped ?? {}).map(([reason, n]) => (
                      <span key={reason} class="tag">
                        {visible(reason)} {n.toLocaleString("en")}
                      </span>
                    ))}
                  </td>
                  <td class="c-seen">{o.heard ? short(o.heard).slice(0, 16) : "never"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {found.length > most && <p class="muted end">The first {most} sources. Find others by a part of their name.</p>}
      </section>
    </>
  );
}

/** Whether everything that was received has come to an end. */
function Balance({ a }: { a: Account }) {
  const s = a.sum;
  const n = (count: number) => count.toLocaleString("en");
  const facts: [string, string][] = [
    ["received", n(s.received)],
    ["split off", s.split ? n(s.split) : ""],
    ["indexed", n(s.indexed)],
    ["dead letters", n(s.dead_lettered)],
    ["dropped", n(dropped(s))],
    ["in flight", n(a.in_flight)],
    ["difference", n(a.difference)],
  ];
  return (
    <section class="panel alert" aria-label="The account">
      <header>
        <h2 class="title">{a.difference === 0 ? "Nothing is missing" : `${n(Math.abs(a.difference))} events ${a.difference > 0 ? "are unaccounted for" : "more came out than went in"}`}</h2>
      </header>
      <Facts facts={facts} />
    </section>
  );
}
