/** `mcPing.jsp`: how many events wait to be sent, against the most that may. */

import type { FastifyReply } from "fastify";

import { countPendingEvents } from "#campaign/delivery/events/count-pending-events.ts";

import { webEventsSettings } from "../../settings.ts";
import type { PublicCall } from "../page-call.ts";
import { formatMoment } from "./ping.ts";
import { plainText } from "./plain-call.ts";

/** Three lines as clients take them apart; two when the queue is full. */
export async function mcPing({ context, reply }: PublicCall): Promise<FastifyReply> {
  const { maxPending } = context.settings.of(webEventsSettings);
  const pending = await countPendingEvents(context.db);
  const lines =
    pending >= maxPending
      ? ["Error", `The queue is full (${pending}/${maxPending})`]
      : ["Ok", formatMoment(context.clock.now()), `${pending}/${maxPending} pending events`];
  return reply.type(plainText).send(`${lines.join("\n")}\n`);
}
