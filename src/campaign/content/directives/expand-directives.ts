/**
 * Carries out the instructions that are there before anything else is read: `<%@ value %>`, `<%@ foreach %> ... <%@ end %>`. What they
 * insert is a part of the template, so that links in it are found and tracked.
 */

import { escapeHtml } from "../escape-value.ts";
import { isList, readPath, type Tree } from "./read-path.ts";

/** What directives read, by the name of the object. */
export type Directives = { readonly objects: Readonly<Record<string, Tree>> };

export type Expanded = {
  readonly text: string;
  readonly faults: readonly { readonly offset: number; readonly problem: string }[];
  /** The place in the source of a place in `text`. */
  sourceOffset(offset: number): number;
};

const directive = /<%@\s*(value|foreach|end)\b((?:[^%]|%(?!>))*)%>/g;
const longestText = 2_000_000;
const mostRounds = 100_000;

/** Expands a source; an instruction that cannot be carried out becomes a fault at its place. */
export function expandDirectives(
  source: string,
  { part, objects = {} }: { readonly part: "html" | "text" } & Partial<Directives>,
): Expanded {
  if (!/<%@\s*(value|foreach|end)\b/.test(source))
    return { text: source, faults: [], sourceOffset: (offset) => offset };
  const tokens = [...source.matchAll(directive)].map(readToken);
  const faults: { offset: number; problem: string }[] = [];
  const spans: { readonly start: number; readonly source: number; readonly isCopy: boolean }[] = [];
  let text = "";
  let rounds = 0;
  const isTooLarge = (): boolean => text.length > longestText || rounds > mostRounds;

  const add = (addition: string, offset: number, isCopy: boolean): void => {
    spans.push({ start: text.length, source: offset, isCopy });
    text += addition;
  };
  const expand = (first: number, last: number, from: number, to: number, scope: Scope): void => {
    let at = from;
    for (let index = first; index < last; index += 1) {
      const token = tokens[index];
      if (token === undefined || isTooLarge()) return;
      add(source.slice(at, token.start), at, true);
      at = token.end;
      if (token.kind === "value") {
        const value = readValue(token, scope, part);
        if ("problem" in value) faults.push({ offset: token.start, problem: value.problem });
        else add(value.text, token.start, false);
      } else if (token.kind === "foreach") {
        const end = findEnd(tokens, index);
        const ending = tokens[end];
        if (ending === undefined) {
          faults.push({ offset: token.start, problem: "This <%@ foreach %> has no <%@ end %>." });
          return;
        }
        const items = readItems(token, scope);
        if ("problem" in items) faults.push({ offset: token.start, problem: items.problem });
        else
          for (const item of items.items) {
            rounds += 1;
            if (isTooLarge()) return;
            expand(index + 1, end, token.end, ending.start, { ...scope, [items.name]: item });
          }
        index = end;
        at = ending.end;
      } else faults.push({ offset: token.start, problem: "There is no <%@ foreach %> for this <%@ end %>." });
    }
    add(source.slice(at, to), at, true);
  };

  expand(0, tokens.length, 0, source.length, objects);
  if (isTooLarge())
    faults.push({ offset: 0, problem: `The content grows beyond ${longestText} characters or ${mostRounds} rounds.` });
  const sourceOffset = (offset: number): number => {
    const span = spans.findLast(({ start }) => start <= offset);
    if (span === undefined) return 0;
    return span.isCopy ? span.source + offset - span.start : span.source;
  };
  return { text, faults, sourceOffset };
}

type Scope = Readonly<Record<string, Tree>>;

type Token = {
  readonly kind: "value" | "foreach" | "end";
  readonly start: number;
  readonly end: number;
  readonly attributes: ReadonlyMap<string, string>;
};

function readToken(found: RegExpExecArray): Token {
  const attributes = new Map(
    [...(found[2] ?? "").matchAll(/([A-Za-z]+)\s*=\s*(?:'([^']*)'|"([^"]*)")/g)].map(
      ([, name = "", single, double]) => [name, single ?? double ?? ""] as const,
    ),
  );
  const kind = found[1] === "value" || found[1] === "foreach" ? found[1] : "end";
  return { kind, start: found.index, end: found.index + found[0].length, attributes };
}

function findEnd(tokens: readonly Token[], from: number): number {
  let depth = 0;
  return tokens.findIndex(({ kind }, index) => {
    if (index < from) return false;
    depth += kind === "foreach" ? 1 : kind === "end" ? -1 : 0;
    return depth === 0 && index > from;
  });
}

function readNodes({ attributes }: Token, scope: Scope): { nodes: readonly Tree[] } | { problem: string } {
  const object = attributes.get("object") ?? "";
  const tree = Object.hasOwn(scope, object) ? scope[object] : undefined;
  if (tree === undefined)
    return { problem: `There is no object '${object}'. There are: ${Object.keys(scope).join(", ") || "none"}.` };
  const index = attributes.get("index");
  const start = isList(tree) && index !== undefined ? (tree[Number(index)] ?? null) : tree;
  const path = attributes.get("xpath") ?? "";
  const nodes = readPath(start, path);
  return nodes === undefined ? { problem: `The path ${path} cannot be read.` } : { nodes };
}

function readValue(token: Token, scope: Scope, part: "html" | "text"): { text: string } | { problem: string } {
  const object = token.attributes.get("object");
  if (object === "startScript" || object === "endScript") return { text: object === "startScript" ? "<%" : "%>" };
  const read = readNodes(token, scope);
  if ("problem" in read) return read;
  const [node] = read.nodes;
  if (node === undefined) return { problem: `${object} has no ${token.attributes.get("xpath") ?? ""}.` };
  if (typeof node === "object") return { problem: `${token.attributes.get("xpath") ?? ""} is not a value.` };
  const text = String(node);
  if (text.includes("<%")) return { problem: "The value holds <%, which would be run." };
  return { text: part === "html" ? escapeHtml(text) : text };
}

function readItems(token: Token, scope: Scope): { name: string; items: readonly Tree[] } | { problem: string } {
  const read = readNodes(token, scope);
  if ("problem" in read) return read;
  const lastStep = /([\w-]+)(?:\[[^\]]*\])?$/.exec(token.attributes.get("xpath") ?? "")?.[1];
  return { name: token.attributes.get("item") ?? lastStep ?? "item", items: read.nodes };
}
