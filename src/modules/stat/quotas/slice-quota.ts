/** Hourly limits are spent in twelve slices of five minutes, aligned to the clock: which part of a limit a slice has, and what it is counted over. */

import { type Path, sliceMs, slicesPerHour } from "#channels/permits/permit-messages.ts";

import type { MxRule } from "./mx-rule.ts";

/**
 * The part of an hourly limit that one slice may spend: 833 of 10,000. Twelve slices in a row spend exactly the limit.
 * @param slice number of the slice, from any beginning
 */
export function sliceQuota(maxMessagesPerHour: number, slice: number): number {
  const position = ((slice % slicesPerHour) + slicesPerHour) % slicesPerHour;
  return (
    Math.floor(((position + 1) * maxMessagesPerHour) / slicesPerHour) -
    Math.floor((position * maxMessagesPerHour) / slicesPerHour)
  );
}

/** The slice of a moment. */
export function sliceOf(nowMs: number): number {
  return Math.floor(nowMs / sliceMs);
}

/** Time until the slice of a moment is over. */
export function untilNextSlice(nowMs: number): number {
  return (sliceOf(nowMs) + 1) * sliceMs - nowMs;
}

/**
 * What an hourly limit is counted over. Shared: all remote addresses that the mask names, for each of our public ids;
 * the mask of everything names no provider, so there each host counts for itself. Not shared: each remote address.
 * @source Classic, MX management: 2 of ours and 7 remote addresses are 2 limits when shared, and 14 when not
 */
export function quotaKey(rule: MxRule, path: Path): string {
  if (!rule.isShared) return `${rule.id}|${path.publicId}|${path.address}`;
  return `${rule.id}|${path.publicId}|${rule.mask === "*" ? path.host.toLowerCase() : "*"}`;
}
