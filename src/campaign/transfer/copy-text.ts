/** Writes rows in the text form of PostgreSQL's COPY. */

const special = /[\\\t\n\r]/;

/** True when a text, or any text cut out of it, may hold what COPY gives a meaning. */
export function holdsSpecials(text: string): boolean {
  return special.test(text);
}

/**
 * One row with its line end; null is `\N`. Values must hold no NUL.
 * @param arePlain the caller knows that no value holds specials, which saves looking into each
 */
export function copyRow(
  values: readonly (string | number | null)[],
  { arePlain }: { readonly arePlain: boolean },
): string {
  let row = "";
  let between = "";
  for (const value of values) {
    if (value === null) row += `${between}\\N`;
    else if (typeof value === "number" || arePlain) row += between + value;
    else row += between + (special.test(value) ? escapeValue(value) : value);
    between = "\t";
  }
  return `${row}\n`;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}
