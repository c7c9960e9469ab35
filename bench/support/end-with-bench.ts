/** What a bench has started and must end when it is interrupted: servers of others' would go on for ever. */

type Stop = () => void | Promise<void>;

const stops = new Set<Stop>();
let isListening = false;

/**
 * Has this called when the bench is told to end by SIGINT or SIGTERM; what was started last is stopped first.
 * @returns takes it back: it was stopped in good order
 */
export function endWithBench(stop: Stop): () => void {
  stops.add(stop);
  if (!isListening) {
    isListening = true;
    process.once("SIGINT", () => void endAll(130));
    process.once("SIGTERM", () => void endAll(143));
  }
  return () => void stops.delete(stop);
}

async function endAll(exitCode: number): Promise<never> {
  for (const stop of [...stops].toReversed()) {
    try {
      await stop();
    } catch {
      // The others must end too.
    }
  }
  process.exit(exitCode);
}
