/** Recognises what a column of a list holds by its heading. */

import { type RecipientField, recipientFields } from "./recipient-fields.ts";

const fieldsByHeading = new Map<string, RecipientField>(
  recipientFields.flatMap((field) =>
    [field.name.toLowerCase(), ...field.headings].map((heading) => [heading, field] as const),
  ),
);

/** The field that a heading names, such as `E-mail`, `Prénom` or `first_name`; undefined when it names none. */
export function guessField(heading: string): RecipientField | undefined {
  return fieldsByHeading.get(normaliseHeading(heading));
}

/** A heading without case, accents, spaces and punctuation: `Date de naissance *` is `datedenaissance`. */
export function normaliseHeading(heading: string): string {
  return heading
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
