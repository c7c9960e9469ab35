/** Tells when a further child would help: parts wait, and the children that run leave the machine idle, or claim nothing more. */

import { readFileSync } from "node:fs";

export type ChildNeed = {
  /**
   * Asked about once a second while there is work.
   * @param running children of this server
   * @param nextPart the part that a child would claim next; undefined when none waits
   */
  isWanted(running: number, nextPart: number | undefined): boolean;
};

/** A child takes a second to load and as long to become quick: what is needed after that is needed. */
const idleForMs = 3_000;
/** Seconds of a processor that nobody used, in a row: loading and warming a child costs two, and what it could have sent must be worth more. */
const idleWorthSec = 5;
/** Children claim a part whenever they have sent about a second's worth. */
const unclaimedForMs = 5_000;
/** Cores that must have nothing to do. */
const spareCores = 0.5;
/** The system counts in hundredths of a second. */
const shortestSampleMs = 900;

/**
 * Watches the machine and the parts. A child that sends all that the processors allow gains nothing from a second one, which has
 * to be loaded and warmed up first; one that waits for something does (docs/decisions/0044).
 * @param options.readIdleSec seconds that all cores together have been idle; undefined where the system does not say
 */
export function watchNeed(options: {
  readonly elapsedMs: () => number;
  readonly readIdleSec?: () => number | undefined;
}): ChildNeed {
  const { elapsedMs, readIdleSec = readIdleSeconds } = options;
  let seenRunning = -1;
  let seenPart = -1;
  let unclaimedSinceMs = 0;
  let idleSinceMs = 0;
  let unusedSec = 0;
  let sample = { atMs: 0, idleSec: 0 as number | undefined };

  const begin = (nowMs: number): void => {
    unclaimedSinceMs = nowMs;
    idleSinceMs = nowMs;
    unusedSec = 0;
    sample = { atMs: nowMs, idleSec: readIdleSec() };
  };
  const look = (nowMs: number): void => {
    const passedMs = nowMs - sample.atMs;
    if (passedMs < shortestSampleMs) return;
    const idleSec = readIdleSec();
    // Where the system does not say it is taken to be idle.
    const idle = idleSec === undefined || sample.idleSec === undefined ? Infinity : idleSec - sample.idleSec;
    unusedSec += idle;
    if ((idle * 1_000) / passedMs < spareCores) {
      idleSinceMs = nowMs;
      unusedSec = 0;
    }
    sample = { atMs: nowMs, idleSec };
  };

  return {
    isWanted: (running, nextPart) => {
      if (nextPart === undefined) {
        seenRunning = -1;
        return false;
      }
      if (running === 0) return true;
      const nowMs = elapsedMs();
      if (running !== seenRunning) begin(nowMs);
      else look(nowMs);
      if (nextPart !== seenPart) unclaimedSinceMs = nowMs;
      seenRunning = running;
      seenPart = nextPart;
      const isIdle = nowMs - idleSinceMs >= idleForMs && unusedSec >= idleWorthSec;
      return isIdle || nowMs - unclaimedSinceMs >= unclaimedForMs;
    },
  };
}

const ticksPerSec = 100;

/** The fourth and fifth figure of the first line: idle, and idle while a disk is waited for. */
function readIdleSeconds(): number | undefined {
  try {
    const found = /^cpu +\d+ \d+ \d+ (\d+) (\d+)/.exec(readFileSync("/proc/stat", "latin1"));
    return found === null ? undefined : (Number(found[1]) + Number(found[2])) / ticksPerSec;
  } catch {
    return undefined;
  }
}
