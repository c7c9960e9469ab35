/** Why a statistics server that answers grants nothing: it cannot be sure that no other one does. */

import type { Finding, InstanceVisit, Said } from "#foundation/doctor/check.ts";

import { readTurn, type Turn } from "./turn.ts";

/** One finding, with what the database says to this command. */
export async function explainPause(visit: InstanceVisit, where: string, forMs: number): Promise<Finding> {
  const seen = describeTurn(await readTurn(visit, undefined));
  const values = { where, instance: visit.instance, for: { spanMs: forMs }, seen };
  return { severity: "error", problem: "stat.paused", values };
}

function describeTurn(turn: Turn | undefined): Said {
  if (turn === undefined) return { text: "stat.pausedAway" };
  if (turn.holder === undefined) return { text: "stat.pausedFree" };
  return { text: "stat.pausedHeld", values: { holder: turn.holder.where } };
}
