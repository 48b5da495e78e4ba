import { useEffect, useRef, useState } from "preact/hooks";
import { type Found, get, type Hit, type Params, type Refused } from "./api";
import { leave, left, useLoad } from "./state";

export const most = 1000; // rows on one page, and in one answer; who needs more narrows the search or uses the API

/** A list of what was found that grows by further pages. How long it is, and which row is open, Back and reload keep. */
export function useHits(path: string, ask: Params) {
  const size = () => (left().rows ? String(Math.min(left().rows!, most)) : undefined);
  const key = JSON.stringify([path, ask]);
  const found = useLoad(key, (signal) => get<Found>(path, { ...ask, size: size() }, signal));
  const [more, setMore] = useState<{ hits: Hit[]; last?: Found; loading?: boolean; error?: Refused }>({ hits: [] }); // last is there once one has come, be it empty
  const [open, setOpen] = useState("");
  const asked = useRef<AbortController>(undefined);
  // A page that comes late belongs to a list that is no longer there.
  useEffect(() => () => asked.current?.abort(), [key, found.data]);
  useEffect(() => {
    setMore({ hits: [] });
    setOpen(found.data?.hits.find((h) => h._id === left().open)?._id ?? "");
  }, [found.data]);
  const hits = found.data ? [...found.data.hits, ...more.hits] : [];
  const next = hits.length >= most ? undefined : (more.last ?? found.data)?.next;
  const loadMore = () => {
    const abort = (asked.current = new AbortController());
    setMore({ ...more, loading: true });
    // As many again: the end is near after a few pages, and few need the second one.
    get<Found>(path, { ...ask, after: next, size: String(Math.min(hits.length, most - hits.length)) }, abort.signal).then(
      (page) => {
        if (abort.signal.aborted) return;
        leave({ rows: hits.length + page.hits.length });
        setMore({ hits: [...more.hits, ...page.hits], last: page });
      },
      (error: Refused) => abort.signal.aborted || setMore({ ...more, error, loading: false }),
    );
  };
  const setOpenRow = (id: string) => {
    leave({ open: id });
    setOpen(id);
  };
  return { found, hits, next, more, loadMore, open, setOpen: setOpenRow, paused: open !== "" || more.hits.length > 0 };
}
