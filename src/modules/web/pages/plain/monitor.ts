/** `monitor.jsp`: the state of the platform, as `postrider monitor` prints it. */

import type { FastifyReply } from "fastify";

import { readStatus } from "#channels/control/control.ts";
import { describePlatform } from "#channels/platform/describe-platform.ts";
import { surveyStat } from "#channels/permits/survey-stat.ts";
import { countWork } from "#campaign/workflow/work-counts-store.ts";

import type { PublicCall } from "../page-call.ts";

/** The document; of instances only the one whose host name was asked, since of others this operator knows nothing. */
export async function monitor({ context, reply }: PublicCall): Promise<FastifyReply> {
  const { home, instance, db } = context;
  const status = await readStatus(home).catch(() => undefined);
  const document = await describePlatform({
    home,
    status,
    missing: status?.missing ?? [],
    instances: [instance],
    countWork: () => countWork(db),
    surveyStat: () => surveyStat(context, { limitMs: 1_500, mostPaths: 10_000 }),
  });
  return reply.type("text/xml; charset=utf-8").send(document);
}
