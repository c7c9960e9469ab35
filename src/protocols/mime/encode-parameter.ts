/** Writes a parameter of a MIME header, such as the name of a file. */

import { cleanText } from "./encode-header.ts";

const longestLine = 76;
/** What may stand for itself in an extended value. */
const attributeCharacters = /[^A-Za-z0-9!#$&+\-.^_`|~]/u;

/**
 * A parameter on lines of its own: a quoted string where ASCII does, else percent-encoded UTF-8, in sections where it is long.
 * Controls and line breaks become spaces.
 * @param name a token, trusted
 * @returns `;` and folded lines without a final CRLF, to be put behind the value or the parameters before
 * @source RFC 2045 section 5.1; RFC 2231 sections 3 and 4
 */
export function formatParameter(name: string, value: string): string {
  const text = cleanText(value);
  const quoted = ` ${name}="${text.replace(/["\\]/g, "\\$&")}"`;
  // `=?` would be decoded by programs that do so within quotes, against the standard.
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("=?") && quoted.length < longestLine) return `;\r\n${quoted}`;
  const whole = ` ${name}*=UTF-8''${Array.from(text, encodeCharacter).join("")}`;
  return `;\r\n${whole.length < longestLine ? whole : writeSections(name, text)}`;
}

/** Each section holds whole characters. */
function writeSections(name: string, text: string): string {
  const sections: string[] = [];
  let section = ` ${name}*0*=UTF-8''`;
  for (const character of text) {
    const encoded = encodeCharacter(character);
    if (section.length + encoded.length >= longestLine) {
      sections.push(section);
      section = ` ${name}*${sections.length}*=`;
    }
    section += encoded;
  }
  return [...sections, section].join(";\r\n");
}

function encodeCharacter(character: string): string {
  if (!attributeCharacters.test(character)) return character;
  return Buffer.from(character).reduce((all, byte) => `${all}%${byte.toString(16).toUpperCase().padStart(2, "0")}`, "");
}
