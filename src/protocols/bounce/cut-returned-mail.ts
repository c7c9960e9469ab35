/** Finds where the words of a notice end and the mail that it returns begins. */

/** What reporters write on the line before the returned mail. */
const announcements: readonly RegExp[] = [
  /^[\s\-*>#=_]*(?:this is a|below (?:this line )?is a|enclosed is a|here is (?:a|your)|the following is a|begin)?[\s-]*(?:full |partial )?(?:copy of (?:the|your) (?:\S+ )?(?:message|mail|e-?mail|headers)|copy of the message)/i,
  /^[\s\-*>#=_]*(?:original|returned|unsent|undelivered|bounced|failed|rejected|your original|the original|attached) (?:mail |e-?mail )?(?:message|mail|e-?mail|headers?|text|data)\b(?:\s+(?:follows?|headers?|text|body|contents?|below|attached|is|starts))*[\s.:\-*=_]*$/i,
  /^[\s\-*>#=_]*(?:your (?:message|mail) follows|message (?:headers?|text|follows|contents)(?: follows?)?|header of (?:the )?(?:original|returned)|headers? follows?|unsent message follows|returned message follows|included is the)/i,
  /^[\s\-*>#=_]*(?:below this line|------ this is a copy|--- enclosed are? |the original message (?:was attached|is attached|follows|headers)|original message headers)/i,
  /^-{3,}\s*(?:original|ursprüngliche|message d'origine|mensaje original|mensagem original|исходное)/i,
];

const headerLine =
  /^(?:received|return-path|message-id|dkim-signature|mime-version|x-[\w-]+|content-type|date|from|to|subject|delivered-to|reply-to|arc-[\w-]+|authentication-results|domainkey-signature|user-agent|sender)\s*:/i;

export type CutNotice = {
  /** The words of the reporter. */
  readonly notice: string;
  /** Header and begin of the returned mail, or an empty text when none is quoted. */
  readonly returned: string;
};

/** Cuts the text at an announcement of the returned mail, or at three header lines in a row. */
export function cutReturnedMail(text: string): CutNotice {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line, index) => isAnnouncement(line) || isHeaderStart(lines, index));
  if (at < 0) return { notice: text, returned: "" };
  return { notice: lines.slice(0, at).join("\n"), returned: lines.slice(at, at + 400).join("\n") };
}

function isAnnouncement(line: string): boolean {
  return line.length < 200 && announcements.some((pattern) => pattern.test(line));
}

function isHeaderStart(lines: readonly string[], index: number): boolean {
  const first = lines[index] ?? "";
  if (!/^(?:received|return-path|dkim-signature|message-id)\s*:/i.test(first)) return false;
  let headers = 0;
  for (const line of lines.slice(index, index + 8)) {
    if (headerLine.test(line)) headers += 1;
    else if (!/^[ \t]/.test(line)) return headers >= 3;
  }
  return headers >= 2;
}
