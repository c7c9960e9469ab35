/** Decides which column of a list goes into which field of a recipient. */

import { guessField } from "#campaign/audience/guess-field.ts";
import type { FieldKind, RecipientField } from "#campaign/audience/recipient-fields.ts";

export type PlannedColumn = {
  readonly index: number;
  readonly field: RecipientField & { readonly kind: Exclude<FieldKind, "email"> };
};

export type ColumnPlan = {
  readonly emailIndex: number;
  readonly columns: readonly PlannedColumn[];
  /** Headings that name no field, or one that an earlier column holds. */
  readonly ignored: readonly string[];
  /** Number of headings; a line with more cells is out of step. */
  readonly width: number;
};

/** The headings that a reject file adds; they are no part of the list. */
export const rejectHeadings = ["reject line", "reject reason"] as const;

/** The plan of a list with these headings; undefined when no column holds addresses. */
export function planColumns(headings: readonly string[]): ColumnPlan | undefined {
  const columns: PlannedColumn[] = [];
  const ignored: string[] = [];
  const taken = new Set<string>();
  let emailIndex: number | undefined;
  for (const [index, heading] of headings.entries()) {
    const field = guessField(heading);
    if (field === undefined || taken.has(field.name)) {
      if (heading.trim() !== "" && !isRejectHeading(heading)) ignored.push(heading.trim());
      continue;
    }
    taken.add(field.name);
    if (field.kind === "email") emailIndex = index;
    else columns.push({ index, field: { ...field, kind: field.kind } });
  }
  return emailIndex === undefined ? undefined : { emailIndex, columns, ignored, width: headings.length };
}

/** True for a column that an earlier reject file added. */
export function isRejectHeading(heading: string): boolean {
  return rejectHeadings.some((known) => known === heading.trim().toLowerCase());
}
