import { useEffect, useRef, useState } from "preact/hooks";
import { type Params, queryString, Refused } from "./api";
import { visible } from "./doc";

// The address holds the state of the page: what is seen can be linked, and Back goes back.

export type Place = { path: string; params: Params };

const moved = new EventTarget();

const last: { [path: string]: Params } = {};

/** With what a page was seen last, for the way back to it. */
export const lastSeen = (path: string): Params => last[path] ?? {};

function here(): Place {
  const params = Object.fromEntries(new URLSearchParams(location.search));
  last[location.pathname] = params;
  return { path: location.pathname, params };
}

/**
 * What of a page is no part of its address: how many rows were shown, which was open, how far
 * it was scrolled. It stays with the entry of the history, so Back and reload find it.
 */
type Left = { rows?: number; open?: string; y?: number };

export const left = (): Left => history.state ?? {};

export const leave = (what: Left): void => history.replaceState({ ...left(), ...what }, "");

// How far to scroll once what was there is there again; who scrolls first is left alone.
let wanted = left().y;
addEventListener("popstate", () => {
  wanted = left().y;
});
for (const by of ["wheel", "keydown", "pointerdown"]) addEventListener(by, () => (wanted = undefined), { passive: true });
addEventListener("pagehide", () => leave({ y: scrollY }));

function scrollBack(): void {
  if (wanted === undefined) return;
  scrollTo(0, wanted);
  if (Math.abs(scrollY - wanted) < 2) wanted = undefined;
}

export function go(path: string, params: Params = {}, replace = false): void {
  const url = path + queryString(params);
  if (url === location.pathname + location.search) replace = true;
  wanted = undefined;
  if (!replace) leave({ y: scrollY });
  if (replace) history.replaceState(history.state, "", url); // the same rows in another look
  else history.pushState(null, "", url);
  moved.dispatchEvent(new Event("moved"));
  if (!replace) scrollTo(0, 0);
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

/** stale: data is still the answer for another key. */
export type Loaded<T> = { data?: T; error?: Refused; loading: boolean; stale: boolean; reload: () => void };

/**
 * Loads whenever key changes or reload is called. What was there stays until the new
 * answer comes, so that nothing jumps, but not under an error that is not about it;
 * an older answer never overtakes a newer one.
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ data?: T; of?: string; error?: Refused; loading: boolean }>({ loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ ...old, loading: true }));
    latest.current(abort.signal).then(
      (data) => abort.signal.aborted || setState({ data, of: key, loading: false }),
      (err: unknown) => {
        if (abort.signal.aborted) return;
        const error = err instanceof Refused ? err : new Refused("The page failed to read the answer.", 0);
        setState((old) => ({ ...(old.of === key && old), error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [key, turn]);
  useEffect(() => {
    if (state.data !== undefined) requestAnimationFrame(scrollBack);
  }, [state.data]);
  return { ...state, stale: state.data !== undefined && state.of !== key, reload: () => setTurn((n) => n + 1) };
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

/** Names the page in the tab and the history. */
export function useTitle(...parts: string[]): void {
  const text = visible([...parts, "Sluice"].filter(Boolean).join(" · "));
  useEffect(() => {
    document.title = text;
  }, [text]);
}

/** Has keys and screen readers go on in the content of the page, where what they were on goes with its own deed. */
export function toContent(): void {
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** Calls when the page is looked at again, in a browser with many tabs. */
export function useLook(call: () => void): void {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    const look = () => document.hidden || latest.current();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
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
