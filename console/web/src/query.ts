// Queries in the syntax of Elasticsearch's query_string.

/** Longest value that is offered as a filter: two of them and more fit into a query. */
export const longestFilter = 1000;

export function quote(value: unknown): string {
  if (typeof value === "boolean" || (typeof value === "number" && value >= 0)) return String(value);
  return '"' + String(value).replace(/[\\"]/g, "\\$&") + '"';
}

function clause(field: string, value: unknown): string {
  return field.replace(/[\\+\-=&|><!(){}[\]^"~*?:/ ]/g, "\\$&") + ":" + quote(value);
}

/** The conditions that AND joins, outside of quotes and parentheses. */
function conditions(query: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const [token] of query.matchAll(/\\[^]|"(?:\\[^]|[^"\\])*"?| AND |[^]/g)) {
    if (token === "(") depth++;
    if (token === ")") depth--;
    if (token === " AND " && depth === 0) parts.push("");
    else parts[parts.length - 1] += token;
  }
  return parts;
}

/** The query with one more condition; its opposite is taken out. */
export function narrowed(query: string, field: string, value: unknown, out: boolean): string {
  const plain = clause(field, value);
  const wanted = out ? "NOT " + plain : plain;
  const opposite = out ? plain : "NOT " + plain;
  const q = query.trim();
  const bare = q.replace(/"(?:\\[^]|[^"\\])*"/g, '""');
  const parts = /\bOR\b|\|\|/.test(bare) ? [`(${q})`] : conditions(q);
  const kept = parts.filter((part) => part && part !== "*" && part !== opposite && part !== wanted);
  return [...kept, wanted].join(" AND ");
}
