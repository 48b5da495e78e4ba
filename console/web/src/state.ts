import { useEffect, useRef, useState } from "preact/hooks";
import { type Params, queryString, Refused } from "./api";

// The address holds the state of the page: what is seen can be linked, and Back goes back.

export type Place = { path: string; params: Params };

const moved = new EventTarget();

function here(): Place {
  return { path: location.pathname, params: Object.fromEntries(new URLSearchParams(location.search)) };
}

export function go(path: string, params: Params = {}, replace = false): void {
  const url = path + queryString(params);
  if (url === location.pathname + location.search) replace = true;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  moved.dispatchEvent(new Event("moved"));
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const update = () => setPlace(here());
    moved.addEventListener("moved", update);
    addEventListener("popstate", update);
    return () => {
      moved.removeEventListener("moved", update);
      removeEventListener("popstate", update);
    };
  }, []);
  return place;
}

export type Loaded<T> = { data?: T; error?: Refused; loading: boolean; reload: () => void };

/**
 * Loads whenever key changes or reload is called. What was there stays until the new
 * answer comes, so that nothing jumps; an older answer never overtakes a newer one.
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: Refused; loading: boolean }>({ loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ ...old, loading: true }));
    latest.current(abort.signal).then(
      (data) => abort.signal.aborted || setState({ data, loading: false }),
      (err: unknown) => {
        if (abort.signal.aborted) return;
        const error = err instanceof Refused ? err : new Refused("The page failed to read the answer.", 0);
        setState((old) => ({ ...old, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [key, turn]);
  return { ...state, reload: () => setTurn((n) => n + 1) };
}

/** The seconds between two refreshes that an address may ask for; 0: none. */
export function interval(text: string): number {
  return refreshes.includes(Number(text)) ? Number(text) : 0;
}

export const refreshes = [5, 30, 60];

/** Calls again every so many seconds while the page is seen; 0: never. */
export function useEvery(seconds: number, call: () => void): void {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    if (!seconds) return;
    const timer = setInterval(() => document.hidden || latest.current(), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
}

export type Theme = "light" | "dark";

export function theme(): Theme {
  const stored = localStorage.getItem("theme");
  if (stored === "light" || stored === "dark") return stored;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function setTheme(t: Theme): void {
  localStorage.setItem("theme", t);
  document.documentElement.dataset.theme = t;
}
