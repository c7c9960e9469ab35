/** How mails to a domain are built, by the rules of nms:emailFormatRule. */

import { matchesMask } from "#foundation/matches-mask.ts";
import type { mimeStructures } from "#schemas/codes.ts";

export type EmailFormat = {
  readonly structure: keyof typeof mimeStructures;
  /** The HTML stands in a multipart/related also where no image goes with it. */
  readonly isRelated: boolean;
  /** Images of our own travel within the message. */
  readonly hasEmbeddedImages: boolean;
};

export type EmailFormatRule = EmailFormat & {
  /** Matched on the domain; `*` stands for any text, `?` for one character. */
  readonly mask: string;
};

/** Where no rule fits. */
export const usualFormat: EmailFormat = { structure: "multipart", isRelated: false, hasEmbeddedImages: false };

const mostDomains = 10_000;

/**
 * Finds the format of a domain's mails: the first rule, in their order, whose mask fits.
 * @returns a function that remembers the domains it was asked for
 */
export function openEmailFormats(rules: readonly EmailFormatRule[]): (domain: string) => EmailFormat {
  const known = new Map<string, EmailFormat>();
  return (domain) => {
    if (rules.length === 0) return usualFormat;
    const remembered = known.get(domain);
    if (remembered !== undefined) return remembered;
    const found = rules.find(({ mask }) => matchesMask(mask, domain)) ?? usualFormat;
    if (known.size >= mostDomains) known.clear();
    known.set(domain, found);
    return found;
  };
}
