/** Encodes the constant text of a body once, and leaves slots for what differs. */

import { relaxFields } from "#protocols/dkim/sign-message.ts";
import { relaxLines } from "#protocols/dkim/canonicalize.ts";
import {
  base64Bound,
  type Base64Slice,
  base64SliceBound,
  encodeBase64Lines,
  type Leftover,
  prepareBase64Slice,
} from "#protocols/mime/base64-lines.ts";
import { encodeQuotedPrintable } from "#protocols/mime/quoted-printable.ts";

import type { CompiledBody, Slice, Slot } from "./compiled-message.ts";
import type { ScriptedSlot } from "./script/compiled-script.ts";

export type BodyPiece = { readonly text: string } | { readonly slot: Slot };

export type BodyPart = {
  readonly contentType: string;
  readonly pieces: readonly BodyPiece[];
  /** The whole part, in place of pieces: it is written for each message. */
  readonly scripted?: ScriptedSlot | undefined;
};

/** What a body is made of. Files stand behind all texts: what is behind the first of them is the same in all messages. */
export type BodyNode =
  | { readonly kind: "text"; readonly part: BodyPart }
  | {
      readonly kind: "multipart";
      /** `alternative`, `mixed`, or with parameters `related; type="text/html"`. */
      readonly subtype: string;
      readonly boundary: string;
      readonly children: readonly BodyNode[];
    }
  /** Headers, an empty line and the encoded content, as `encodeFile` makes them. */
  | { readonly kind: "file"; readonly bytes: Buffer };

/** Compiles a body with all its parts. */
export function compileBody(node: BodyNode): CompiledBody {
  const draft: Draft = { slices: [emptySlice()], slots: [], tail: [] };
  const fields = appendNode(draft, node);
  const slices = draft.slices.map(({ wire, base64, leftover }): Slice => {
    const whole = wire.length === 1 ? (wire[0] ?? Buffer.alloc(0)) : Buffer.concat(wire);
    return { wire: whole, canonical: relaxLines(whole), base64, leftover };
  });
  return {
    head: relaxFields(fields),
    slices,
    slots: draft.slots,
    tail: draft.tail,
    isCanonical:
      slices.every(({ wire, canonical }) => wire === canonical) &&
      draft.slots.every((slot) => slot.kind !== "scripted" || slot.isCanonical),
    constantBytes: countBytes(slices) + draft.tail.reduce((sum, { length }) => sum + length, 0),
  };
}

type DraftSlice = {
  readonly wire: Buffer[];
  readonly base64: Base64Slice | undefined;
  leftover: Leftover | undefined;
};
type Draft = { readonly slices: DraftSlice[]; readonly slots: Slot[]; readonly tail: Buffer[] };

function emptySlice(base64?: Base64Slice): DraftSlice {
  return { wire: [], base64, leftover: undefined };
}

function countBytes(slices: readonly Slice[]): number {
  return slices.reduce(
    (sum, { wire, base64 }) => sum + wire.length + (base64 === undefined ? 0 : base64SliceBound(base64)),
    0,
  );
}

/** Appends what stands behind the part's header fields, which are answered. */
function appendNode(draft: Draft, node: BodyNode): string[] {
  switch (node.kind) {
    case "file":
      draft.tail.push(node.bytes);
      return [];
    case "text":
      return appendText(draft, node.part);
    case "multipart":
      return appendMultipart(draft, node);
  }
}

/** @source RFC 2046 section 5.1.1 */
function appendMultipart(
  draft: Draft,
  { subtype, boundary, children }: Extract<BodyNode, { kind: "multipart" }>,
): string[] {
  for (const child of children) {
    append(draft, Buffer.from(`--${boundary}\r\n`));
    // The fields stand before the content, and are known only behind it.
    const before = draft.slices.length - 1;
    const inner: Draft = { slices: [emptySlice()], slots: [], tail: [] };
    const fields = appendNode(inner, child);
    if (fields.length > 0) append(draft, Buffer.from(`${fields.join("")}\r\n`));
    join(draft, inner, before);
  }
  append(draft, Buffer.from(`--${boundary}--\r\n`));
  return [`Content-Type: multipart/${subtype};\r\n boundary="${boundary}"\r\n`];
}

