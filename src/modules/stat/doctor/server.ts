/** The statistics server as senders of this host see it: without its answer no message leaves. */

import { networkInterfaces } from "node:os";

import { readStatus } from "#channels/control/control.ts";
import type { ProcessEntry } from "#channels/control/control-messages.ts";
import { readLoggedField, readLogTail } from "#channels/logs/read-log-tail.ts";
import { type Survey, surveyStat } from "#channels/permits/survey-stat.ts";
import { pause } from "#foundation/clock.ts";
import { statAddress } from "#foundation/common-settings.ts";
import type { Examination, Finding, InstanceVisit, Values } from "#foundation/doctor/check.ts";
import { findPortOwner } from "#foundation/port-owner.ts";

import { explainPause } from "./explain-pause.ts";
import { probePort } from "./probe-port.ts";
import { readTurn } from "./turn.ts";

const usualAnswerMs = 3_000;
/** Senders with another secret ask again every two seconds. */
const listenMs = 2_300;

/**
 * Asks it as a sender would.
 * @param given.isOwn tells addresses of this host from others; given.answerMs the longest wait for an answer
 */
export async function checkServer(
  visit: InstanceVisit,
  { isOwn = isOfThisHost, answerMs = usualAnswerMs } = {},
): Promise<Examination> {
  const { address, port } = visit.settings.of(statAddress);
  const where = `${address}:${port}`;
  const [{ found }, status] = await Promise.all([
    surveyStat(visit, { limitMs: answerMs, mostPaths: 1 }),
    readStatus(visit.home).catch(() => undefined),
  ]);
  if (found !== undefined) return judgeServer(visit, found, where, answerMs);
  const isHere = isOwn(address);
  if (isHere && status === undefined) return { obstacle: "platform" };
  const entry = status?.processes.find(({ module, instance }) => module === "stat" && instance === visit.instance);
  return explainSilence(visit, entry, isHere);
}

async function judgeServer(
  visit: InstanceVisit,
  first: NonNullable<Survey["found"]>,
  where: string,
  answerMs: number,
): Promise<Examination> {
  const { senders, openConnections, paths, refused, startingForMs, pausedForMs } = first.overview;
  const findings: Finding[] = [];
  if (pausedForMs > 0) findings.push(await explainPause(visit, where, pausedForMs));
  if (startingForMs > 0)
    findings.push({ severity: "note", problem: "stat.starting", values: { where, for: { spanMs: startingForMs } } });
  if (refused > 0) {
    await pause(listenMs, visit.signal);
    const later = await surveyStat(visit, { limitMs: answerMs, mostPaths: 1 });
    const more = (later.found?.overview.refused ?? refused) - refused;
    if (more > 0) findings.push({ severity: "warning", problem: "stat.refusing", values: { where, refused, more } });
  }
  return { findings, seen: { text: "seen.stat", values: { where, senders, paths, connections: openConnections } } };
}

/** Nobody answers: the process, the port, another server of the same database, a turn that has not come yet, or the key. */
async function explainSilence(
  visit: InstanceVisit,
  entry: ProcessEntry | undefined,
  isHere: boolean,
): Promise<Examination> {
  const { address, port } = visit.settings.of(statAddress);
  const since = await findSince(visit);
  const values: Values = {
    address,
    port: String(port),
    instance: visit.instance,
    since: since === undefined ? { text: "stat.nobodyWaits" } : { text: "stat.waitsSince", values: { since } },
    host: visit.host,
  };
  const [state, turn] = await Promise.all([probePort(address, port), readTurn(visit, entry?.pid)]);
  const holder = turn?.isOwn === true ? undefined : turn?.holder;
  const error = (problem: Finding["problem"], more: Values = {}): Examination => ({
    findings: [{ severity: "error", problem, values: { ...values, ...more } }],
  });
  if (state === "unreachable") return error("stat.unreachable");
  if (holder !== undefined && isHere) return error("stat.elsewhere", { holder: holder.where });
  if (!isHere) return error(state === "closed" ? "stat.remoteClosed" : "stat.remoteSilent");
  // That it does not run is a finding of the platform; that somebody waits for it is one more.
  if (entry?.pid === undefined && since === undefined) return { obstacle: "process" };
  if (entry?.pid === undefined) return error("stat.away", { state: entry?.state ?? "stopped" });
  const owner = findPortOwner("udp", port);
  if (state === "silent" && !owner.endsWith(`(pid ${entry.pid})`)) return error("stat.portTaken", { owner });
  if (state === "closed" && turn?.waitMs !== undefined)
    return {
      findings: [{ severity: "warning", problem: "stat.spare", values: { ...values, for: { spanMs: turn.waitMs } } }],
    };
  if (state === "closed") return error("stat.otherPort");
  return error(turn !== undefined ? "stat.otherKey" : "stat.noRules");
}

/** What children wrote last, unless they have found it again since. */
async function findSince({ home, instance }: InstanceVisit): Promise<Date | undefined> {
  const lines = await readLogTail(home, instance, "mtachild");
  const last = lines.findLast(({ event }) => event === "mta.stat_unreachable" || event === "mta.stat_back");
  if (last?.event !== "mta.stat_unreachable") return undefined;
  return new Date(last.time.getTime() - Number(readLoggedField(last, "awaySec") ?? 0) * 1_000);
}

function isOfThisHost(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return address === "localhost" || address.startsWith("127.") || own.some((each) => each.address === address);
}
