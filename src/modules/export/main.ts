/** export: writes the recipients of an instance, or of a group, to a CSV file, and ends. Exit codes: 0 written, 2 failed. */

import { outputClosed } from "#campaign/transfer/errors.ts";
import { type ExportRequest, exportRecipients, type TextOutput } from "#campaign/transfer/export-recipients.ts";
import type { Progress } from "#campaign/transfer/import-report.ts";
import { requiredFlag, separatorFlag, textFlag } from "#campaign/transfer/read-flags.ts";
import { repeatWhileAway } from "#campaign/transfer/repeat-while-away.ts";
import { exportSettings } from "#campaign/transfer/settings.ts";
import { counted } from "#foundation/counted.ts";
import type { Context, Flags, InstanceModule } from "#foundation/module.ts";
import { openProgressBar } from "#foundation/progress-bar.ts";
import { runToCompletion } from "#foundation/run-to-completion.ts";

export const exportModule: InstanceModule = {
  name: "export",
  scope: "instance",
  start: async (context) => runToCompletion(context, "export.failed", (signal) => runExport(context, signal)),
};

async function runExport(context: Context, signal: AbortSignal): Promise<number> {
  const request = readRequest(context.flags);
  const isFile = typeof request.out === "string";
  // What a pipe has taken cannot be taken back: only a file may be begun anew.
  const retryForMs = isFile ? context.settings.of(exportSettings).retryForSec * 1_000 : 0;
  const bar = await openProgressBar("export");
  const onProgress = ({ rows, done, total }: Progress): void => bar.update(done, total, counted(rows, "recipient"));
  let report;
  try {
    report = await repeatWhileAway(context, { retryForMs, signal }, () =>
      exportRecipients(context, request, { signal, onProgress }),
    );
  } finally {
    bar.close();
  }
  const { jobId, rows, bytes, durationMs } = report;
  context.log.info("export.finished", { jobId, rows, bytes, durationMs });
  const told = `${counted(rows, "recipient")} of ${context.instance} -> ${report.file ?? "standard output"}, job ${jobId}, ${(durationMs / 1_000).toFixed(1)} s\n`;
  (isFile ? process.stdout : process.stderr).write(told);
  return 0;
}

function readRequest(flags: Flags): ExportRequest {
  const out = requiredFlag(flags, "out", { command: "export", form: "-out:PATH (or -out:- for standard output)" });
  return {
    out: out === "-" ? standardOutput() : out,
    group: textFlag(flags, "group"),
    separator: separatorFlag(flags),
  };
}

/** Standard output that waits for its reader, and fails when the reader goes away. */
function standardOutput(): TextOutput {
  // The callback of the write has the error.
  process.stdout.on("error", () => undefined);
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(outputClosed(undefined, { cause: error })) : resolve()));
      }),
  };
}
