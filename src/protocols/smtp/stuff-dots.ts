/** Brings a message into the form that stands between `354` and the reply to the final dot. */

const dot = 0x2e;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** What the pass over a message found. */
type Inspection = {
  /** Bytes that must be added: a CR or LF beside a lone one, a dot before a dot. */
  readonly additions: number;
  readonly endsLine: boolean;
};

/**
 * Doubles dots at the beginning of lines and appends the final dot. Every line ends in CRLF whatever the content: a lone CR or
 * LF becomes CRLF, so that no reader can see an end of message where there is none.
 * @returns the bytes to write, from the first header to `CRLF . CRLF`
 * @source RFC 5321 sections 2.3.8 and 4.5.2
 */
export function stuffDots(content: Buffer): Buffer {
  const { additions, endsLine } = inspect(content);
  const ending = endsLine ? ".\r\n" : "\r\n.\r\n";
  const wire = Buffer.allocUnsafe(content.length + additions + ending.length);
  const length = additions === 0 ? content.copy(wire) : copyStuffed(content, wire);
  wire.write(ending, length, "latin1");
  return wire;
}

/** True when a byte above 127 stands in the content: it may travel only where the server offers 8BITMIME. */
export function hasEightBitBytes(content: Buffer): boolean {
  for (let index = 0; index < content.length; index += 1) if ((content[index] ?? 0) > 0x7f) return true;
  return false;
}

function inspect(content: Buffer): Inspection {
  let additions = content[0] === dot ? 1 : 0;
  // Line ends are found by the engine's own search: a 30 KB message has some 400 of them.
  for (let at = content.indexOf(lineFeed); at !== -1; at = content.indexOf(lineFeed, at + 1)) {
    if (at === 0 || content[at - 1] !== carriageReturn) additions += 1;
    if (content[at + 1] === dot) additions += 1;
  }
  for (let at = content.indexOf(carriageReturn); at !== -1; at = content.indexOf(carriageReturn, at + 1)) {
    if (content[at + 1] === lineFeed) continue;
    additions += content[at + 1] === dot ? 2 : 1;
  }
  const last = content[content.length - 1];
  return { additions, endsLine: content.length === 0 || last === lineFeed || last === carriageReturn };
}

function copyStuffed(content: Buffer, wire: Buffer): number {
  let to = 0;
  let startsLine = true;
  for (let from = 0; from < content.length; from += 1) {
    const byte = content[from] ?? 0;
    const isReturn = byte === carriageReturn;
    if (isReturn || byte === lineFeed) {
      if (isReturn && content[from + 1] === lineFeed) from += 1;
      wire[to++] = carriageReturn;
      wire[to++] = lineFeed;
      startsLine = true;
      continue;
    }
    if (startsLine && byte === dot) wire[to++] = dot;
    wire[to++] = byte;
    startsLine = false;
  }
  return to;
}
