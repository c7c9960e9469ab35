/** Reads the template language: text with `<%= recipient.firstName %>` and `<%@ include view='...' %>`. Scripts are refused. */

import type { Schema } from "#schemas/schema.ts";

import { isMessageBlock, type MessageBlock, messageBlockNames } from "./message-blocks.ts";
import { type ContentField, parseContentField } from "./content-field.ts";

export type TemplatePiece =
  | { readonly kind: "text"; readonly text: string; readonly offset: number }
  | { readonly kind: "field"; readonly field: ContentField; readonly offset: number }
  | { readonly kind: "include"; readonly block: MessageBlock; readonly offset: number };

/** What is wrong at a place of the source, as a sentence. */
export type TemplateFault = { readonly offset: number; readonly problem: string };

export type Template = { readonly pieces: readonly TemplatePiece[]; readonly faults: readonly TemplateFault[] };

/** Splits a source; what is not understood becomes a fault at its place. */
export function parseTemplate(source: string, recipient: Schema): Template {
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
    const read = readInstruction(source.slice(open + 2, close), recipient);
    if ("problem" in read) faults.push({ offset: open, problem: read.problem });
    else pieces.push({ ...read, offset: open });
    at = close + 2;
  }
}

type Instruction =
  | { readonly kind: "field"; readonly field: ContentField }
  | { readonly kind: "include"; readonly block: MessageBlock }
  | { readonly problem: string };

function readInstruction(inner: string, recipient: Schema): Instruction {
  if (inner.startsWith("=")) {
    const read = parseContentField(inner.slice(1).trim(), recipient);
    return "problem" in read ? read : { kind: "field", field: read.field };
  }
  if (inner.startsWith("@")) return readDirective(inner.slice(1).trim());
  return { problem: "Scripts are not supported here: only <%= field %> and <%@ include view='...' %> are." };
}

function readDirective(directive: string): Instruction {
  const view = /^include\s+view\s*=\s*(?:'([^']*)'|"([^"]*)")\s*;?$/.exec(directive);
  const name = view?.[1] ?? view?.[2];
  if (name === undefined) {
    return {
      problem: `The instruction <%@ ${directive.slice(0, 60)} %> is not supported: only include view='...' is.`,
    };
  }
  if (isMessageBlock(name)) return { kind: "include", block: name };
  return { problem: `There is no block named ${name}. There are: ${messageBlockNames.join(", ")}.` };
}
