/** Gives work that ends by itself the shape of a module: its result becomes the exit code of the process. */

import { describeError, isPostriderError } from "./errors.ts";
import type { HostContext, Running } from "./module.ts";

export const failedExitCode = 2;

type JobContext = Pick<HostContext, "log" | "requestStop">;

/**
 * Begins the work. When it has ended the process is told to end with its exit code, or with 2 when it throws; the error is
 * logged and printed. Work that is stopped before is given the signal, and what it throws then comes out of `stop`.
 * @param event names the failure in the log, such as `import.failed`
 */
export function runToCompletion(
  context: JobContext,
  event: string,
  work: (signal: AbortSignal) => Promise<number>,
): Running {
  const ending = new AbortController();
  const finished = work(ending.signal).then(
    (exitCode) => context.requestStop(exitCode),
    (error: unknown) => {
      context.log.error(event, { reason: describeError(error) });
      if (ending.signal.aborted) throw error;
      process.stderr.write(
        `postrider: ${isPostriderError(error) || !(error instanceof Error) ? describeError(error) : (error.stack ?? error.message)}\n`,
      );
      context.requestStop(failedExitCode);
    },
  );
  // Whoever stops us awaits it; until then nobody does.
  finished.catch(() => undefined);
  return {
    stop: () => {
      ending.abort();
      return finished;
    },
  };
}
