/** Writing `xtk:option`: the type says which of the values counts; the others are empty. */

import { invalidValue } from "#datamodel/write/errors.ts";
import { type FieldValue, isEmpty } from "#datamodel/write/field-value.ts";
import type { RuleRow, WriteRule } from "#datamodel/write/write-context.ts";
import { optionTypes } from "#schemas/codes.ts";

const emptyValues: Readonly<Record<string, FieldValue>> = {
  stringValue: null,
  memoValue: null,
  longValue: 0,
  doubleValue: 0,
  timeStampValue: null,
};

const { byte, short, long, float, double, string, datetime, date, memo, cdata, timespan, boolean } = optionTypes;

const fields: ReadonlyMap<number, string> = new Map([
  ...[byte, short, long, timespan, boolean].map((type) => [type, "longValue"] as const),
  ...[float, double].map((type) => [type, "doubleValue"] as const),
  ...[datetime, date].map((type) => [type, "timeStampValue"] as const),
  ...[memo, cdata].map((type) => [type, "memoValue"] as const),
  [string, "stringValue"],
]);

export const optionRule: WriteRule = {
  needs: ["dataType", ...Object.keys(emptyValues)],
  complete: (rows) => rows.forEach(keepOneValue),
};

function keepOneValue(row: RuleRow): void {
  const field = fields.get(Number(row.value("dataType") ?? 0));
  if (field === undefined)
    throw invalidValue({ schema: "xtk:option", field: "dataType", problem: "it is no type of an option" });
  for (const [path, empty] of Object.entries(emptyValues))
    if (path !== field && !isEmpty(row.value(path))) row.set(path, empty);
}
