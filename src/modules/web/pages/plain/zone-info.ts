/** `zoneinfo.jsp`: tells a caller which security zones he is in, before he logs on. */

import type { FastifyReply } from "fastify";

import { zoneFlagsOf, zoneNamesOf } from "#foundation/caller-zones.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";
import { anElement } from "#protocols/soap/xml-element.ts";

import type { PublicCall } from "../page-call.ts";

/** Address, zones and flags as XML; only the address where the zones lack allowDebug. */
export async function zoneInfo({ context, request, reply }: PublicCall): Promise<FastifyReply> {
  const { address, isSecure } = request.client;
  const flags = zoneFlagsOf(context.settings, address);
  const zones = flags.allowDebug ? zoneNamesOf(context.settings, address) : [];
  const document = anElement(
    "zoneInfo",
    flags.allowDebug ? { sourceIP: address, isSecure, ...flags } : { sourceIP: address },
    ...zones.map((name) => anElement("securityZone", { name })),
  );
  return reply.type("text/xml; charset=utf-8").send(`${writeXml(document)}\n`);
}
