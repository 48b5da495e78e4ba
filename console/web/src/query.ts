// Queries in the syntax of Elasticsearch's query_string.

/** Longest value that is offered as a filter: two of them and more fit into a query. */
export const longestFilter = 1000;

/** What a box of one line loses, as a line's end, or would hide or turn round, each by its number. */
function byNumber(text: string): string {
  return text.replace(/[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffb]/gu, (c) =>
    c
      .split("")
      .map((unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"))
      .join(""),
  );
}

export function quote(value: unknown): string {
  if (typeof value === "boolean" || (typeof value === "number" && value >= 0)) return String(value);
  return '"' + byNumber(String(value).replace(/[\\"]/g, "\\$&")) + '"';
}

function clause(field: string, value: unknown): string {
  return byNumber(field.replace(/[\\+\-=&|><!(){}[\]^"~*?:/ ]/g, "\\$&")) + ":" + quote(value);
}

/** The conditions that AND joins, outside of quotes and parentheses; the query as one where OR joins any of them. */
function conditions(query: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const [token] of query.matchAll(/\\[^]|"(?:\\[^]|[^"\\])*"?| AND |\bOR\b|\|\||[^]/g)) {
    if (token === "(") depth++;
    if (token === ")") depth--;
    if ((token === "OR" || token === "||") && depth === 0) return [`(${query})`];
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
  const kept = conditions(query.trim()).filter((part) => part && part !== "*" && part !== opposite && part !== wanted);
  return [...kept, wanted].join(" AND ");
}
