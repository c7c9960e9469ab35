/** Reads whole numbers, as large as PostgreSQL's bigint. */

const largest = 9_223_372_036_854_775_807n;
const longest = 400;

/** A bigint only where a number would not be exact; undefined when the text is no whole number, or too large. */
export function parseInteger(text: string): number | bigint | undefined {
  if (text.length > longest || !/^-?\d+$/.test(text)) return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(text);
  return exact <= largest && exact >= -largest - 1n ? exact : undefined;
}
