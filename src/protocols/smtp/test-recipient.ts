/** Asks a server whether it would take a message for a recipient, and gives it none. */

import { isRefusal, lose, type Sending } from "./carrier.ts";
import type { SendingStage, SendOutcome } from "./outcome.ts";
import { type Message, prepareEnvelope } from "./prepare-envelope.ts";
import { isAccepting, isClosing } from "./reply.ts";

/**
 * Says the envelope, one command after another, and takes it back: never DATA, never BDAT. Nothing else may be under way in the session.
 * @returns `sent` with the reply to RCPT TO when the recipient was accepted
 * @source Classic: "Test SMTP delivery: the dialogue up to RCPT TO"
 */
export async function testRecipient(sending: Sending, message: Message): Promise<SendOutcome> {
  const { conversation, extensions, state, timeouts } = sending;
  const envelope = prepareEnvelope(extensions, message);
  if ("kind" in envelope) return envelope;
  if (!state.isUsable || conversation.loss !== undefined)
    return lose(state, "mail", conversation.loss ?? { cause: "closed", text: "the session ended before it" });
  const commands: readonly (readonly [SendingStage, string])[] = [
    ...(state.needsReset ? [["reset", "RSET\r\n"] as const] : []),
    ["mail", envelope.mail],
    ["rcpt", envelope.rcpt],
    ["reset", "RSET\r\n"],
  ];
  let outcome: SendOutcome | undefined;
  for (const [stage, line] of commands) {
    if (outcome?.kind === "refused" && stage !== "reset") continue;
    conversation.say(line);
    const heard = conversation.take() ?? (await conversation.hear(timeouts.commandMs));
    if (heard.kind === "lost") {
      state.isUsable = false;
      return outcome ?? lose(state, stage, heard.loss);
    }
    const { reply } = heard;
    if (isClosing(reply)) state.isUsable = false;
    if (stage === "reset") {
      if (isAccepting(reply)) state.needsReset = false;
      else state.isUsable = false;
    } else if (isRefusal(reply)) outcome = { kind: "refused", stage, reply };
    else if (!isAccepting(reply))
      return lose(state, stage, { cause: "protocol", text: `${reply.code} is no answer to ${stage}` });
    else {
      state.needsReset = true;
      if (stage === "rcpt") outcome = { kind: "sent", reply };
    }
    if (!state.isUsable) break;
  }
  return outcome ?? lose(state, "mail", { cause: "closed", text: "the server ended the session" });
}