function join(draft: Draft, inner: Draft, at: number): void {
  const [first, ...rest] = inner.slices;
  const last = draft.slices[at];
  if (first !== undefined && last !== undefined) {
    for (const bytes of first.wire) append(draft, bytes);
    last.leftover = first.leftover ?? last.leftover;
  }
  draft.slices.push(...rest);
  draft.slots.push(...inner.slots);
  draft.tail.push(...inner.tail);
}

/** Constant bytes: behind the last slice, or behind the files. */
function append(draft: Draft, bytes: Buffer): void {
  if (draft.tail.length > 0) draft.tail.push(bytes);
  else draft.slices.at(-1)?.wire.push(bytes);
}

function appendText(draft: Draft, { contentType, pieces, scripted }: BodyPart): string[] {
  if (scripted !== undefined) {
    draft.slices.push(emptySlice());
    draft.slots.push(scripted);
    return [`Content-Type: ${contentType}\r\n`, "Content-Transfer-Encoding: quoted-printable\r\n"];
  }
  const texts = splitAtSlots(pieces);
  const slots = pieces.flatMap((piece) => ("slot" in piece ? [piece.slot] : []));
  const quoted = texts.map((text, index) => encodeSlice(text, index > 0, index < texts.length - 1));
  const plain = texts.map((text) => Buffer.from(text.toWellFormed().replace(/\r\n|\r|\n/g, "\r\n")));
  const isBase64 = bytesOf(plain, base64Bound) * 10 < bytesOf(quoted, (length) => length) * 9;
  const [first = Buffer.alloc(0), ...rest] = isBase64 ? plain : quoted;
  if (isBase64) appendBase64(draft, first, rest);
  else {
    append(draft, first);
    for (const bytes of rest) draft.slices.push({ ...emptySlice(), wire: [bytes] });
  }
  draft.slots.push(...slots);
  const encoding = isBase64 ? "base64" : "quoted-printable";
  return [`Content-Type: ${contentType}\r\n`, `Content-Transfer-Encoding: ${encoding}\r\n`];
}

function bytesOf(texts: readonly Buffer[], count: (length: number) => number): number {
  return texts.reduce((sum, { length }) => sum + count(length), 0);
}

function appendBase64(draft: Draft, first: Buffer, rest: readonly Buffer[]): void {
  const last = draft.slices.at(-1);
  if (rest.length === 0 || last === undefined) {
    append(draft, encodeBase64Lines(first));
    return;
  }
  const whole = first.length - (first.length % 3);
  last.wire.push(encodeBase64Lines(first.subarray(0, whole)));
  last.leftover = first.subarray(whole);
  for (const [index, bytes] of rest.entries())
    draft.slices.push(emptySlice(prepareBase64Slice(bytes, index === rest.length - 1)));
}

/** The texts before, between and behind the slots; the part ends with exactly one line break. */
function splitAtSlots(pieces: readonly BodyPiece[]): string[] {
  const texts = [""];
  for (const piece of pieces) {
    if ("slot" in piece) texts.push("");
    else texts.push((texts.pop() ?? "") + piece.text);
  }
  return [...texts.slice(0, -1), `${(texts.at(-1) ?? "").replace(/[\r\n]+$/, "")}\r\n`];
}

const softBreak = Buffer.from("=\r\n");

/** A slot stands on a fresh line: where the text's own line goes on, the lines are joined by soft breaks. */
function encodeSlice(text: string, isBehindSlot: boolean, isBeforeSlot: boolean): Buffer {
  const bytes = [encodeQuotedPrintable(text)];
  if (isBehindSlot && !/^[\r\n]/.test(text)) bytes.unshift(softBreak);
  if (isBeforeSlot && text !== "" && !/[\r\n]$/.test(text)) bytes.push(softBreak);
  return Buffer.concat(bytes);
}
