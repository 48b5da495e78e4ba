import "./app.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Alert, Alerts } from "./alerts";
import { get, logOut, type Session } from "./api";
import { Events } from "./events";
import { Link, Nothing } from "./parts";
import { go, setTheme, theme, useLoad, usePlace } from "./state";

function App() {
  const place = usePlace();
  const session = useLoad("session", (signal) => get<Session>("/api/v1/session", {}, signal));
  const namespaces = session.data?.namespaces ?? [];
  const ns = place.params.ns ?? "";
  const alert = place.path.startsWith("/alerts/") ? place.path.slice("/alerts/".length) : "";
  useEffect(() => {
    document.title = `${alert ? "Alert" : place.path === "/alerts" ? "Alerts" : "Events"} · Sluice`;
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
          <Link to="/" current={place.path === "/"}>
            Events
          </Link>
          <Link to="/alerts" current={place.path.startsWith("/alerts")}>
            Alerts
          </Link>
        </nav>
        <span class="space" />
        {namespaces.length > 1 && !alert && (
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
      <main id="main">{alert ? <Alert id={decode(alert)} /> : place.path === "/alerts" ? <Alerts place={place} /> : place.path === "/" ? <Events place={place} /> : <Nothing title="No such page" />}</main>
      <footer>{session.data?.version && `Sluice ${session.data.version}`}</footer>
    </>
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
