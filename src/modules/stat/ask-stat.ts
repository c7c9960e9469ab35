/** Asks the running stat something, for the command. */

import { askOnce } from "#channels/permits/ask-once.ts";
import { permitPeer } from "#channels/permits/permit-peer.ts";
import type { Permits } from "#channels/permits/permits.ts";
import type { Context } from "#foundation/module.ts";

import { statNotAnswering } from "./errors.ts";

const longestAnswerMs = 5_000;

/**
 * Asks one question.
 * @throws statNotAnswering when it comes back with undefined
 */
export async function askStat<T>(
  context: Context,
  ask: (permits: Permits, signal: AbortSignal) => Promise<T | undefined>,
): Promise<T> {
  const peer = permitPeer(context);
  const answer = await askOnce(peer, longestAnswerMs, ask);
  if (answer === undefined) throw statNotAnswering({ address: peer.address, port: peer.port });
  return answer;
}
