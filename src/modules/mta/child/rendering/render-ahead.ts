/** Runs the scripts for a part's recipients a little ahead of the sessions, many at once. */

import type { CompiledDelivery, MessageRecipient } from "#campaign/content/compiled-message.ts";
import { scriptFailed, scriptStopped } from "#campaign/content/errors.ts";
import type { CompiledScript } from "#campaign/content/script/compiled-script.ts";
import { type DescribedFault, faultSentence } from "#campaign/content/script/describe-fault.ts";
import { type RenderedMessage, renderMessages } from "#campaign/content/script/render-messages.ts";
import type { Sandbox } from "#foundation/sandbox/open-sandbox.ts";

export type ScriptedDelivery = CompiledDelivery & { readonly script: CompiledScript };

/**
 * Completes a recipient with what the delivery's scripts answer for it.
 * @throws scriptFailed when they fail for this recipient; scriptStopped when they were stopped at a limit
 */
export type FillRecipient = (recipient: MessageRecipient) => Promise<MessageRecipient>;

/** Recipients of one call at most, and the time that a call should take: sessions wait for it with their connection open. */
const mostAtOnce = 500;
const fewAtFirst = 20;
const callMs = 200;

/**
 * Opens the rendering of a part. Recipients are rendered in the order given, from the first that is asked for; results wait for their
 * message once, whoever asks again is rendered again.
 * @param onStop called once when the scripts were stopped at a limit
 */
export function renderAhead(
  delivery: ScriptedDelivery,
  recipients: readonly MessageRecipient[],
  tools: { readonly sandbox: Pick<Sandbox, "call">; readonly onStop: (fault: DescribedFault) => void },
): FillRecipient {
  const waiting = new Map(recipients.map((recipient) => [recipient.broadLogId, recipient]));
  const ready = new Map<number, Promise<RenderedMessage>>();
  let size = fewAtFirst;
  let stopped: DescribedFault | undefined;

  const begin = (first: MessageRecipient): Promise<RenderedMessage> => {
    waiting.delete(first.broadLogId);
    const batch = [first, ...take(waiting, size - 1)];
    const startedMs = performance.now();
    const results = renderMessages(tools.sandbox, delivery, batch).then((rendered) => {
      size = nextSize(batch.length, performance.now() - startedMs);
      const stop = rendered.find((result) => result.kind === "stopped");
      if (stop !== undefined && stopped === undefined) {
        stopped = stop.fault;
        tools.onStop(stop.fault);
      }
      return rendered;
    });
    // Whoever asks hears of it: a batch that nobody asks for any more must not end the process.
    results.catch(() => undefined);
    for (const [index, { broadLogId }] of batch.entries()) {
      const own = results.then((rendered) => rendered[index] ?? missing);
      own.catch(() => undefined);
      ready.set(broadLogId, own);
    }
    return ready.get(first.broadLogId) ?? Promise.resolve(missing);
  };

  return async (recipient) => {
    const { broadLogId } = recipient;
    if (stopped !== undefined) throw stop(delivery, stopped);
    const result = ready.get(broadLogId) ?? begin(recipient);
    ready.delete(broadLogId);
    // The next batch is made while this one is sent.
    const [next] = waiting.values();
    if (next !== undefined && ready.size < size / 2) void begin(next);
    const rendered = await result;
    switch (rendered.kind) {
      case "rendered":
        return { ...recipient, rendered: rendered.parts };
      case "failed":
        throw scriptFailed({ problem: faultSentence(rendered.fault) });
      case "stopped":
        throw stop(delivery, rendered.fault);
    }
  };
}

/** What the operator is told about a delivery whose scripts were stopped. */
export function stop({ deliveryId }: Pick<CompiledDelivery, "deliveryId">, fault: DescribedFault): Error {
  return scriptStopped({ deliveryId, problem: faultSentence(fault) });
}

const missing: RenderedMessage = {
  kind: "failed",
  fault: { part: undefined, place: undefined, message: "The sandbox gave no answer." },
};

function take(waiting: Map<number, MessageRecipient>, count: number): MessageRecipient[] {
  const taken: MessageRecipient[] = [];
  for (const [broadLogId, recipient] of waiting) {
    if (taken.length >= count) break;
    taken.push(recipient);
    waiting.delete(broadLogId);
  }
  return taken;
}

function nextSize(done: number, tookMs: number): number {
  return Math.max(1, Math.min(mostAtOnce, done * 4, Math.round((done * callMs) / Math.max(1, tookMs))));
}
