import "./login.css";

// The log-in page: a token, from the link's fragment or typed, becomes a session.
// It shares no module with the rest, so that its files alone are served to anyone.

const form = document.getElementById("form") as HTMLFormElement;
const input = document.getElementById("token") as HTMLInputElement;
const fault = document.getElementById("fault") as HTMLElement;
const button = form.querySelector("button") as HTMLButtonElement;

const stored = localStorage.getItem("theme");
const dark = stored ? stored === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.theme = dark ? "dark" : "light";

// Where to go on: only a path of this server. URL would read "//host" and "/\host" as another one.
function next(): string {
  const path = new URLSearchParams(location.search).get("next") ?? "/";
  if (!URL.canParse(path, location.origin)) return "/";
  const url = new URL(path, location.origin);
  const page = url.origin === location.origin && path.startsWith("/") && !/^\/(login|api\/)/.test(url.pathname); // a file would leave this page as it is
  return page ? url.pathname + url.search : "/";
}

async function logIn(token: string): Promise<void> {
  fault.textContent = "";
  button.disabled = true;
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: token.trim() }),
    });
    if (answer.ok) {
      location.replace(next());
      return;
    }
    const body = (await answer.json()) as { error?: string; hint?: string };
    fault.textContent = [body.error, body.hint].filter(Boolean).join("; ");
  } catch {
    fault.textContent = "The server does not answer.";
  }
  button.disabled = false;
  input.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void logIn(input.value);
});

// Takes the token out of the address bar and the history before anything else.
function fromLink(): boolean {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return false;
  history.replaceState(null, "", location.pathname + location.search);
  void logIn(token);
  return true;
}

addEventListener("hashchange", fromLink); // the link pasted where this page is open
if (!fromLink()) {
  // A link from elsewhere comes without the strict cookie; here it is sent again.
  void fetch("/api/v1/session", { headers: { Accept: "application/json" } }).then((answer) => {
    if (answer.ok) location.replace(next());
  });
}
