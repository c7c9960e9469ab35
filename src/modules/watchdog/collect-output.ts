/** Brings what a child prints to the log, and keeps its last lines, which tell why it died when it could not say so itself. */

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const keptLines = 20;
const longestLine = 2_000;
/** A child that floods its output must not flood the log. */
const linesPerSecond = 100;

export type Output = { lastLines(): readonly string[] };

/**
 * Reads the streams to their end.
 * @param streams those of a child that could not be started are missing
 * @param onLine gets at most a hundred lines a second, then how many were left out
 */
export function collectOutput(
  streams: readonly (Readable | null | undefined)[],
  onLine: (line: string, leftOut: number) => void,
): Output {
  const last: string[] = [];
  let second = 0;
  let inThisSecond = 0;
  let leftOut = 0;
  const take = (text: string): void => {
    const line = text.slice(0, longestLine);
    last.push(line);
    if (last.length > keptLines) last.shift();
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) {
      second = now;
      inThisSecond = 0;
    }
    inThisSecond += 1;
    if (inThisSecond > linesPerSecond) {
      leftOut += 1;
      return;
    }
    onLine(line, leftOut);
    leftOut = 0;
  };
  for (const stream of streams) {
    if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on("line", take);
  }
  return { lastLines: () => last };
}
