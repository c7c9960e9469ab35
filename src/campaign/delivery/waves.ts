/** Waves: a delivery that leaves in several portions, one after the other. */

import { invalidDelivery } from "./errors.ts";
import { countOfShare, parseShare, type Share } from "./share.ts";

export type WavePlan =
  /** As many waves of one size as it takes. */
  | { readonly kind: "equal"; readonly size: Share; readonly periodSec: number }
  /** Each so long after the one before it; the last one takes what is left. */
  | {
      readonly kind: "calendar";
      readonly waves: readonly { readonly afterSec: number; readonly size: Share | undefined }[];
    };

export type Wave = {
  readonly size: number;
  /** From the start of the delivery to the start of this wave. */
  readonly delaySec: number;
};

const longestDelaySec = 366 * 86_400;
const mostWaves = 1_000;

/**
 * Accepts a plan as clients send it: `{size: "30%", periodSec: 3600}`, or `{waves: [{size: "10%"}, {afterSec: 3600}]}`.
 * @returns undefined when there is none
 * @throws invalidDelivery
 */
export function parseWaves(given: unknown): WavePlan | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== "object" || Array.isArray(given)) throw refused("they are no object");
  const { size, periodSec, waves, ...others } = given as Record<string, unknown>;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw refused(`there is nothing named ${unknown.slice(0, 60)}`);
  if (waves === undefined && size === undefined && periodSec === undefined) return undefined;
  if (waves === undefined)
    return { kind: "equal", size: readSize(size) ?? missingSize(), periodSec: readDelay("periodSec", periodSec, 1) };
  if (size !== undefined || periodSec !== undefined) throw refused("either waves, or size and periodSec");
  if (!Array.isArray(waves) || waves.length === 0 || waves.length > mostWaves)
    throw refused(`waves must be a list of 1 to ${mostWaves}`);
  return { kind: "calendar", waves: waves.map((wave: unknown, index) => readWave(wave, index, waves.length)) };
}

/**
 * The waves of so many messages, in their order; their sizes add up to all.
 * @throws invalidDelivery when there would be too many of them
 */
export function planWaves(plan: WavePlan | undefined, toDeliver: number): Wave[] {
  if (toDeliver === 0) return [];
  if (plan === undefined) return [{ size: toDeliver, delaySec: 0 }];
  return plan.kind === "equal" ? planEqual(plan, toDeliver) : planCalendar(plan, toDeliver);
}

/** How long after the start of the delivery the last wave ends; of a calendar only its beginning is known. */
export function lengthOfWaves(plan: WavePlan | undefined, toDeliver: number): number {
  const last = planWaves(plan, toDeliver).at(-1)?.delaySec ?? 0;
  return plan?.kind === "equal" ? last + plan.periodSec : last;
}

function planEqual(plan: WavePlan & { kind: "equal" }, toDeliver: number): Wave[] {
  const size = countOfShare(plan.size, toDeliver);
  const count = Math.ceil(toDeliver / size);
  if (count > mostWaves) throw refused(`there would be ${count}; make them larger, ${mostWaves} are allowed`);
  return Array.from({ length: count }, (_, index) => ({
    size: Math.min(size, toDeliver - index * size),
    delaySec: index * plan.periodSec,
  }));
}

function planCalendar({ waves }: WavePlan & { kind: "calendar" }, toDeliver: number): Wave[] {
  const planned: Wave[] = [];
  let left = toDeliver;
  let delaySec = 0;
  for (const [index, wave] of waves.entries()) {
    delaySec += wave.afterSec;
    const isLast = index === waves.length - 1;
    const size = isLast || wave.size === undefined ? left : Math.min(left, countOfShare(wave.size, toDeliver));
    if (size > 0) planned.push({ size, delaySec });
    left -= size;
  }
  return planned;
}

function readWave(given: unknown, index: number, count: number): { afterSec: number; size: Share | undefined } {
  if (typeof given !== "object" || given === null) throw refused("a wave is no object");
  const { afterSec, size } = given as Record<string, unknown>;
  const share = readSize(size);
  if (share === undefined && index < count - 1) throw refused(`wave ${index + 1} has no size`);
  return { afterSec: readDelay("afterSec", afterSec ?? 0, 0), size: share };
}

function readSize(given: unknown): Share | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== "string" && typeof given !== "number") throw refused("a size is neither 1000 nor 30%");
  return parseShare(String(given), "The size of a wave");
}

function missingSize(): never {
  throw refused("the size is missing");
}

function readDelay(name: string, given: unknown, least: number): number {
  const seconds = Number(given);
  if (given === null || !Number.isInteger(seconds) || seconds < least || seconds > longestDelaySec)
    throw refused(`${name} must be a whole number of seconds from ${least} to ${longestDelaySec}`);
  return seconds;
}

function refused(problem: string): Error {
  return invalidDelivery({ problem: `Its waves are not valid: ${problem}.` });
}
