/** Reads one record of a list: what of it goes into the database, or why it is rejected. */

import { emailKey } from "#campaign/audience/email-key.ts";
import { readEmailAddress } from "#campaign/audience/parse-email-address.ts";
import type { DateOrder } from "#campaign/audience/read-day.ts";
import { fieldReader } from "#campaign/audience/read-field.ts";
import type { CsvRecord } from "#protocols/csv/csv-record.ts";
import { restoreFormula } from "#protocols/csv/formula.ts";

import type { ColumnPlan } from "./plan-columns.ts";
import type { RejectReason } from "./reject-reasons.ts";

export type LineReading =
  | { readonly kind: "blank" }
  | { readonly kind: "rejected"; readonly reason: RejectReason }
  /** Address, its key, then the plan's columns in order; null where there is nothing to write. */
  | { readonly kind: "accepted"; readonly values: readonly (string | null)[] };

type Options = {
  readonly dateOrder: DateOrder;
  /** Told of each cell that was left out since it could not be understood. */
  readonly onLeftOut: (fieldName: string, line: number) => void;
};

/** Makes the reader for lists with this plan. */
export function createLineReader(
  plan: ColumnPlan,
  { dateOrder, onLeftOut }: Options,
): (record: CsvRecord) => LineReading {
  const columns = plan.columns.map(({ index, field }) => ({
    index,
    name: field.name,
    read: fieldReader(field.kind, dateOrder),
    // A doubtful wish to get no mail must not be passed over.
    mustBeUnderstood: field.kind === "yes_no",
  }));

  return ({ fields, fault, line }) => {
    if (fault !== undefined) return { kind: "rejected", reason: fault };
    if (fields.every((field) => field === "" || field.trim() === "")) return { kind: "blank" };
    if (fields.length > plan.width && fields.slice(plan.width).some((field) => field.trim() !== "")) {
      return { kind: "rejected", reason: "too_many_cells" };
    }
    const reading = readEmailAddress(restoreFormula(fields[plan.emailIndex] ?? ""));
    if (reading.kind === "refused") return { kind: "rejected", reason: reading.fault };
    const values: (string | null)[] = [reading.address, emailKey(reading.address)];
    for (const { index, name, read, mustBeUnderstood } of columns) {
      const value = read(restoreFormula((fields[index] ?? "").trim()));
      if (value === undefined && mustBeUnderstood) return { kind: "rejected", reason: "opt_out_not_understood" };
      if (value === undefined) onLeftOut(name, line);
      values.push(value ?? null);
    }
    return { kind: "accepted", values };
  };
}
