/** Reads an address out of what notices write around it. */

const longestAddress = 320;

/**
 * Takes the address out of `rfc822; <a@b>`, `Name <a@b>` or `a@b`.
 * @returns the address, or an empty text when there is none that may be kept
 */
export function cleanAddress(raw: string): string {
  const value = raw
    .slice(0, 2_048)
    .replace(/^\s*[\w-]{1,20}\s*;/, "")
    .trim();
  const bracketed = /<([^<>]{1,400})>/.exec(value)?.[1] ?? value;
  const address = bracketed.replace(/^["'`<(\s]+(?=[^"'`\s]+$)|[>'`),;:.\s]+$/g, "").trim();
  return isAddress(address) ? address : "";
}

/** True for something that can be mailed to: one `@`, no spaces or control characters, of a sane length. */
export function isAddress(text: string): boolean {
  if (text.length > longestAddress || /%0[ad]/i.test(text)) return false;
  return /^(?:"[^"\p{Cc}]{1,128}"|[^\s"<>()\p{Cc}@,;:]{1,256})@[^\s"<>()\p{Cc}@,;:[\]]{1,255}$/u.test(text);
}
