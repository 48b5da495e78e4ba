import type { Doc } from "./api";

// Reading documents. Everything in them comes from logs and is hostile.

/** The value under a dotted name, whether the document nests it or not. */
export function value(doc: Doc, name: string): unknown {
  if (Object.hasOwn(doc, name)) return doc[name];
  let at: unknown = doc;
  for (const part of name.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Doc)[part];
  }
  return at;
}

/** The value as one text; a list with commas; "" if there is none. */
export function text(doc: Doc, name: string): string {
  const v = value(doc, name);
  if (v === undefined || v === null) return "";
  if (Array.isArray(v)) return v.map(scalar).join(", ");
  return scalar(v);
}

/** The first that is there. */
export function firstOf(doc: Doc, ...names: string[]): string {
  for (const name of names) {
    const t = text(doc, name);
    if (t) return t;
  }
  return "";
}

export function scalar(v: unknown): string {
  return typeof v === "string" ? v : typeof v === "object" ? JSON.stringify(v) : String(v);
}

export type Field = { name: string; values: unknown[] };

/** All fields with dotted names, sorted. A list of objects stays whole. */
export function flatten(doc: Doc): Field[] {
  const out: Field[] = [];
  const walk = (v: unknown, name: string) => {
    if (Array.isArray(v)) {
      out.push({ name, values: v });
    } else if (typeof v === "object" && v !== null) {
      for (const [key, inner] of Object.entries(v)) walk(inner, name ? `${name}.${key}` : key);
    } else if (v !== null && v !== undefined) {
      out.push({ name, values: [v] });
    }
  };
  walk(doc, "");
  return out.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const hidden = /(?![\t\n])[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffb]/gu;

/** Makes visible what would hide, break or reorder text: control, zero-width, filling, tag and direction characters. */
export function visible(s: string): string {
  return s.replace(hidden, (c) => `\u27e8U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}\u27e9`);
}
