/**
 * Quoted-printable, written straight into a buffer. No line begins with a dot, so that SMTP's dot-stuffing changes nothing, and none
 * ends with a blank.
 */

/** Characters of a line before the `=` of a soft break. */
const longestLine = 75;

const equals = 0x3d;
const space = 0x20;
const tab = 0x09;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const dot = 0x2e;

const hexDigits = Buffer.from("0123456789ABCDEF");

/** 1 for bytes that stand for themselves everywhere in a line: printable ASCII but `=`. */
const isLiteral = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > space && byte < 0x7f && byte !== equals ? 1 : 0,
);

/** Bytes that the encoding of `length` bytes needs at most. */
export function quotedPrintableBound(length: number): number {
  return length * 3 + Math.ceil((length * 3) / (longestLine - 2)) * 3 + 3;
}

/**
 * Encodes text; its line breaks, of whatever kind, become CRLF. Runs of blanks are kept as they are.
 * @source RFC 2045 section 6.7
 */
export function encodeQuotedPrintable(text: string): Buffer {
  const bytes = Buffer.from(text.toWellFormed());
  const target = Buffer.allocUnsafe(quotedPrintableBound(bytes.length));
  return target.subarray(0, writeQuotedPrintable(bytes, target, 0));
}

/**
 * Encodes a short value that stands on a fresh line, so that DKIM's relaxed canonicalisation changes nothing in it: the second of two
 * blanks is encoded.
 * @param target with room for `quotedPrintableBound` bytes from `offset`
 * @returns the offset behind the last byte written
 */
export function writeValue(value: string, target: Buffer, offset: number): number {
  // Most values are a name or a link: a line of plain characters.
  if (value.length <= longestLine && /^[!-\-/-<>-~][!-<>-~]*$/.test(value))
    return offset + target.write(value, offset, "latin1");
  const bytes = Buffer.from(value.toWellFormed());
  return writeBytes(bytes, target, offset, true);
}

/** The same as `encodeQuotedPrintable`, into a buffer. */
export function writeQuotedPrintable(bytes: Buffer, target: Buffer, offset: number): number {
  return writeBytes(bytes, target, offset, false);
}

function writeBytes(bytes: Buffer, target: Buffer, offset: number, encodesRuns: boolean): number {
  let at = offset;
  let column = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === carriageReturn || byte === lineFeed) {
      if (byte === carriageReturn && bytes[index + 1] === lineFeed) index += 1;
      target[at] = carriageReturn;
      target[at + 1] = lineFeed;
      at += 2;
      column = 0;
      continue;
    }
    const isBlank = byte === space || byte === tab;
    const stands = isBlank
      ? blankStands(bytes, index, column, encodesRuns)
      : isLiteral[byte] === 1 && !(byte === dot && column === 0);
    const width = stands ? 1 : 3;
    if (column + width > longestLine) {
      at = writeSoftBreak(target, at);
      column = 0;
      // What may stand at this place depends on the column: look at the byte again.
      index -= 1;
      continue;
    }
    if (stands) {
      target[at] = byte;
    } else {
      target[at] = equals;
      target[at + 1] = hexDigits[byte >> 4] ?? 0;
      target[at + 2] = hexDigits[byte & 15] ?? 0;
    }
    at += width;
    column += width;
  }
  return at;
}

/** Ends the line without ending the text's line. */
export function writeSoftBreak(target: Buffer, offset: number): number {
  target[offset] = equals;
  target[offset + 1] = carriageReturn;
  target[offset + 2] = lineFeed;
  return offset + 3;
}

function blankStands(bytes: Buffer, index: number, column: number, encodesRuns: boolean): boolean {
  const next = bytes[index + 1];
  if (next === undefined || next === carriageReturn || next === lineFeed) return false;
  if (!encodesRuns) return true;
  const previous = bytes[index - 1];
  return bytes[index] === space && column > 0 && previous !== space && previous !== tab;
}
