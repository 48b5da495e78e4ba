import { get, type Params, type Values as Answer } from "./api";
import { scalar, visible } from "./doc";
import { Fault, Waiting } from "./parts";
import { longestFilter } from "./query";
import { useLoad } from "./state";
import type { OnFilter } from "./table";

/** What values are counted in: a search, and how it is called. */
export type Within = { params: Params; words: string };

/** The most frequent values of a field, each with the way to filter by it. */
export function TopValues({ field, within, onFilter }: { field: string; within: Within; onFilter: OnFilter }) {
  const ask = { ...within.params, field };
  const { data, error } = useLoad(JSON.stringify(ask), (signal) => get<Answer>("/api/v1/search/values", ask, signal));
  if (error) return <Fault error={error} />;
  if (!data) return <Waiting rows={3} />;
  const n = (count: number) => count.toLocaleString("en");
  return (
    <>
      <p class="muted" role="status">
        {data.values.length === 0
          ? data.with > 0
            ? "The index counts no values of it. Search for words of it instead."
            : `No event of ${within.words} has it in the index.`
          : `${n(data.with)} of ${n(data.total)} events of ${within.words} have it, with ${data.distinct > data.values.length ? `about ${n(data.distinct)} values; the most frequent:` : `${data.values.length === 1 ? "one value" : `${data.values.length} values`}:`}`}
        {data.timed_out && <span class="tag">not all: the search ran out of time</span>}
        {!!data.unread_parts && <span class="tag">not all: {data.unread_parts} parts of the index are damaged</span>}
      </p>
      <ol class="top-values">
        {data.values.map(({ value, count }) => {
          const shown = scalar(value);
          const share = data.with ? count / data.with : 0;
          return (
            <li key={shown}>
              <meter min={0} max={1} value={Math.min(1, share)} aria-hidden="true" />
              <span class="number">
                {n(count)} <span class="muted">{share >= 0.0995 ? Math.round(share * 100) : (share * 100).toFixed(1)} %</span>
              </span>
              {shown.length <= longestFilter && (
                <span class="choose">
                  <button type="button" class="small" aria-label={visible(`Filter for ${field} ${shown.slice(0, 80)}`)} onClick={() => onFilter(field, value, false)}>
                    Filter for
                  </button>
                  <button type="button" class="small" aria-label={visible(`Filter out ${field} ${shown.slice(0, 80)}`)} onClick={() => onFilter(field, value, true)}>
                    Filter out
                  </button>
                </span>
              )}
              <span class="what">{shown === "" ? <em>empty</em> : visible(shown.slice(0, 300)) + (shown.length > 300 ? "…" : "")}</span>
            </li>
          );
        })}
      </ol>
    </>
  );
}
