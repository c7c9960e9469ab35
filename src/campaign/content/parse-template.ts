/** Reads the template language: text with `<%= value %>`, `<% code %>` and `<%@ include view='...' %>`. */

import type { Schema } from "#schemas/schema.ts";

import { type ContentField, hasField, parseContentField } from "./content-field.ts";
import { type Enclosure, scanCode } from "./script/scan-code.ts";
import { readExpression } from "./script/read-expression.ts";
import type { ScriptCode } from "./script/script-code.ts";

export type TemplatePiece =
  | { readonly kind: "text"; readonly text: string; readonly offset: number }
  | { readonly kind: "field"; readonly field: ContentField; readonly offset: number }
  | { readonly kind: "include"; readonly view: string; readonly offset: number }
  | ({ readonly kind: "code" } & CodePiece)
  | ({ readonly kind: "expression"; readonly isUrlParameter: boolean } & CodePiece);

export type CodePiece = {
  readonly offset: number;
  /** Where the code itself begins. */
  readonly codeOffset: number;
  readonly code: string;
  readonly recipientUses: ScriptCode["recipientUses"];
  /** What is open behind it: text that follows may come once, often or never when that is not 0. */
  readonly depth: number;
};

/** What is wrong at a place of the source, as a sentence. */
export type TemplateFault = { readonly offset: number; readonly problem: string };

export type Template = { readonly pieces: readonly TemplatePiece[]; readonly faults: readonly TemplateFault[] };

/**
 * Splits a source; what is not understood becomes a fault at its place.
 * @param enclosure what code before the source has left open; holds what is open behind it afterwards
 */
export function parseTemplate(source: string, recipient: Schema, enclosure: Enclosure = []): Template {
  const pieces: TemplatePiece[] = [];
  const faults: TemplateFault[] = [];
  let at = 0;
  for (;;) {
    const open = source.indexOf("<%", at);
    if (open !== at) pieces.push({ kind: "text", text: source.slice(at, open < 0 ? undefined : open), offset: at });
    if (open < 0) return { pieces, faults };
    const close = source.indexOf("%>", open + 2);
    if (close < 0) {
      faults.push({ offset: open, problem: "This <% has no %> behind it." });
      return { pieces, faults };
    }
    const again = source.lastIndexOf("<%", close - 1);
    if (again > open) {
      faults.push({ offset: open, problem: "This <% has no %> before the next <%." });
      at = again;
      continue;
    }
    const read = readInstruction(source.slice(open + 2, close), { offset: open, recipient, enclosure });
    if ("problem" in read) faults.push({ offset: read.offset, problem: read.problem });
    else pieces.push(read);
    at = close + 2;
  }
}

type Place = { readonly offset: number; readonly recipient: Schema; readonly enclosure: Enclosure };

function readInstruction(inner: string, place: Place): TemplatePiece | TemplateFault {
  if (inner.startsWith("@")) return readDirective(inner.slice(1).trim(), place.offset);
  return inner.startsWith("=") ? readValue(inner.slice(1), place) : readCode(inner, place);
}

function readDirective(directive: string, offset: number): TemplatePiece | TemplateFault {
  const view = /^include\s+view\s*=\s*(?:'([^']*)'|"([^"]*)")\s*;?$/.exec(directive);
  const name = view?.[1] ?? view?.[2];
  if (name !== undefined) return { kind: "include", view: name, offset };
  return {
    offset,
    problem: `The instruction <%@ ${directive.slice(0, 60)} %> is not supported: there are include view='...', value and foreach.`,
  };
}

/** A field of its own is inserted without running anything; all else is an expression. */
function readValue(inner: string, { offset, recipient, enclosure }: Place): TemplatePiece | TemplateFault {
  const read = parseContentField(inner.trim(), recipient);
  if ("field" in read) return { kind: "field", field: read.field, offset };
  if (/^\s*(?:delivery|message)(?:\s*\.\s*@?\w+)+\s*$/.test(inner) && !/^\s*message\s*\.\s*delivery/.test(inner))
    return { offset, problem: read.problem };
  const codeOffset = offset + 3;
  const expression = readExpression(inner);
  if ("problem" in expression) return { offset: codeOffset + expression.offset, problem: expression.problem };
  const unknown = findUnknownField(expression.recipientUses, recipient);
  if (unknown !== undefined) return { offset, problem: parseProblem(unknown, recipient) };
  const { code, recipientUses, isUrlParameter, lead } = expression;
  return {
    kind: "expression",
    offset,
    codeOffset: codeOffset + lead,
    code,
    recipientUses,
    isUrlParameter,
    depth: enclosure.length,
  };
}

function readCode(inner: string, { offset, recipient, enclosure }: Place): TemplatePiece | TemplateFault {
  const codeOffset = offset + 2;
  const { code, recipientUses, problem, isDangling } = scanCode(inner, enclosure);
  if (problem !== undefined) return { offset: codeOffset + problem.offset, problem: problem.problem };
  const unknown = findUnknownField(recipientUses, recipient);
  if (unknown !== undefined) return { offset, problem: parseProblem(unknown, recipient) };
  if (isDangling) return { offset, problem: "Write { } around what depends on this." };
  return { kind: "code", offset, codeOffset, code, recipientUses, depth: enclosure.length };
}

function findUnknownField(uses: CodePiece["recipientUses"], recipient: Schema): readonly string[] | undefined {
  return uses.find((names) => names.length > 0 && !hasField(recipient, names));
}

function parseProblem(names: readonly string[], recipient: Schema): string {
  const read = parseContentField(`recipient.${names.join(".")}`, recipient);
  return "problem" in read ? read.problem : "";
}
