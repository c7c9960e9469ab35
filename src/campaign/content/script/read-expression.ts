/** Reads what stands between `<%=` and `%>` when it is more than a field. */

import { type CodeProblem, type CodeScan, type Enclosure, scanCode } from "./scan-code.ts";

export type Expression = Pick<CodeScan, "code" | "recipientUses"> & {
  /** The author asks for a URL parameter wherever the value stands: `escapeUrl(...)` around all of it. */
  readonly isUrlParameter: boolean;
  /** Characters of the source before the code. */
  readonly lead: number;
};

/**
 * Reads one expression. Classic's escaping functions around all of it say how it is meant and are taken off, since each value is
 * escaped for its place anyway.
 */
export function readExpression(source: string): Expression | CodeProblem {
  const call = /^\s*(escapeXMLString|escapeUrl|encodeURIComponent)\s*\(/.exec(source);
  const inner = call === null ? undefined : readWrapped(source, call[0].length);
  const isUrlParameter = inner !== undefined && call?.[1] !== "escapeXMLString";
  const lead = inner === undefined ? 0 : (call?.[0].length ?? 0);
  const code = (inner ?? source).replace(/[\s;]+$/, "");
  const enclosure: Enclosure = [];
  const scan = scanCode(code, enclosure);
  if (scan.problem !== undefined) return { ...scan.problem, offset: scan.problem.offset + lead };
  if (enclosure.length > 0) return { offset: lead, problem: `There is no end of this ${enclosure.at(-1)}.` };
  if (scan.code.trim() === "") return { offset: 0, problem: "There is no expression between <%= and %>." };
  return { code: scan.code, recipientUses: scan.recipientUses, isUrlParameter, lead };
}

/** What the brackets of a call hold when nothing follows them. */
function readWrapped(source: string, start: number): string | undefined {
  const end = /\)\s*;?\s*$/.exec(source)?.index;
  if (end === undefined || end < start) return undefined;
  const inner = source.slice(start, end);
  const enclosure: Enclosure = [];
  const { problem } = scanCode(inner, enclosure);
  return problem === undefined && enclosure.length === 0 ? inner : undefined;
}
