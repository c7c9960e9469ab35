/** Encodes the constant text of a body once, and leaves slots for what differs. */

import { relaxLines } from "#protocols/dkim/canonicalize.ts";
import { encodeQuotedPrintable } from "#protocols/mime/quoted-printable.ts";

import type { CompiledBody, Slot } from "./compiled-message.ts";

export type BodyPiece = { readonly text: string } | { readonly slot: Slot };

export type BodyPart = { readonly contentType: string; readonly pieces: readonly BodyPiece[] };

const transferEncoding = "Content-Transfer-Encoding: quoted-printable\r\n";
const softBreak = Buffer.from("=\r\n");

/** A body of one part. */
export function compileSinglePart(part: BodyPart): CompiledBody {
  return finish([`Content-Type: ${part.contentType}\r\n`, transferEncoding], encodePart(part.pieces));
}

/**
 * A multipart/alternative body, its parts in the order of rising preference.
 * @param boundary holds `=_`, which quoted-printable text never does
 * @source RFC 2046 section 5.1.4
 */
export function compileAlternative(parts: readonly BodyPart[], boundary: string): CompiledBody {
  const joined: Encoded = { slices: [Buffer.alloc(0)], slots: [] };
  for (const part of parts) {
    append(joined, Buffer.from(`--${boundary}\r\nContent-Type: ${part.contentType}\r\n${transferEncoding}\r\n`));
    const { slices, slots } = encodePart(part.pieces);
    append(joined, slices[0] ?? Buffer.alloc(0));
    joined.slices.push(...slices.slice(1));
    joined.slots.push(...slots);
  }
  append(joined, Buffer.from(`--${boundary}--\r\n`));
  return finish([`Content-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n`], joined);
}

type Encoded = { readonly slices: Buffer[]; readonly slots: Slot[] };

function append(joined: Encoded, bytes: Buffer): void {
  joined.slices.push(Buffer.concat([joined.slices.pop() ?? Buffer.alloc(0), bytes]));
}

function finish(headerFields: readonly string[], { slices, slots }: Encoded): CompiledBody {
  const compiled = slices.map((wire) => ({ wire, canonical: relaxLines(wire) }));
  return {
    headerFields,
    slices: compiled,
    slots,
    isCanonical: compiled.every(({ wire, canonical }) => wire === canonical),
    constantBytes: slices.reduce((sum, { length }) => sum + length, 0),
  };
}

/** The part ends with exactly one line break. */
function encodePart(pieces: readonly BodyPiece[]): Encoded {
  const encoded: Encoded = { slices: [], slots: [] };
  let text = "";
  for (const piece of pieces) {
    if ("text" in piece) {
      text += piece.text;
      continue;
    }
    encoded.slices.push(encodeSlice(text, encoded.slots.length > 0, true));
    encoded.slots.push(piece.slot);
    text = "";
  }
  encoded.slices.push(encodeSlice(`${text.replace(/[\r\n]+$/, "")}\r\n`, encoded.slots.length > 0, false));
  return encoded;
}

/** A slot stands on a fresh line: where the text's own line goes on, the lines are joined by soft breaks. */
function encodeSlice(text: string, isBehindSlot: boolean, isBeforeSlot: boolean): Buffer {
  const bytes = [encodeQuotedPrintable(text)];
  if (isBehindSlot && !/^[\r\n]/.test(text)) bytes.unshift(softBreak);
  if (isBeforeSlot && text !== "" && !/[\r\n]$/.test(text)) bytes.push(softBreak);
  return Buffer.concat(bytes);
}
