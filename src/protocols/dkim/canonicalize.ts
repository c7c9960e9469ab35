/** DKIM's relaxed canonicalisation of header fields and bodies. */

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const space = 0x20;
const tab = 0x09;

/**
 * One header field: name in lower case, unfolded, runs of blanks as one space, none around the colon or at the end.
 * @param field with or without its final CRLF
 * @returns without CRLF
 * @source RFC 6376 section 3.4.2
 */
export function relaxHeader(field: string): string {
  const colon = field.indexOf(":");
  const name = field.slice(0, colon).trim().toLowerCase();
  const raw = field.slice(colon + 1);
  if (isRelaxedValue.test(raw)) return `${name}:${raw.slice(1, raw.endsWith("\r\n") ? -2 : undefined)}`;
  const value = raw
    .replace(/\r\n(?=[ \t])/g, "")
    .replace(/[ \t]+/g, " ")
    .replace(/^ |[ \r\n]+$/g, "");
  return `${name}:${value}`;
}

/** Most fields: words of one line with single spaces between them. */
const isRelaxedValue = /^ [^ \t\r\n]+( [^ \t\r\n]+)*(\r\n)?$/;

/**
 * Whole lines of a body, the empty ones at the end included: blanks at the end of a line go, runs of them become one space.
 * @returns the same buffer when nothing changes
 * @source RFC 6376 section 3.4.4
 */
export function relaxLines(body: Buffer): Buffer {
  if (!body.includes("  ") && !body.includes("\t") && !body.includes(" \r\n")) return body;
  const relaxed = Buffer.allocUnsafe(body.length);
  let at = 0;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index] ?? 0;
    if (byte !== space && byte !== tab) {
      relaxed[at] = byte;
      at += 1;
      continue;
    }
    while (body[index + 1] === space || body[index + 1] === tab) index += 1;
    if (body[index + 1] === carriageReturn && body[index + 2] === lineFeed) continue;
    relaxed[at] = space;
    at += 1;
  }
  return relaxed.subarray(0, at);
}

/**
 * The offset behind the last line that is not empty: what follows is not signed.
 * @source RFC 6376 section 3.4.4: all empty lines at the end are ignored
 */
export function endOfContent(body: Buffer): number {
  let end = body.length;
  while (
    end >= 4 &&
    body[end - 1] === lineFeed &&
    body[end - 2] === carriageReturn &&
    body[end - 3] === lineFeed &&
    body[end - 4] === carriageReturn
  )
    end -= 2;
  return end === 2 && body[0] === carriageReturn ? 0 : end;
}
