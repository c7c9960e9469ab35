/** What `postrider stat -show` and the page say of one path. */

import { type Path, pathKey, type ShownPath, slicesPerHour } from "#channels/permits/permit-messages.ts";

import type { WarmUpLeave } from "../warm-ups/warm-up-book.ts";
import { carriedOver, type Counter, type Holding } from "./holdings.ts";
import type { MxRule } from "./mx-rule.ts";
import { sliceOf, sliceQuota, untilNextSlice } from "./slice-quota.ts";

/**
 * Puts together what is known of a path; what waits for it is not.
 * @param given held: what each sender holds of it
 */
export function describePath(given: {
  readonly path: Path;
  readonly rule: MxRule;
  readonly counter: Counter | undefined;
  readonly openConnections: number;
  readonly held: readonly Holding[];
  readonly flow: ShownPath["flow"];
  readonly warmUp: WarmUpLeave | undefined;
  readonly nowMs: number;
}): ShownPath {
  const { path, rule, counter, openConnections, held, flow, warmUp, nowMs } = given;
  const slice = sliceOf(nowMs);
  const { maxMessagesPerHour } = rule;
  const setAside = counter?.setAside.get(slice) ?? 0;
  const carried = counter === undefined ? 0 : carriedOver(counter, slice);
  return {
    key: pathKey(path),
    path,
    rule: { id: rule.id, mask: rule.mask },
    openConnections,
    maxConnections: rule.maxConnections,
    slice: {
      spent: (counter?.spent.get(slice) ?? 0) - setAside,
      setAside: setAside + carried,
      limit: maxMessagesPerHour === 0 ? 0 : sliceQuota(maxMessagesPerHour, slice),
    },
    hour: { ...withinHour(counter, slice), limit: maxMessagesPerHour },
    tokensHeld: held.reduce((sum, { outstanding }) => sum + addUp(outstanding.values()), 0),
    sliceLeftMs: Math.floor(untilNextSlice(nowMs)),
    ...(flow === undefined ? {} : { flow }),
    ...(warmUp === undefined ? {} : { warmUp: describeWarmUp(warmUp) }),
    waiting: [],
  };
}

function withinHour(counter: Counter | undefined, slice: number): { spent: number; setAside: number } {
  const sumOf = (bySlice: Counter["spent"] | undefined): number =>
    addUp([...(bySlice ?? [])].flatMap(([each, tokens]) => (each > slice - slicesPerHour ? [tokens] : [])));
  const setAside = sumOf(counter?.setAside);
  return { spent: sumOf(counter?.spent) - setAside, setAside };
}

function describeWarmUp({ day, sent, setAside, limit }: WarmUpLeave): NonNullable<ShownPath["warmUp"]> {
  return { day, sent: sent - setAside, setAside, limit };
}

function addUp(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
