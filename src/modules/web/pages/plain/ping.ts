/** `ping.jsp`: the whole way through HTTP, session and database works. */

import type { FastifyReply } from "fastify";

import { zoneFlagsOf, zoneNamesOf } from "#foundation/caller-zones.ts";

import { type PublicCall, valueOf } from "../page-call.ts";
import { plainText } from "./plain-call.ts";

/** `OK` and the server's time; with `?zones=true` also the caller's security zones and what they allow. */
export async function ping({ context, request, reply }: PublicCall): Promise<FastifyReply> {
  const lines = ["OK", formatMoment(context.clock.now())];
  if (valueOf(request.query, "zones") === "true") {
    const { address } = request.client;
    const flags = Object.entries(zoneFlagsOf(context.settings, address));
    lines.push(`sourceIP=${address}`, `zones=${zoneNamesOf(context.settings, address).join(",")}`);
    lines.push(...flags.map(([flag, isAllowed]) => `${flag}=${isAllowed}`));
  }
  return reply.type(plainText).send(`${lines.join("\n")}\n`);
}

/** A moment as Classic writes it: UTC, with a blank in the middle. */
export function formatMoment(moment: Date): string {
  return moment.toISOString().replace("T", " ");
}
