/** What messages wait for at the statistics server, and until when. */

import { readStatus } from "#channels/control/control.ts";
import type { Waiting } from "#channels/permits/permit-messages.ts";
import { type Survey, surveyStat } from "#channels/permits/survey-stat.ts";
import type { Examination, Finding, InstanceVisit, Severity } from "#foundation/doctor/check.ts";
import type { ProblemKey } from "#foundation/doctor/words.ts";

type Told = Waiting & { readonly client: string };

const answerMs = 3_000;
const mostPaths = 10_000;
const mostNames = 5;

/** A rule that does what it says is a note; a server that asks for less, or cannot be reached, is not as it should be. */
const judged: { readonly [R in Waiting["reason"]]: { severity: Severity; problem: ProblemKey } | undefined } = {
  quota: { severity: "note", problem: "waits.quota" },
  warmUp: { severity: "note", problem: "waits.warmUp" },
  connections: { severity: "note", problem: "waits.connections" },
  flow: { severity: "warning", problem: "waits.flow" },
  unreachable: { severity: "warning", problem: "waits.unreachable" },
  // Over within seconds, and told by the check of the server.
  starting: undefined,
  // So is a server that has no word of its database.
  database: undefined,
  room: { severity: "note", problem: "waits.room" },
};

/** One that is down is its own affair; when none of several can be reached, the way out is closed. */
const several = 3;

/** One finding for each reason. */
export async function checkWaits(visit: InstanceVisit): Promise<Examination> {
  const { found } = await surveyStat(visit, { limitMs: answerMs, mostPaths });
  if (found === undefined)
    return { obstacle: (await readStatus(visit.home).catch(() => undefined)) === undefined ? "platform" : "stat" };
  const told = found.paths.flatMap(({ waiting }) => waiting);
  const findings = [...Map.groupBy(told, ({ reason }) => reason)].flatMap(([reason, waits]) => {
    const how = reason === "unreachable" && isWayClosed(waits, found) ? wayClosed : judged[reason];
    return how === undefined ? [] : [describe(how, waits, visit)];
  });
  const messages = told.reduce((sum, wait) => sum + wait.messages, 0);
  return { findings, seen: { text: "seen.waits", values: { paths: found.paths.length, messages } } };
}

const wayClosed = { severity: "error", problem: "waits.noWayOut" } as const;

function isWayClosed(unreachable: readonly Told[], { overview }: NonNullable<Survey["found"]>): boolean {
  const destinations = new Set(unreachable.map(({ destination, path }) => path?.host ?? destination));
  return overview.openConnections === 0 && destinations.size >= several;
}

function describe(
  how: { severity: Severity; problem: ProblemKey },
  waits: readonly Told[],
  { now, instance }: InstanceVisit,
): Finding {
  const most = waits.toSorted((one, other) => other.messages - one.messages);
  const names = [...new Set(most.map(({ destination, path }) => path?.host ?? destination))];
  const soonestMs = Math.min(...waits.map(({ forMs }) => forMs));
  const longestMs = Math.max(...waits.map(({ sinceMs }) => sinceMs));
  return {
    ...how,
    values: {
      instance,
      messages: waits.reduce((sum, wait) => sum + wait.messages, 0),
      destinations: names.slice(0, mostNames).join(", ") + (names.length > mostNames ? ", ..." : ""),
      since: new Date(now().getTime() - longestMs),
      until: new Date(now().getTime() + soonestMs),
    },
  };
}
