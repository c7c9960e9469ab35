/** Base64 in lines, for whole parts and for parts that are put together from constant slices and values. */

/** Bytes of a line of 76 characters. */
const bytesPerLine = 57;

/**
 * Encodes bytes, each line of 76 characters at most and ended by CRLF.
 * @source RFC 2045 section 6.8
 */
export function encodeBase64Lines(bytes: Buffer): Buffer {
  const target = Buffer.allocUnsafe(base64Bound(bytes.length));
  return target.subarray(0, writeLines(bytes, target, 0));
}

/** Bytes that the encoding of `length` bytes needs at most, in one line after another. */
export function base64Bound(length: number): number {
  return Math.ceil(length / 3) * 4 + Math.ceil(length / bytesPerLine) * 2;
}

/** Up to two bytes that wait for a third: three bytes make four characters. */
export type Leftover = Buffer;

export const nothingLeft: Leftover = Buffer.alloc(0);

/**
 * Constant bytes within a part in base64, encoded beforehand for each number of bytes that may be left over when its turn comes.
 */
export type Base64Slice = {
  readonly variants: readonly [Base64Variant, Base64Variant, Base64Variant];
  /** The part ends with it: what is left over is written too. */
  readonly isLast: boolean;
};

type Base64Variant = {
  /** Completes the bytes left over. */
  readonly first: Buffer;
  /** Encoded lines of what follows. */
  readonly lines: Buffer;
  readonly leftover: Leftover;
};

/** Encodes constant bytes of a part. */
export function prepareBase64Slice(bytes: Buffer, isLast: boolean): Base64Slice {
  const variant = (waiting: number): Base64Variant => {
    const first = bytes.subarray(0, (3 - waiting) % 3);
    const rest = bytes.subarray(first.length);
    const whole = isLast ? rest.length : rest.length - (rest.length % 3);
    return { first, lines: encodeBase64Lines(rest.subarray(0, whole)), leftover: rest.subarray(whole) };
  };
  return { variants: [variant(0), variant(1), variant(2)], isLast };
}

/** Bytes that a slice needs at most, whatever is left over before it. */
export function base64SliceBound({ variants }: Base64Slice): number {
  return Math.max(...variants.map(({ lines }) => lines.length)) + base64Bound(3);
}

/** Where a part in base64 has got to. */
export type Base64Progress = { readonly at: number; readonly leftover: Leftover };

/** Writes a constant slice behind `leftover`. */
export function writeBase64Slice(
  { variants, isLast }: Base64Slice,
  leftover: Leftover,
  target: Buffer,
  offset: number,
): Base64Progress {
  const { first, lines, leftover: next } = variants[leftover.length] ?? variants[0];
  const group = leftover.length === 0 ? first : Buffer.concat([leftover, first]);
  if (group.length > 0 && group.length < 3 && !isLast) return { at: offset, leftover: group };
  const at = group.length === 0 ? offset : writeLines(group, target, offset);
  return { at: at + lines.copy(target, at), leftover: next };
}

/** Writes a value behind `leftover`; its line breaks, of whatever kind, become CRLF. */
export function writeBase64Value(value: string, leftover: Leftover, target: Buffer, offset: number): Base64Progress {
  const text = Buffer.from(value.toWellFormed().replace(/\r\n|\r|\n/g, "\r\n"));
  const bytes = leftover.length === 0 ? text : Buffer.concat([leftover, text]);
  const whole = bytes.length - (bytes.length % 3);
  return { at: writeLines(bytes.subarray(0, whole), target, offset), leftover: bytes.subarray(whole) };
}

function writeLines(bytes: Buffer, target: Buffer, offset: number): number {
  let at = offset;
  for (let from = 0; from < bytes.length; from += bytesPerLine) {
    at += target.write(bytes.toString("base64", from, Math.min(bytes.length, from + bytesPerLine)), at, "latin1");
    target[at] = 0x0d;
    target[at + 1] = 0x0a;
    at += 2;
  }
  return at;
}
