/** Why lines of a list are rejected: stable words that are stored and counted, and the sentences that explain them. */

import { type AddressFault, addressFaults } from "#campaign/audience/email-address.ts";
import type { RecordFault } from "#protocols/csv/csv-record.ts";

const lineFaults = {
  quote_not_closed: "A quote is opened and not closed.",
  text_after_quote: "Text stands behind a closing quote.",
  record_too_long: "The line is longer than import.maxRecordLength allows.",
  nul_character: "The line holds a NUL character.",
  too_many_cells: "The line has more cells than the heading.",
  opt_out_not_understood: "It is not clear whether this recipient has opted out.",
} as const satisfies Record<RecordFault | "too_many_cells" | "opt_out_not_understood", string>;

export type RejectReason = AddressFault | keyof typeof lineFaults;

/** The sentence of each reason. */
export const rejectReasons: Readonly<Record<RejectReason, string>> = { ...addressFaults, ...lineFaults };
