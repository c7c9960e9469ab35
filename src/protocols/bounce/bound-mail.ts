/** Cuts a mail down to what can be parsed in bounded time and memory, keeping what says whose mail it is and what it reports. */

/** Beyond this a mail is cut; the reasons of a notice stand before the mail that it returns. */
export const largestMailBytes = 10 * 1024 * 1024;

/** Lines that may begin a part; the mail is cut at the one after. */
export const mostParts = 1_000;

/** Deeper multiparts are not opened. */
export const deepestPart = 100;

const longestHeaderLine = 16 * 1024;
const mostContinuationLines = 50;
const mostHeaderBytes = 256 * 1024;
const longestBodyLine = 64 * 1024;
/** A reason never stands further down; what follows in the part is an attachment of the returned mail. */
const mostLinesOfPart = 10_000;
const mostBodyLines = 40_000;
const newline = 0x0a;
const hyphen = 0x2d;

/** Without these a mail cannot be read at all, so they are kept after any number of other headers. */
const indispensable =
  /^(content-|mime-version:|subject:|from:|to:|auto-submitted:|x-failed-recipients:|delivered-to:|message-id:)/i;

/**
 * Shortens the header of a mail, drops over-long lines' ends, and cuts the body at the caps of size and of parts.
 * @returns line ends as `\n`; at most `largestMailBytes` and a header of at most 512 KB
 */
export function boundMail(raw: Buffer): Buffer {
  const lines = raw.includes(newline) || !raw.includes(0x0d) ? raw : lineFeedsForReturns(raw);
  const header = boundHeader(lines, skipBlankLines(lines));
  const body = boundBody(lines, header.end, largestMailBytes - header.bytes.length);
  return Buffer.concat([header.bytes, ...body]);
}

/** A mail whose lines end in a lone CR: what some gateways make of it. */
function lineFeedsForReturns(raw: Buffer): Buffer {
  const copy = Buffer.from(raw);
  for (let at = copy.indexOf(0x0d); at >= 0; at = copy.indexOf(0x0d, at + 1)) copy[at] = newline;
  return copy;
}

function skipBlankLines(raw: Buffer): number {
  let at = 0;
  while (at < raw.length && (raw[at] === newline || raw[at] === 0x0d)) at += 1;
  return at;
}

function boundHeader(raw: Buffer, start: number): { bytes: Buffer; end: number } {
  const kept: Buffer[] = [];
  let size = 0;
  let indispensableSize = 0;
  let continuationLines = 0;
  let isKept = false;
  let at = start;
  while (at < raw.length) {
    const end = endOfLine(raw, at);
    const line = withoutLineEnd(raw.subarray(at, Math.min(end, at + longestHeaderLine)));
    at = end;
    if (line.length === 0) break;
    const isContinuation = line[0] === 0x20 || line[0] === 0x09;
    continuationLines = isContinuation ? continuationLines + 1 : 0;
    if (!isContinuation) isKept = size < mostHeaderBytes;
    if (
      !isContinuation &&
      !isKept &&
      indispensableSize < mostHeaderBytes &&
      indispensable.test(line.toString("latin1", 0, 32))
    ) {
      isKept = true;
      indispensableSize += line.length;
    }
    if (!isKept || continuationLines > mostContinuationLines) continue;
    kept.push(line, Buffer.from("\n"));
    size += line.length + 1;
  }
  return { bytes: Buffer.concat([...kept, Buffer.from("\n")]), end: at };
}

function boundBody(raw: Buffer, start: number, mostBytes: number): Buffer[] {
  const kept: Buffer[] = [];
  let size = 0;
  let parts = 0;
  let lines = 0;
  let linesOfPart = 0;
  let at = start;
  /** Where the stretch of lines begins that are kept as they stand. */
  let from = start;
  const keepUpTo = (end: number): void => {
    const piece = raw.subarray(from, Math.max(from, Math.min(end, from + mostBytes - size)));
    kept.push(piece);
    size += piece.length;
  };
  while (at < raw.length && size + (at - from) < mostBytes && lines < mostBodyLines) {
    const end = endOfLine(raw, at);
    if (raw[at] === hyphen && raw[at + 1] === hyphen) {
      parts += 1;
      linesOfPart = 0;
      if (parts > mostParts) break;
    }
    linesOfPart += 1;
    if (linesOfPart > mostLinesOfPart) {
      keepUpTo(at);
      from = end;
    } else {
      lines += 1;
      if (end - at > longestBodyLine) {
        keepUpTo(at + longestBodyLine);
        kept.push(Buffer.from("\n"));
        from = end;
      }
    }
    at = end;
  }
  keepUpTo(at);
  return kept;
}

function endOfLine(raw: Buffer, at: number): number {
  const found = raw.indexOf(newline, at);
  return found < 0 ? raw.length : found + 1;
}

function withoutLineEnd(line: Buffer): Buffer {
  let end = line.length;
  while (end > 0 && (line[end - 1] === newline || line[end - 1] === 0x0d)) end -= 1;
  return line.subarray(0, end);
}
