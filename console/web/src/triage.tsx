import { useState } from "preact/hooks";
import { type Hit, post, Refused } from "./api";
import { text, value, visible } from "./doc";
import { Fault } from "./parts";
import { useLook } from "./state";
import { short } from "./time";

export const statuses = [
  ["open", "Open"],
  ["acknowledged", "Acknowledged"],
  ["closed", "Closed"],
] as const;

/** How far people were with an alert, as it was shown. */
export type Seen = { status?: string; assignee?: string };

type Change = Seen & { comment?: string };

type Comment = { at?: unknown; by?: unknown; status?: unknown; assignee?: unknown; text?: unknown };

type Source = Hit["source"];

export const status = (s: Source) => text(s, "sluice.triage.status") || "open";

export const assignee = (s: Source) => text(s, "sluice.triage.assignee");

export const seen = (s: Source): Seen => ({ status: status(s), assignee: assignee(s) });

type Result = { id: string; error?: string; hint?: string };

/**
 * Makes the change to one alert, or to several in one call, and gives those it was not made to with the reasons.
 * What somebody else did since an alert was shown is not taken back unseen.
 */
async function change(ids: string[], what: Change, shown: (id: string) => Seen | undefined): Promise<{ failed: string[]; error?: Refused }> {
  try {
    if (ids.length === 1) {
      await post(`/api/v1/alerts/${encodeURIComponent(ids[0]!)}/triage`, { ...what, was: shown(ids[0]!) });
      return { failed: [] };
    }
    const each = Object.fromEntries(ids.map((id) => [id, shown(id)]));
    const { results } = await post<{ results: Result[] }>("/api/v1/alerts/triage", { ...what, ids, seen: each });
    const failed = results.filter((r) => r.error);
    return { failed: failed.map((r) => r.id), error: failed.length ? whatFailed(failed, ids.length) : undefined };
  } catch (err) {
    return { failed: ids, error: err as Refused };
  }
}

const mostReasons = 5; // who did what when is another one for each

/** Why some of several were not changed: each reason with how many have it. */
function whatFailed(failed: Result[], all: number): Refused {
  const reasons = new Map<string, number>();
  for (const { error = "" } of failed) reasons.set(error, (reasons.get(error) ?? 0) + 1);
  const told = [...reasons].map(([why, n]) => (reasons.size > 1 ? `${why} (${n})` : why));
  if (told.length > mostReasons) told.splice(mostReasons, told.length, "and others");
  return new Refused(`${failed.length} of ${all} were not changed: ${told.join("; ")}`, 200, "", reasons.size === 1 ? failed[0]!.hint : "");
}

/**
 * What people write about alerts: how far they are with them, who has them, and remarks.
 * source is there for one alert; shown tells how alerts were shown; onChanged gets those that the change failed for.
 */
export function Triage({ ids, source, shown, onChanged }: { ids: string[]; source?: Source; shown: (id: string) => Seen | undefined; onChanged: (failed: string[]) => void }) {
  const now = source ? assignee(source) : "";
  const [typed, setTyped] = useState<string>(); // undefined: what others set is shown
  const [comment, setComment] = useState("");
  const [state, setState] = useState<{ busy?: string; error?: Refused }>({});
  const draft: Change = {};
  if (typed !== undefined && typed.trim() !== now) draft.assignee = typed.trim();
  if (comment.trim()) draft.comment = comment.trim();
  const drafted = Object.keys(draft).length > 0;
  useLook(() => {
    if (source && !drafted) onChanged([]); // who has several alerts open sees what others did with them
  });
  const save = async (what: Change) => {
    setState({ busy: "Saving…" });
    const { failed, error } = await change(ids, what, shown);
    setState({ error });
    if (!error) {
      // What was typed meanwhile stays.
      setComment((c) => (c.trim() === (what.comment ?? "") ? "" : c));
      setTyped((t) => (t?.trim() === (what.assignee ?? now) ? undefined : t));
    }
    if (!error || error.status === 200 || error.status === 409) onChanged(failed);
  };
  return (
    <form
      class="triage"
      aria-label="Triage"
      onSubmit={(e) => {
        e.preventDefault();
        void save(draft);
      }}
    >
      <div class="line" role="group" aria-label="Status">
        {statuses.map(([name, label]) => (
          <button key={name} type="button" aria-pressed={source ? status(source) === name : undefined} disabled={!!state.busy} onClick={() => void save({ ...draft, status: name })}>
            {label}
          </button>
        ))}
        <label>
          Assigned to <input value={typed ?? now} maxLength={200} placeholder={source ? "nobody" : "as they are"} onInput={(e) => setTyped(e.currentTarget.value)} />
        </label>
      </div>
      <div class="line">
        <textarea aria-label="Comment" rows={source ? 2 : 1} maxLength={2000} placeholder="What was found, what is to be done" value={comment} onInput={(e) => setComment(e.currentTarget.value)} />
        <button type="submit" disabled={!!state.busy || !drafted}>
          {state.busy ?? "Save"}
        </button>
      </div>
      {state.error && <Fault error={state.error} />}
      {source && <History comments={value(source, "sluice.triage.comments")} />}
    </form>
  );
}

/** Who did what when, newest first. Other programs may have written it, so nothing is taken for granted. */
function History({ comments }: { comments: unknown }) {
  const list = (Array.isArray(comments) ? comments : []).filter((c): c is Comment => typeof c === "object" && c !== null);
  if (list.length === 0) return null;
  return (
    <ol class="history" aria-label="History">
      {list.reverse().map((c, i) => (
        <li key={list.length - i}>
          <span class="muted">
            {short(String(c.at ?? ""))} {visible(String(c.by ?? ""))}: {visible(done(c))}
          </span>
          {typeof c.text === "string" && c.text && <p>{visible(c.text)}</p>}
        </li>
      ))}
    </ol>
  );
}

function done(c: Comment): string {
  const parts: string[] = [];
  if (typeof c.status === "string" && c.status) parts.push(`status ${c.status}`);
  if (typeof c.assignee === "string") parts.push(c.assignee ? `assigned to ${c.assignee}` : "assigned to nobody");
  return parts.join(", ") || "comment";
}
