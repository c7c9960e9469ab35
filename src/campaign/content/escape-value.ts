/** Escapes a recipient's value for the place where it stands, so that it is read as text and nothing else. */

import { unreachable } from "#foundation/errors.ts";

import type { Place } from "./compiled-message.ts";

/** Longest value that is inserted, in UTF-16 units; what is longer is cut. */
const longestValue = 1_024;
/** In an address each character may grow to nine, and servers refuse long addresses. */
const longestUrlValue = 255;

/**
 * The value as it is inserted. Blanks at its end are dropped, and controls but tab and line break; an absent value is empty.
 */
export function escapeValue(value: string | null, place: Place): string {
  if (value === null || value === "") return "";
  const text = dropControls(value);
  switch (place) {
    case "plainText":
      return cut(text, longestValue);
    case "htmlText":
    case "attribute":
      return escapeHtml(cut(text, longestValue));
    case "urlParameter":
      return escapeUrlParameter(cut(text, longestUrlValue));
    default:
      return unreachable(place);
  }
}

/** Safe as text and within quotes of either kind. */
export function escapeHtml(text: string): string {
  let escaped = text;
  // The ampersand first; a search that finds nothing costs next to nothing, and most values and links have one character to escape or none.
  for (const [character, entity] of htmlEntities)
    if (escaped.includes(character)) escaped = escaped.replaceAll(character, entity);
  return escaped;
}

const htmlEntities = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
] as const;

/** Letters, digits and `-._~` stay; everything else is percent-encoded, quotes and brackets included. */
function escapeUrlParameter(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function dropControls(text: string): string {
  return /^[\x20-\x7e]*[\x21-\x7e]$/.test(text)
    ? text
    : text.replace(/(?![\t\n\r])[\p{Cc}\ufdd0-\ufdef]/gu, "").trimEnd();
}

/** Never cuts a character in two. */
function cut(text: string, length: number): string {
  return text.length <= length
    ? text
    : text
        .slice(0, length)
        .toWellFormed()
        .replace(/\ufffd$/, "");
}
