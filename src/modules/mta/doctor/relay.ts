/** The relays that take all mail: whether they are reached and greet, as a sender sees it. */

import { routeSettings } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import { connect } from "#protocols/smtp/connect.ts";
import { isAccepting, replyText } from "#protocols/smtp/reply.ts";

import { readRelay } from "../child/routing/read-relay.ts";
import { mtaRelaySettings } from "../settings.ts";

const connectMs = 3_000;
/** A server that makes clients wait greets late, and is no broken one. */
const greetingMs = 2_000;

/** Opens a connection to each, and says QUIT. */
export async function checkRelay({ settings, instance, signal }: InstanceVisit): Promise<Examination> {
  if (settings.of(routeSettings).route !== "relay") return { findings: [] };
  const { address, port } = settings.of(mtaRelaySettings);
  const asked = await Promise.all(
    address.map(async (text) => {
      const relay = readRelay(text, port);
      const where = `${relay.host}:${relay.port}`;
      return { where, reason: await findTrouble(relay, signal) };
    }),
  );
  const isAnyWell = asked.some(({ reason }) => reason === undefined);
  const findings = asked.flatMap(({ where, reason }): Finding[] =>
    reason === undefined
      ? []
      : [
          {
            severity: isAnyWell ? "warning" : "error",
            problem: isAnyWell ? "relay.oneAway" : "relay.away",
            values: { where, reason, instance },
          },
        ],
  );
  return { findings, seen: { text: "seen.relay", values: { relays: asked.map(({ where }) => where).join(", ") } } };
}

async function findTrouble(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<string | undefined> {
  const conversation = await connect({ address: host, port, limitMs: connectMs, signal });
  if ("cause" in conversation) return conversation.text;
  const heard = await conversation.hear(greetingMs);
  const isLate = heard.kind === "lost" && heard.loss.cause === "timeout";
  if (heard.kind === "reply") conversation.say("QUIT\r\n");
  conversation.close();
  if (heard.kind === "reply") return isAccepting(heard.reply) ? undefined : replyText(heard.reply);
  return isLate ? undefined : heard.loss.text;
}
