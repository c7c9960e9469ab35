/** Puts the personalised values of a link back into the address it leads to. */

/**
 * Replaces `$(p1)`, `$(p2)`, ... of a stored URL.
 * @param values as they were written in the message, already escaped where the template escapes them; what may not stand in a URL is
 *   escaped here, so that a value can neither end the header nor leave its place
 * @returns undefined when the URL is not http or https, when a value is missing, or when one would stand in the host name
 */
export function fillTrackedUrl(storedUrl: string, values: readonly string[]): string | undefined {
  const origin = /^https?:\/\/[^/?#\\\s$@]+(?=[/?#]|$)/i.exec(storedUrl)?.[0];
  if (origin === undefined) return undefined;
  let isComplete = true;
  const rest = storedUrl.slice(origin.length).replace(/\$\(p(\d{1,3})\)/g, (_, digits: string) => {
    const value = values[Number(digits) - 1];
    if (value === undefined) isComplete = false;
    return value ?? "";
  });
  return isComplete ? origin + escapeIllegal(rest) : undefined;
}

/** Leaves what RFC 3986 allows, `%xx` included, and percent-encodes the rest. */
function escapeIllegal(text: string): string {
  return text
    .toWellFormed()
    .replace(/%(?![0-9A-Fa-f]{2})/g, "%25")
    .replace(/[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/gu, (character) => encodeURIComponent(character));
}
