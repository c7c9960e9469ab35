/** Says what a server's refusal means for the address: the words first, then the three digits, then the enhanced status. */

import type { Qualification, Reply } from "./qualification.ts";
import { replyPatterns } from "./reply-patterns.ts";
import { qualifyStatus } from "./qualify-status.ts";

/** Longer texts carry a returned mail or an attack, not more of a reason. */
const longestText = 2_000;

/**
 * Qualifies a reply by its text, then its code, then its enhanced status; a temporary code is never hard.
 * @returns names of `failureTypes` and `failureReasons`; `none`/`notDefined` for a reply of success
 * @source RFC 3463; Classic's table of failure reasons
 */
export function qualifyReply(reply: Reply): Qualification {
  const raw = reply.text.slice(0, longestText);
  const code = reply.code ?? readReplyCode(raw);
  const enhanced = reply.enhanced ?? readEnhancedStatus(raw);
  if (isSuccess(code, enhanced)) return { type: "none", reason: "notDefined" };
  const found =
    matchText(normaliseReply(fromCode(raw)), enhanced) ??
    matchText(normaliseReply(raw), enhanced) ??
    qualifyStatus(code, enhanced);
  return isTemporary(code, enhanced) && found.type === "hard" ? { ...found, type: "soft" } : found;
}

/** True when the words of a reply say what it means; else its code alone does. A text without a code is no reply, and known. */
export function isKnownReply(text: string): boolean {
  const raw = text.slice(0, longestText);
  if (readReplyCode(raw) === undefined) return true;
  const enhanced = readEnhancedStatus(raw);
  return [fromCode(raw), raw].some((words) => matchText(normaliseReply(words), enhanced) !== undefined);
}

/** The server's own words: from its code on, without what the reporter wrote before it. */
function fromCode(text: string): string {
  const at = /(?:^|[\s;:"'(=[])[45][0-5]\d[\s-]/.exec(text)?.index;
  return at === undefined ? text : text.slice(at);
}

/** The three digits that a text holds as a reply of SMTP: `550 5.1.1 ...`, `said: 550-...`, `smtp; 550 ...`. */
export function readReplyCode(text: string): number | undefined {
  const found = /(?:^|[\s;:"'(=])([245][0-5]\d)(?=[\s\-=;,:#]|$)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The enhanced status that a text holds, such as `5.1.1`; one that says something wins over x.0.0. */
export function readEnhancedStatus(text: string): string | undefined {
  const all = [...text.matchAll(/(?:^|[\s\-;:#("'=])([245]\.\d{1,3}\.\d{1,3})(?![.\d])/g)].map((match) => match[1]);
  return all.find((status) => status !== undefined && !status.endsWith(".0.0")) ?? all[0];
}

/** The text as patterns are written for: lower case, single spaces, addresses as `*`, codes of a many-line reply left out. */
export function normaliseReply(text: string): string {
  return text
    .toLowerCase()
    .replace(/[<"'`]?[^\s<>"'`@;:,()[\]]{1,128}@[^\s<>"'`;:,()[\]]{1,255}[>"'`]?/g, " * ")
    .replace(/\b[245]\d\d[- ]#?[245]\.\d{1,3}\.\d{1,3}\b/g, " ")
    .replace(/\b[245]\d\d-/g, " ")
    .replace(/\b(?:host|server) \S{1,255}(?: ?[[(]\S{1,64}[\])])? said:?/g, " ")
    .replace(/[\s_]+/g, " ")
    .trim();
}

function matchText(text: string, enhanced: string | undefined): Qualification | undefined {
  // Directory-based edge blocking: 5.4.1 with these words says that the organisation has no such recipient.
  if (enhanced === "5.4.1" && /recipient address rejected: access denied/.test(text))
    return { type: "hard", reason: "userUnknown" };
  const group = replyPatterns.find(({ patterns }) => patterns.some((pattern) => pattern.test(text)));
  return group && { type: group.type, reason: group.reason };
}

function isSuccess(code: number | undefined, enhanced: string | undefined): boolean {
  return code === undefined ? enhanced?.startsWith("2.") === true : code >= 200 && code < 300;
}

function isTemporary(code: number | undefined, enhanced: string | undefined): boolean {
  return code === undefined ? enhanced?.startsWith("4.") === true : code >= 400 && code < 500;
}
