/** import: brings a CSV file into the recipients of an instance, and ends. Exit codes: 0 all lines taken, 1 some rejected, 2 failed. */

import type { ImportReport, ImportRequest, Progress } from "#campaign/transfer/import-report.ts";
import { importRecipients } from "#campaign/transfer/import-recipients.ts";
import { encodingFlag, requiredFlag, separatorFlag, textFlag } from "#campaign/transfer/read-flags.ts";
import { repeatWhileAway } from "#campaign/transfer/repeat-while-away.ts";
import { importSettings } from "#campaign/transfer/settings.ts";
import { counted } from "#foundation/counted.ts";
import type { Context, Flags, InstanceModule } from "#foundation/module.ts";
import { openProgressBar } from "#foundation/progress-bar.ts";
import { runToCompletion } from "#foundation/run-to-completion.ts";

import { renderReport } from "./render-report.ts";

export const importModule: InstanceModule = {
  name: "import",
  scope: "instance",
  start: async (context) => runToCompletion(context, "import.failed", (signal) => runImport(context, signal)),
};

async function runImport(context: Context, signal: AbortSignal): Promise<number> {
  const request = readRequest(context.flags);
  const retryForMs = context.settings.of(importSettings).retryForSec * 1_000;
  const bar = await openProgressBar("import");
  const onProgress = ({ phase, rows, done, total }: Progress): void =>
    bar.update(done, total, `${counted(rows, "line")}, ${phase}`);
  let report: ImportReport;
  try {
    report = await repeatWhileAway(context, { retryForMs, signal }, () =>
      importRecipients(context, request, { signal, onProgress }),
    );
  } finally {
    bar.close();
  }
  const { jobId, read, inserted, updated, unchanged, doubles, rejected, durationMs } = report;
  context.log.info("import.finished", { jobId, read, inserted, updated, unchanged, doubles, rejected, durationMs });
  process.stdout.write(renderReport(request.file, context.instance, report));
  return rejected > 0 ? 1 : 0;
}

function readRequest(flags: Flags): ImportRequest {
  return {
    file: requiredFlag(flags, "file", { command: "import", form: "-file:PATH" }),
    group: textFlag(flags, "group"),
    rejects: textFlag(flags, "rejects"),
    encoding: encodingFlag(flags),
    separator: separatorFlag(flags),
  };
}
