/** How long a process that died waits before it is started again. */

/** A process that has been up this long has proved itself: its earlier deaths no longer count. */
export const provenUpMs = 60_000;

/**
 * Pause before the next start: none after a first death, so that a process is back at once; 1, 2, 4 ... 60 s while it keeps dying.
 * @param deaths in a row, from 1; a process up for `provenUpMs` starts counting anew
 * @returns milliseconds
 */
export function restartDelayMs(deaths: number): number {
  return deaths <= 1 ? 0 : Math.min(60_000, 1_000 * 2 ** (deaths - 2));
}
