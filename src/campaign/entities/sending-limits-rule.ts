/** Writing `nms:mxRule` and `nms:warmUp`: what stat could not follow is refused where it is written, with the field's name. */

import { invalidValue } from "#datamodel/write/errors.ts";
import { plainText } from "#datamodel/write/field-value.ts";
import type { RuleRow, WriteRule } from "#datamodel/write/write-context.ts";

type Demand = { readonly isMet: (text: string) => boolean; readonly problem: string };

const publicIds: Demand = {
  isMet: (text) => /^(\s*\d{1,5}\s*(-\s*\d{1,5}\s*)?(,|$))*$/.test(text) && !text.trimEnd().endsWith(","),
  problem: "it is no list of numbers and ranges such as 1,3-5",
};
const allowances: Demand = {
  isMet: (text) => /^(\s*\d{1,12}\s*(,|$)){0,366}$/.test(text) && !text.trimEnd().endsWith(","),
  problem: "it is no list of at most 366 whole numbers such as 50,100,500",
};

function between(least: number, most: number): Demand {
  return {
    isMet: (text) => Number(text) >= least && Number(text) <= most,
    problem: `it is not between ${least} and ${most}`,
  };
}

const mostMessages = 1_000_000_000;
const mostSeconds = 86_400;

export const mxRuleRule = checking("nms:mxRule", {
  publicIds,
  maxConnections: between(1, 10_000),
  maxMessagesPerConnection: between(1, mostMessages),
  maxMessagesPerHour: between(0, mostMessages),
  connectionTimeoutSec: between(1, mostSeconds),
  dataTimeoutSec: between(1, mostSeconds),
  otherTimeoutSec: between(1, mostSeconds),
});

export const warmUpRule = checking("nms:warmUp", {
  publicIds,
  allowances,
  firstDayMessages: between(0, mostMessages),
  growthFactor: between(1, 100),
  days: between(1, 3_660),
});

/** A rule that looks at what is new in each row. */
function checking(schema: string, demands: Readonly<Record<string, Demand>>): WriteRule {
  const check = (row: RuleRow): void => {
    for (const [field, { isMet, problem }] of Object.entries(demands)) {
      const value = row.value(field);
      if (!row.isNew && !row.isChanged(field)) continue;
      if (value !== undefined && !isMet(plainText(value))) throw invalidValue({ schema, field, problem });
    }
  };
  return { needs: Object.keys(demands), complete: (rows) => rows.forEach(check) };
}
