/** Reads the additional headers of a delivery: one a line, `name: value`. */

export type CustomHeader = {
  readonly name: string;
  readonly value: string;
  /** Where the value begins in the whole text. */
  readonly offset: number;
};

export type CustomHeaders = {
  readonly headers: readonly CustomHeader[];
  readonly faults: readonly { readonly offset: number; readonly problem: string }[];
};

/** Long enough for any name in use; a longer one would leave no room for an encoded word behind it. */
const longestName = 40;
const mostHeaders = 20;

/** Written by us, or a danger to whoever reads them: an author may not set them. */
const forbidden =
  /^(from|sender|to|cc|bcc|subject|date|message-id|reply-to|return-path|delivered-to|received(-spf)?|mime-version|content-.*|resent-.*|dkim-.*|domainkey-.*|arc-.*|authentication-results|x-original-.*|apparently-to|disposition-notification-to|return-receipt-to)$/i;

/** Empty lines are passed over; a header without a value, a forbidden or doubled name is a fault. */
export function splitCustomHeaders(text: string): CustomHeaders {
  const headers: CustomHeader[] = [];
  const faults: { offset: number; problem: string }[] = [];
  for (const { line, offset } of linesOf(text)) {
    const found = /^([!-9;-~]+):[ \t]*(.*)$/su.exec(line);
    const [name, value] = [found?.[1] ?? "", found?.[2] ?? ""];
    const problem = found === null ? describeLine(line) : describeName(name, headers);
    if (problem !== undefined) faults.push({ offset, problem });
    else if (value.trim() === "") faults.push({ offset, problem: `The header ${name} has no value.` });
    else headers.push({ name, value: value.trimEnd(), offset: offset + line.length - value.length });
  }
  return { headers, faults };
}

function* linesOf(text: string): Generator<{ readonly line: string; readonly offset: number }> {
  let offset = 0;
  // A template's instruction may hold line breaks of its own.
  for (const piece of text.split(/(<%.*?%>|\r\n|\r|\n)/s).reduce<string[]>(joinLines, [""])) {
    const line = piece.replace(/[\r\n]+$/, "");
    if (line.trim() !== "") yield { line, offset };
    offset += piece.length;
  }
}

/** Puts pieces together up to each line break. */
function joinLines(lines: string[], piece: string): string[] {
  lines.push((lines.pop() ?? "") + piece);
  if (/^(\r\n|\r|\n)$/.test(piece)) lines.push("");
  return lines;
}

function describeLine(line: string): string {
  const start = line.length > 40 ? `${line.slice(0, 37)}...` : line;
  return `The line ${JSON.stringify(start)} is no header: write name: value, each header on a line of its own.`;
}

function describeName(name: string, before: readonly CustomHeader[]): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name))
    return `A header may not be named ${name}: use letters, digits and dashes.`;
  if (name.length > longestName) return `The name ${name} is longer than ${longestName} characters.`;
  if (forbidden.test(name)) return `The header ${name} may not be set here.`;
  if (before.some((other) => other.name.toLowerCase() === name.toLowerCase()))
    return `The header ${name} is there twice.`;
  return before.length >= mostHeaders ? `More than ${mostHeaders} headers are not allowed.` : undefined;
}

/** Headers that programs read: their words are never encoded, and values in them are escaped as parts of addresses. */
export function isStructuredHeader(name: string): boolean {
  return /^list-/i.test(name);
}
