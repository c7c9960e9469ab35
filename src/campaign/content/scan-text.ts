/** Finds the addresses in plain text, with the brackets and the punctuation around them left outside. */

import { codeMarker, marker } from "./flatten-template.ts";
import { readLink } from "./read-link.ts";

export type TextScan = {
  readonly links: readonly { readonly start: number; readonly end: number; readonly url: string }[];
  readonly faults: readonly { readonly offset: number; readonly problem: string }[];
};

const address = new RegExp(`https?://[^\\s<>"${codeMarker}]+`, "gi");
/** Code right behind an address, with more of the address behind it. */
const codeWithin = new RegExp(`${codeMarker}+[^\\s<>"${codeMarker}.,;:!?)\\]}]`, "y");
const closing: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Scans flat text; a marker within an address belongs to it. */
export function scanText(text: string): TextScan {
  const links: { start: number; end: number; url: string }[] = [];
  const faults: { offset: number; problem: string }[] = [];
  for (const found of text.matchAll(address)) {
    const url = trimAddress(found[0]);
    codeWithin.lastIndex = found.index + found[0].length;
    if (codeWithin.test(text)) {
      faults.push({
        offset: found.index,
        problem: "A script may not stand within an address. Put the condition around it.",
      });
    }
    const reading = readLink(url);
    if (reading.kind === "refused") faults.push({ offset: found.index, problem: reading.problem });
    else if (reading.kind === "tracked")
      links.push({ start: found.index, end: found.index + url.length, url: reading.url });
  }
  return { links, faults };
}

/** Cuts at a bracket that closes one from before the address, and drops the punctuation of the sentence. */
function trimAddress(text: string): string {
  const open: string[] = [];
  let end = text.length;
  for (const [index, character] of [...text.matchAll(/[()[\]{}]/g)].map((match) => [match.index, match[0]] as const)) {
    const opening = closing[character];
    if (opening === undefined) open.push(character);
    else if (open.pop() !== opening) {
      end = index;
      break;
    }
  }
  return text.slice(0, end).replace(new RegExp(`[^\\p{L}\\p{N}/=&#_%+${marker}\\-)\\]}]+$`, "u"), "");
}
