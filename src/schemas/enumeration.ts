/** A closed list of values with a name and a label for each. */

export type EnumerationValue = { readonly name: string; readonly value: number | string; readonly label: string };

export type Enumeration = {
  readonly name: string;
  readonly values: readonly EnumerationValue[];
};

/**
 * Declares an enumeration from a table of codes; labels are the names in words: `mailboxFull` is "Mailbox full".
 * @param name as it stands in the schema, such as `failureReason`
 */
export function enumerate(name: string, codes: Readonly<Record<string, number>>): Enumeration {
  return { name, values: Object.entries(codes).map(([name, value]) => ({ name, value, label: inWords(name) })) };
}

/** Declares an enumeration whose values are words; the database refuses any other. */
export function enumerateWords(name: string, words: readonly string[]): Enumeration {
  return { name, values: words.map((word) => ({ name: word, value: word, label: inWords(word) })) };
}

function inWords(name: string): string {
  const words = name.replaceAll("_", " ").replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
