/** Asks the running stat something, for the command. */

import { permitPeer } from "#channels/permit-peer.ts";
import { openPermits, type Permits } from "#channels/permits.ts";
import { pause } from "#foundation/clock.ts";
import type { Context } from "#foundation/module.ts";

import { statNotAnswering } from "./errors.ts";

const longestAnswerMs = 5_000;

/**
 * Opens a sender's side for one question and closes it.
 * @throws statNotAnswering when the question comes back with undefined
 */
export async function askStat<T>(
  context: Context,
  ask: (permits: Permits, signal: AbortSignal) => Promise<T | undefined>,
): Promise<T> {
  const { address, port, key } = permitPeer(context);
  const permits = openPermits({
    address,
    port,
    key,
    client: `${context.processId}:command`,
    elapsedMs: () => context.clock.elapsedMs(),
  });
  const tooLate = new AbortController();
  void pause(longestAnswerMs, tooLate.signal).then(() => tooLate.abort());
  try {
    const answer = await ask(permits, tooLate.signal);
    if (answer === undefined) throw statNotAnswering({ address, port });
    return answer;
  } finally {
    tooLate.abort();
    await permits.close(0);
  }
}
