import { useState } from "preact/hooks";
import { get, type Params, post, type Refused, remove, type SavedSearch } from "./api";
import { visible } from "./doc";
import { Fault, Link, Waiting } from "./parts";
import { Popover } from "./popover";
import { useLoad } from "./state";

/** The button Saved, and behind it the searches of this page that somebody gave a name. */
export function Saved(props: { page: "events" | "alerts"; to: string; params: Params }) {
  return (
    <Popover label="Saved searches" class="saved" small button="Saved">
      {(close) => <List {...props} close={close} />}
    </Popover>
  );
}

function List({ page, to, params, close }: { page: "events" | "alerts"; to: string; params: Params; close: () => void }) {
  const { data, error, reload } = useLoad("searches", (signal) => get<{ searches: SavedSearch[] }>("/api/v1/searches", {}, signal));
  const [name, setName] = useState("");
  const [failed, setFailed] = useState<Refused>();
  const done = (change: Promise<unknown>) =>
    change.then(
      () => {
        setFailed(undefined);
        setName("");
        reload();
      },
      (err: Refused) => {
        setFailed(err);
        if (err.status === 404) reload(); // a colleague has deleted it first
      },
    );
  const forget = (button: HTMLButtonElement, id: string) => {
    button.closest(".popover")?.querySelector("input")?.focus(); // the button goes
    void done(remove(`/api/v1/searches/${encodeURIComponent(id)}`));
  };
  const here = (data?.searches ?? []).filter((s) => s.page === page);
  const kept = Object.fromEntries(Object.entries(params).filter(([, v]) => v));
  return (
    <>
      {error && <Fault error={error} />}
      {!data && !error && <Waiting rows={2} />}
      {data && here.length === 0 && <p class="muted">No search of this page is saved yet.</p>}
      {here.length > 0 && (
        <ul>
          {here.map((s) => (
            <li key={s.id}>
              <span>
                <Link to={to} params={s.params} onGo={close} title={visible(s.params.q || "everything")}>
                  {visible(s.name)}
                </Link>
              </span>
              <button type="button" class="small" aria-label={visible(`Delete ${s.name}`)} title="Delete" onClick={(e) => forget(e.currentTarget, s.id)}>
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void done(post("/api/v1/searches", { name: name.trim(), page, params: kept }));
        }}
      >
        <label>
          This search, under the name
          <input value={name} maxLength={100} onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <div class="line">
          <button type="submit" class="primary" disabled={!name.trim()}>
            {here.some((s) => s.name === name.trim()) ? "Replace" : "Save"}
          </button>
        </div>
        {failed && <Fault error={failed} />}
      </form>
    </>
  );
}
