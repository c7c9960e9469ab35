/** Time as it is handed to whatever needs it, so that tests can move it by hand. */

export type Clock = {
  /** The wall clock: for what is stored and shown. */
  now(): Date;
  /** Milliseconds that never go back: for measuring and for deadlines. */
  elapsedMs(): number;
};

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
};

/** Resolves once a signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Resolves after a pause, or at once when the signal is aborted. */
export function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

const clockLookMs = 50;

/** Resolves once a clock has gone on by so much; a clock that a test moves by hand may be ahead of the machine's, or stand still. */
export async function pauseBy(clock: Clock, durationMs: number): Promise<void> {
  const endMs = clock.elapsedMs() + durationMs;
  for (let leftMs = durationMs; leftMs > 0; leftMs = endMs - clock.elapsedMs())
    await pause(Math.min(leftMs, clockLookMs));
}
