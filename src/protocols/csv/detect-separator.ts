/** Finds out which character separates the cells of a list. */

import { createCsvParser } from "./parse-csv.ts";
import { type Separator, separators } from "./csv-record.ts";

const linesLookedAt = 20;

/**
 * The separator that gives the heading the most cells, among those under which most of the lines that follow have as many;
 * a comma for a text of one column.
 * @param beginning the text's first characters; its last line may be cut
 */
export function detectSeparator(beginning: string): Separator {
  let best: { separator: Separator; columns: number; agreement: number } = { separator: ",", columns: 1, agreement: 0 };
  for (const separator of separators) {
    const parser = createCsvParser({ separator, maxRecordLength: beginning.length + 1 });
    const complete = parser.push(beginning);
    const [heading, ...following] = (complete.length > 0 ? complete : parser.end())
      .filter(({ raw }) => raw !== "")
      .slice(0, linesLookedAt);
    const columns = heading?.fields.length ?? 0;
    if (columns < 2) continue;
    const agreement =
      following.length === 0
        ? 1
        : following.filter(({ fields }) => fields.length === columns).length / following.length;
    const isBetter = agreement > 0.5 === best.agreement > 0.5 ? columns > best.columns : agreement > 0.5;
    if (isBetter) best = { separator, columns, agreement };
  }
  return best.separator;
}
