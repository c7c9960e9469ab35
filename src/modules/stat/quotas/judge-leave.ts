/** How many messages all limits of a path together leave, or how long to wait until they leave some. */

import type { WaitReason } from "#channels/permits/permit-messages.ts";

import type { FlowLeave } from "../flow-control.ts";
import type { WarmUpLeave } from "../warm-ups/warm-up-book.ts";
import { carriedOver, type Counter } from "./holdings.ts";
import type { MxRule } from "./mx-rule.ts";
import { sliceOf, sliceQuota, untilNextSlice } from "./slice-quota.ts";

/** Tokens undefined: no limit counts messages. */
export type Leave = { readonly tokens: number | undefined } | { readonly forMs: number; readonly reason: WaitReason };

/** Tokens that others hold may come back before the slice ends. */
const refundRetryMs = 10_000;
const carriedRetryMs = 500;

/**
 * Asks each limit; the first that leaves nothing says how long to wait.
 * @param given counter: what was counted over the hourly limit; warmUp: what the tightest ramp leaves
 */
export function judgeLeave(given: {
  readonly rule: MxRule;
  readonly counter: Counter | undefined;
  readonly warmUp: WarmUpLeave | undefined;
  readonly flow: FlowLeave;
  readonly nowMs: number;
}): Leave {
  const { rule, counter, warmUp, flow, nowMs } = given;
  if (flow.kind === "wait") return { forMs: flow.forMs, reason: "flow" };
  const hourly = judgeHour(rule, counter, nowMs);
  if ("reason" in hourly) return hourly;
  if (warmUp !== undefined && warmUp.left <= 0) return { forMs: warmUp.retryMs, reason: "warmUp" };
  const all = [hourly.tokens, warmUp?.left, flow.kind === "limited" ? flow.messages : undefined];
  const some = all.filter((tokens) => tokens !== undefined);
  return { tokens: some.length === 0 ? undefined : Math.min(...some) };
}

/** What the slice of a moment has left of an hourly limit. */
function judgeHour({ maxMessagesPerHour }: MxRule, counter: Counter | undefined, nowMs: number): Leave {
  if (maxMessagesPerHour === 0) return { tokens: undefined };
  const slice = sliceOf(nowMs);
  const unspent = sliceQuota(maxMessagesPerHour, slice) - (counter?.spent.get(slice) ?? 0);
  const left = unspent - (counter === undefined ? 0 : carriedOver(counter, slice));
  if (left > 0) return { tokens: left };
  const untilNextMs = untilNextSlice(nowMs) + 1;
  const soonerMs =
    unspent > 0 ? carriedRetryMs : counter?.outstanding.has(slice) === true ? refundRetryMs : untilNextMs;
  return { forMs: Math.min(untilNextMs, soonerMs), reason: "quota" };
}
