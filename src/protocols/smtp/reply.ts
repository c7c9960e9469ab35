/** What an SMTP server answers. */

export type SmtpReply = {
  /** Three digits, 200 to 599. */
  readonly code: number;
  /** Enhanced status code (RFC 3463) of the first line that carries one of the reply's own class, such as `5.1.1`. */
  readonly enhancedCode: string | undefined;
  /** The text of each line behind the code, without control characters. */
  readonly lines: readonly string[];
};

const longestText = 1_000;

/** The whole reply on one line, cut at 1,000 characters: `550 5.1.1 No such user`. */
export function replyText(reply: SmtpReply): string {
  const text = [String(reply.code), ...reply.lines].join(" ").replace(/\s+/g, " ").trim();
  return text.length <= longestText ? text : `${text.slice(0, longestText - 3)}...`;
}

/** True for 2xx. */
export function isAccepting(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

/** True for 5xx. */
export function isPermanent(reply: SmtpReply): boolean {
  return reply.code >= 500;
}

/** True when the server says that it ends the session. */
export function isClosing(reply: SmtpReply): boolean {
  return reply.code === 421;
}
