/** The database of an instance: whether it answers and lets us in, its version, its connections, its clock, and who waits for a lock. */

import { isPlatformRunning } from "#channels/control/control.ts";
import { databaseAddress } from "#channels/platform/database-address.ts";
import { checkVersion } from "#datamodel/check-version.ts";
import { databaseSettings } from "#foundation/common-settings.ts";
import { checkDatabase, describeAddress } from "#foundation/database.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import type { ProblemKey } from "#foundation/doctor/words.ts";
import { describeError } from "#foundation/errors.ts";

import { type DatabaseState, listBlocked, readDatabaseState } from "./database-state-store.ts";

const connectMs = 3_000;
/** The oldest that is supported: 15. */
const oldestVersion = 150_000;
const fullShare = 0.9;
/** Where few are allowed, a share says little. */
const fewLeft = 2;
const longestSkewMs = 5_000;
const usualLongWaitMs = 30_000;

/**
 * Connects, then asks.
 * @param given.readState what it asks by; given.longWaitMs from which on a wait for a lock is told
 */
export async function checkDatabaseOfInstance(
  visit: InstanceVisit,
  { readState = readDatabaseState, longWaitMs = usualLongWaitMs } = {},
): Promise<Examination> {
  const { home, instance, settings, db } = visit;
  const address = databaseAddress(home, instance, settings);
  const isEmbedded = settings.of(databaseSettings).url === "";
  const where = describeAddress(address);
  try {
    await checkDatabase(address, connectMs);
  } catch (error) {
    // The watchdog runs the embedded one.
    if (isEmbedded && !(await isPlatformRunning(home))) return { obstacle: "platform" };
    return { findings: [explainRefusal(error, where, isEmbedded)] };
  }
  const version = await judgeVersion(visit);
  const askedMs = visit.now().getTime();
  const state = await readState(db);
  if (state === undefined) return { obstacle: "database" };
  const answeredMs = visit.now().getTime();
  const findings = [
    ...version,
    ...judgeState(state, where, (askedMs + answeredMs) / 2),
    ...(await judgeLocks(visit, longWaitMs)),
  ];
  const { connections, maxConnections } = state;
  return {
    findings,
    seen: { text: "seen.database", values: { where, version: state.version, connections, maxConnections } },
  };
}

const problemsByCode: Readonly<Record<string, ProblemKey>> = {
  "53300": "database.noConnection",
  "57P03": "database.starting",
  "28P01": "database.refused",
  "28000": "database.refused",
  "3D000": "database.refused",
};

function explainRefusal(error: unknown, where: string, isEmbedded: boolean): Finding {
  const code = codesOf(error).find((each) => each in problemsByCode) ?? "";
  const away: ProblemKey = isEmbedded ? "database.embeddedAway" : "database.away";
  return { severity: "error", problem: problemsByCode[code] ?? away, values: { where, reason: describeError(error) } };
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return ["code" in error ? String(error.code) : "", ...codesOf(error.cause)];
}

async function judgeVersion({ db, instance }: InstanceVisit): Promise<Finding[]> {
  try {
    await checkVersion(db, instance);
    return [];
  } catch (error) {
    const [code = ""] = codesOf(error);
    if (code !== "DBS-100004" && code !== "DBS-100006") throw error;
    const problem = code === "DBS-100004" ? "database.newer" : "database.older";
    return [{ severity: "error", problem, values: { instance, reason: describeError(error) } }];
  }
}

function judgeState(state: DatabaseState, where: string, hereMs: number): Finding[] {
  const { versionNumber, version, isReadOnly, connections, maxConnections } = state;
  const skewMs = Math.abs(state.now.getTime() - hereMs);
  const values = { where, version, connections, maxConnections, skew: { spanMs: skewMs } };
  const problems: [boolean, Finding["severity"], ProblemKey][] = [
    [versionNumber < oldestVersion, "error", "database.oldServer"],
    [isReadOnly, "error", "database.readOnly"],
    [
      connections >= Math.min(maxConnections * fullShare, maxConnections - fewLeft),
      "warning",
      "database.fewConnections",
    ],
    [skewMs > longestSkewMs, "warning", "database.otherClock"],
  ];
  return problems.flatMap(([isSo, severity, problem]) => (isSo ? [{ severity, problem, values }] : []));
}

async function judgeLocks({ db }: InstanceVisit, longWaitMs: number): Promise<Finding[]> {
  const blocked = await listBlocked(db, longWaitMs);
  const [first] = blocked;
  if (first === undefined) return [];
  const { applicationName, blockerName, blockerPid, blockerState, waitingMs } = first;
  const values = { waiting: applicationName, blocker: blockerName, pid: String(blockerPid), state: blockerState };
  return [{ severity: "warning", problem: "database.locked", values: { ...values, for: { spanMs: waitingMs } } }];
}
