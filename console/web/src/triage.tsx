import { useState } from "preact/hooks";
import { type Hit, post, type Refused } from "./api";
import { text, value, visible } from "./doc";
import { Fault } from "./parts";
import { short } from "./time";

const statuses = [
  ["open", "Open"],
  ["acknowledged", "Acknowledged"],
  ["closed", "Closed"],
] as const;

type Change = { status?: string; assignee?: string; comment?: string };

type Comment = { at?: unknown; by?: unknown; status?: unknown; assignee?: unknown; text?: unknown };

export const status = (s: Hit["source"]) => text(s, "sluice.triage.status") || "open";

/** What people write about an alert: how far they are with it, who has it, and remarks. */
export function Triage({ id, source, onChanged }: { id: string; source: Hit["source"]; onChanged: () => void }) {
  const now = text(source, "sluice.triage.assignee");
  const [assignee, setAssignee] = useState(now);
  const [comment, setComment] = useState("");
  const [state, setState] = useState<{ busy: boolean; error?: Refused }>({ busy: false });
  const draft: Change = {};
  if (assignee.trim() !== now) draft.assignee = assignee.trim();
  if (comment.trim()) draft.comment = comment.trim();
  const save = (change: Change) => {
    setState({ busy: true });
    post(`/api/v1/alerts/${encodeURIComponent(id)}/triage`, change).then(
      () => {
        setState({ busy: false });
        setComment("");
        onChanged();
      },
      (error: Refused) => setState({ busy: false, error }),
    );
  };
  return (
    <form
      class="triage"
      aria-label="Triage"
      onSubmit={(e) => {
        e.preventDefault();
        save(draft);
      }}
    >
      <div class="line" role="group" aria-label="Status">
        {statuses.map(([name, label]) => (
          <button key={name} type="button" aria-pressed={status(source) === name} disabled={state.busy} onClick={() => save({ ...draft, status: name })}>
            {label}
          </button>
        ))}
        <label>
          Assigned to <input value={assignee} maxLength={200} placeholder="nobody" onInput={(e) => setAssignee(e.currentTarget.value)} />
        </label>
      </div>
      <div class="line">
        <textarea aria-label="Comment" rows={2} maxLength={2000} placeholder="What was found, what is to be done" value={comment} onInput={(e) => setComment(e.currentTarget.value)} />
        <button type="submit" disabled={state.busy || Object.keys(draft).length === 0}>
          {state.busy ? "Saving…" : "Save"}
        </button>
      </div>
      {state.error && <Fault error={state.error} />}
      <History comments={value(source, "sluice.triage.comments")} />
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
