import { ColumnPicker, fieldsOf, useColumns } from "./columns";
import { Export } from "./export";
import { Histogram } from "./histogram";
import { most, useHits } from "./hits";
import { Fault, NotAll, Nothing, QueryBox, RangePicker, Refresh, sentence, Waiting } from "./parts";
import { narrowed } from "./query";
import { Saved } from "./saved";
import { go, interval, type Place, toContent, useEvery } from "./state";
import { EventTable } from "./table";

/** The search page. */
export function Events({ place }: { place: Place }) {
  const { q = "", from = "now-15m", to = "", ns = "", sort = "", refresh = "", cols = "" } = place.params;
  const columns = useColumns(place);
  const ask = { q, from, to, namespace: ns, sort };
  const { found, hits, next, more, loadMore, open, setOpen, paused } = useHits("/api/v1/search", ask);
  const seconds = interval(refresh);
  useEvery(paused || found.loading ? 0 : seconds, found.reload);

  const change = (params: object) => go("/", { q, from, to, ns, sort, refresh, cols, ...params });
  // By a button that is gone then.
  const leaving = (params: object) => {
    change(params);
    toContent();
  };
  const data = found.data;
  // The range as it was understood, so that files and values are of what is seen.
  const shown = { q, from: data?.from ?? from, to: data?.to ?? to, namespace: ns };
  const newest = sort !== "@timestamp:asc";
  return (
    <>
      <div class="bar-top">
        <QueryBox value={q} label="Query" placeholder='failed password AND source.ip:"10.0.0.0/8"' error={found.error} onSearch={(text) => (text === q ? found.reload() : change({ q: text }))} />
        <RangePicker from={from} to={to} shown={data} onPick={(f, t) => change({ from: f, to: t })} />
        <Refresh seconds={seconds} paused={paused} loading={found.loading} onNow={found.reload} onPick={(s) => change({ refresh: s ? String(s) : "" })} />
      </div>
      {found.error && found.error.field !== "q" && <Fault error={found.error} />}
      <section class="panel" aria-label="Histogram" data-stale={found.stale || undefined}>
        <Histogram counts={data?.histogram} range={data} onRange={(f, t) => change({ from: f, to: t })} />
      </section>
      <section class="panel results" aria-label="Results" aria-busy={found.loading} data-stale={found.stale || undefined}>
        <h2 class="unseen">Results</h2>
        <header class="count">
          <span role="status">
            {data ? (
              <>
                <strong>{data.total.toLocaleString("en")}</strong> {data.total === 1 ? "event" : "events"}
                <span class="muted"> in {data.took_ms} ms</span>
                <NotAll found={data} />
              </>
            ) : (
              "\u00a0"
            )}
          </span>
          <span class="ways">
            <button type="button" class="small" onClick={() => change({ sort: newest ? "@timestamp:asc" : "" })}>
              {newest ? "Newest first ↓" : "Oldest first ↑"}
            </button>
            <ColumnPicker columns={columns} hits={hits} />
            {data && data.total > 0 && <Export path="/api/v1/search/export" params={{ ...shown, sort }} columns={fieldsOf(columns.all)} total={data.total} what="events" />}
            {/* The usual columns by name too: to the next one who opens it, others may be the last choice. */}
            <Saved page="events" to="/" params={{ q, from, to, ns, sort, cols: columns.all.map((c) => c.name).join() }} />
          </span>
        </header>
        {!data && found.loading && <Waiting rows={12} />}
        {!data && found.error && <Nothing title="Nothing to show yet" />}
        {data && hits.length === 0 && (
          <Nothing title="No events in this range">
            <span>{data.hint ? sentence(data.hint) : "Take a longer range, or fewer conditions."}</span>
            {q && (
              <button type="button" onClick={() => leaving({ q: "" })}>
                Clear the query
              </button>
            )}
            {from !== "now-24h" && (
              <button type="button" onClick={() => leaving({ from: "now-24h", to: "" })}>
                Last 24 hours
              </button>
            )}
          </Nothing>
        )}
        {hits.length > 0 && (
          <EventTable
            hits={hits}
            open={open}
            onOpen={setOpen}
            onFilter={(f, v, out) => leaving({ q: narrowed(q, f, v, out) })}
            label="Events found"
            columns={columns}
            within={{ params: shown, words: "this search" }}
          />
        )}
        {more.error && <Fault error={more.error} />}
        {next && (
          <div class="more">
            <button type="button" disabled={more.loading} onClick={loadMore}>
              {more.loading ? "Loading…" : "Load more"}
            </button>
            <span class="muted">
              {hits.length} of {data!.total.toLocaleString("en")}
            </span>
          </div>
        )}
        {hits.length >= most && <p class="muted end">The first {hits.length} events. Narrow the search to see others.</p>}
      </section>
    </>
  );
}
