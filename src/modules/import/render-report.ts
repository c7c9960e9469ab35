/** The table that an import ends with. */

import type { ImportReport } from "#campaign/transfer/import-report.ts";
import { rejectReasons } from "#campaign/transfer/reject-reasons.ts";
import { escapeControls } from "#foundation/log.ts";

/** The report as lines of text; what comes from the file cannot steer the terminal. */
export function renderReport(file: string, instance: string, report: ImportReport): string {
  const { group } = report;
  const lines = [
    `${file} -> recipients of ${instance}, job ${report.jobId}, ${(report.durationMs / 1_000).toFixed(1)} s`,
    counted(report.read, "lines read"),
    counted(report.inserted, "recipients inserted"),
    counted(report.updated, "recipients updated"),
    counted(report.unchanged, "recipients unchanged"),
    counted(report.doubles, "doubles in the file (the last line counts)"),
    ...(group === undefined ? [] : [counted(group.added, `added to the group ${group.name}`)]),
    counted(report.rejected, report.rejectFile === undefined ? "rejected" : `rejected, see ${report.rejectFile}`),
    ...report.rejects.map(({ reason, count }) => `${counted(count, reason)}: ${rejectReasons[reason]}`),
    ...report.leftOut.map(({ field, count, firstLine }) =>
      counted(count, `values of ${field} not understood and left out, first on line ${firstLine}`),
    ),
    ...(report.ignoredColumns.length === 0
      ? []
      : [`  columns not imported: ${report.ignoredColumns.join(", ").slice(0, 500)}`]),
  ];
  return lines.map((line) => `${escapeControls(line)}\n`).join("");
}

function counted(count: number, what: string): string {
  return `  ${count.toLocaleString("en").padStart(11)}  ${what}`;
}
