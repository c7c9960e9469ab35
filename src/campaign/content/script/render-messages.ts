/** Runs the scripts of a delivery for several recipients at once. */

import type { Sandbox } from "#foundation/sandbox/open-sandbox.ts";
import { isStopped, type ScriptFault } from "#foundation/sandbox/sandbox-messages.ts";
import { nameMessage } from "#protocols/message-identity/message-identity.ts";

import type { CompiledDelivery, MessageRecipient } from "../compiled-message.ts";
import type { CompiledScript, RenderedParts, ScriptInput } from "./compiled-script.ts";
import { type DescribedFault, describeFault } from "./describe-fault.ts";

export type RenderedMessage =
  | { readonly kind: "rendered"; readonly parts: RenderedParts }
  /** The script threw: for this recipient only, as far as is known. */
  | { readonly kind: "failed"; readonly fault: DescribedFault }
  /** The script was stopped at a limit: nobody is to be rendered any more. */
  | { readonly kind: "stopped"; readonly fault: DescribedFault };

/**
 * Renders the scripts for some hundred recipients, which is one call of the sandbox.
 * @returns one result for each recipient, in order
 */
export async function renderMessages(
  sandbox: Pick<Sandbox, "call">,
  delivery: Pick<CompiledDelivery, "deliveryId" | "identity"> & { readonly script: CompiledScript },
  recipients: readonly Pick<MessageRecipient, "broadLogId" | "fields">[],
): Promise<RenderedMessage[]> {
  const { script } = delivery;
  const inputs = recipients.map((recipient): ScriptInput => {
    const { broadLogId, fields } = recipient;
    const { messageId } = nameMessage(delivery.identity, { deliveryId: delivery.deliveryId, broadLogId });
    return { f: script.fields.map((index) => fields[index] ?? null), m: [broadLogId, messageId] };
  });
  const answers = await sandbox.call(script.program, inputs);
  const last = answers.at(-1);
  const stop = last !== undefined && "fault" in last ? last.fault : missing;
  return recipients.map((_, index) => {
    const answer = answers[index];
    if (answer === undefined) return { kind: "stopped", fault: describeFault(script, stop) };
    if ("fault" in answer)
      return { kind: isStopped(answer.fault) ? "stopped" : "failed", fault: describeFault(script, answer.fault) };
    return isRendered(answer.value)
      ? { kind: "rendered", parts: answer.value }
      : { kind: "failed", fault: describeFault(script, malformed) };
  });
}

const missing: ScriptFault = { kind: "crash", message: "The sandbox gave no answer.", places: [] };
const malformed: ScriptFault = { kind: "error", message: "The script gave something else than a message.", places: [] };

/** What comes from the sandbox is as little trusted as what comes from the network. */
function isRendered(value: unknown): value is RenderedParts {
  return (
    Array.isArray(value) &&
    value.every(
      (part: unknown) =>
        Array.isArray(part) && part.every((item: unknown) => typeof item === "string" || Number.isSafeInteger(item)),
    )
  );
}
