/** Turns the bytes of a server into replies, however they are cut into packets, and within limits. */

import type { SmtpReply } from "./reply.ts";

/** Longest line without its end, in bytes; RFC 5321 asks for 512, real servers send more. */
export const longestLineBytes = 4_096;
/** Lines of one reply. */
export const mostLines = 100;
/** All lines of one reply, in bytes. */
export const longestReplyBytes = 65_536;

export type Reading = {
  readonly replies: readonly SmtpReply[];
  /** What was wrong with the bytes behind the last reply; nothing can be read after a fault. */
  readonly fault?: string;
};

export type ReplyReader = {
  /** Takes the next bytes; answers the replies that became whole. */
  push(chunk: Buffer): Reading;
  /** True while the beginning of a reply is held. */
  holdsPart(): boolean;
};

const lineFeed = "\n";
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);

/** Replies to MAIL, RCPT and DATA are the same again and again: those of one short line are kept, each where its length and words put it. */
const keptReplies = 16;
const longestKeptBytes = 128;

/**
 * Makes a reader for one connection.
 * @source RFC 5321 section 4.2.1 (grammar), RFC 2034 (enhanced codes)
 */
export function readReplies(): ReplyReader {
  let rest: Buffer = nothing;
  let lines: string[] = [];
  let code = 0;
  let replyBytes = 0;
  let fault: string | undefined;
  const kept = Array.from({ length: keptReplies }, (): Kept | undefined => undefined);

  /** @param line one character for each byte */
  const takeLine = (line: string): SmtpReply | undefined => {
    const known = kept[placeOf(line)];
    if (known?.line === line && lines.length === 0) return known.reply;
    replyBytes += line.length;
    if (replyBytes > longestReplyBytes) return fail(`a reply is longer than ${longestReplyBytes} bytes`);
    const parsed = parseLine(line);
    if (parsed === undefined) return fail("a line does not begin with a reply code");
    if (lines.length > 0 && parsed.code !== code) return fail("the lines of one reply carry different codes");
    code = parsed.code;
    lines.push(parsed.text);
    if (!parsed.isLast) return lines.length >= mostLines ? fail(`a reply has more than ${mostLines} lines`) : undefined;
    const reply = { code, enhancedCode: findEnhancedCode(code, lines), lines };
    if (lines.length === 1 && line.length <= longestKeptBytes) kept[placeOf(line)] = { line, reply };
    lines = [];
    replyBytes = 0;
    return reply;
  };
  const fail = (problem: string): undefined => {
    fault = problem;
  };

  return {
    push: (chunk) => {
      if (fault !== undefined) return { replies: [], fault };
      const replies: SmtpReply[] = [];
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const text = bytes.toString("latin1");
      let start = 0;
      for (;;) {
        const found = text.indexOf(lineFeed, start);
        const end = found === -1 ? text.length : found;
        if (end - start > longestLineBytes) fail(`a line is longer than ${longestLineBytes} bytes`);
        if (found === -1 || fault !== undefined) break;
        const hasReturn = end > start && text.charCodeAt(end - 1) === carriageReturn;
        const reply = takeLine(text.slice(start, hasReturn ? end - 1 : end));
        if (reply !== undefined) replies.push(reply);
        start = end + 1;
      }
      rest = fault === undefined && start < bytes.length ? Buffer.from(bytes.subarray(start)) : nothing;
      return fault === undefined ? { replies } : { replies, fault };
    },
    holdsPart: () => rest.length > 0 || lines.length > 0,
  };
}

type Kept = { readonly line: string; readonly reply: SmtpReply };

function placeOf(line: string): number {
  return (line.length + line.charCodeAt(2) + line.charCodeAt(8)) % keptReplies || 0;
}

function parseLine(line: string): { code: number; isLast: boolean; text: string } | undefined {
  const found = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
  if (found === null) return undefined;
  return { code: Number(found[1]), isLast: found[2] !== "-", text: clean(found[3] ?? "") };
}

/** A reply goes into tables, logs and pages: what could steer a terminal or end a line becomes a blank. */
function clean(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.trimEnd();
  const words = Buffer.from(text, "latin1").toString("utf8");
  return words.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, " ").trimEnd();
}

function findEnhancedCode(code: number, lines: readonly string[]): string | undefined {
  const kind = String(code).charAt(0);
  for (const line of lines) {
    const found = /^([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)/.exec(line);
    if (found !== null && found[1] === kind) return found[0];
  }
  return undefined;
}
