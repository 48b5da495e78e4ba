import "./app.css";
import { type ComponentChildren, render } from "preact";
import { useEffect, useErrorBoundary, useRef, useState } from "preact/hooks";
import { Alert, Alerts } from "./alerts";
import { get, logOut, type Session } from "./api";
import { Attack } from "./attack";
import { visible } from "./doc";
import { Events } from "./events";
import { Link, Nothing } from "./parts";
import { RulePage } from "./rule";
import { Rules } from "./rules";
import { Sources } from "./sources";
import { go, type Place, setTheme, theme, toContent, useLoad, usePlace, useTitle } from "./state";

const pages: { path: string; name: string; namespaced?: boolean; show: (place: Place, session?: Session) => ComponentChildren }[] = [
  { path: "/", name: "Events", namespaced: true, show: (place) => <Events place={place} /> },
  { path: "/alerts", name: "Alerts", namespaced: true, show: (place) => <Alerts place={place} /> },
  { path: "/rules", name: "Rules", show: (place, session) => <Rules place={place} admin={session?.role === "admin"} /> },
  { path: "/attack", name: "ATT&CK", show: (place) => <Attack place={place} /> },
  { path: "/sources", name: "Sources", show: (place) => <Sources place={place} /> },
];

/** The pages of one thing, by the first part of their path. */
const single = {
  alerts: { name: "Alert", show: (id: string) => <Alert key={id} id={id} /> },
  rules: { name: "Rule", show: (id: string, place: Place) => <RulePage id={id} event={place.params.event ?? ""} /> },
};

function App() {
  const place = usePlace();
  const session = useLoad("session", (signal) => get<Session>("/api/v1/session", {}, signal));
  const ns = place.params.ns ?? "";
  const namespaces = [...new Set([...(session.data?.namespaces ?? []), ...(ns ? [ns] : [])])]; // a link may name another
  const page = pages.find((p) => p.path === place.path);
  const [, section = "", id = ""] = place.path.split("/");
  const one = Object.hasOwn(single, section) && id ? single[section as keyof typeof single] : undefined;
  useTitle(place.params.q ?? "", page?.name ?? one?.name ?? "No such page");
  const seen = useRef(place.path);
  useEffect(() => {
    // Another page: keys and screen readers go on in it, not where the link was.
    if (seen.current !== place.path) toContent();
    seen.current = place.path;
  }, [place.path]);
  return (
    <>
      <header class="top">
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <Link to="/" class="brand">
          <Mark /> Sluice
        </Link>
        <nav aria-label="Pages">
          {pages.map((p) => (
            <Link key={p.path} to={p.path} current={p === page || (p.path === `/${section}` && !!one)}>
              {p.name}
            </Link>
          ))}
        </nav>
        <span class="space" />
        {namespaces.length > 1 && page?.namespaced && (
          <select aria-label="Namespace" value={ns} onChange={(e) => go(place.path, { ...place.params, ns: e.currentTarget.value })}>
            <option value="">All namespaces</option>
            {namespaces.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        <ThemeButton />
        <button type="button" onClick={() => void logOut()}>
          Log out
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        {!one && <h1 class="unseen">{page?.name ?? "No such page"}</h1>}
        <Caught place={place}>{page ? page.show(place, session.data) : one ? one.show(decode(id), place) : <NoPage />}</Caught>
      </main>
      <footer>{session.data?.version && `Sluice ${session.data.version}`}</footer>
    </>
  );
}

/** What a page could not show, such as a document of a form that no program of ours writes, leaves the rest usable. */
function Caught({ place, children }: { place: Place; children: ComponentChildren }) {
  const [error, again] = useErrorBoundary((err) => console.error(err));
  useEffect(() => {
    if (error) again();
  }, [place]);
  if (!error) return <>{children}</>;
  return (
    <section class="panel" role="alert">
      <Nothing title="This cannot be shown">
        <span>The page failed: {visible(String(error))}. Another search may work; the browser's console has what to report.</span>
        <button type="button" onClick={again}>
          Try again
        </button>
      </Nothing>
    </section>
  );
}

function NoPage() {
  return (
    <section class="panel">
      <Nothing title="No such page">
        <span>Nothing of Sluice has this address; it may be mistyped, or of another version.</span>
        <Link to="/" class="button">
          Search events
        </Link>
      </Nothing>
    </section>
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function ThemeButton() {
  const [now, setNow] = useState(theme);
  const other = now === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      aria-label={`Use ${other} colours`}
      title={`Use ${other} colours`}
      onClick={() => {
        setTheme(other);
        setNow(other);
      }}
    >
      <span aria-hidden="true">{now === "dark" ? "☀" : "☾"}</span>
    </button>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M9 6v11M16 6v7M23 6v11M6 24c3.3-3 6.7-3 10 0s6.7 3 10 0" />
    </svg>
  );
}

document.documentElement.dataset.theme = theme();
render(<App />, document.getElementById("app")!);
