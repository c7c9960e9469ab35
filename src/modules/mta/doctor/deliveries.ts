/** Deliveries that should send and do not: what each waits for, and until when. */

import { readStatus } from "#channels/control/control.ts";
import { readLogTail } from "#channels/logs/read-log-tail.ts";
import type { Examination, Finding, InstanceVisit, Severity } from "#foundation/doctor/check.ts";
import type { ProblemKey } from "#foundation/doctor/words.ts";

import { namesOfAffinities } from "../ip-affinity.ts";
import { mtaAffinitySettings } from "../settings.ts";
import {
  countPartsUnderWay,
  type IdleParts,
  type KnownHost,
  listHosts,
  listIdleParts,
  listStandstills,
  type Standstill,
} from "./deliveries-store.ts";

/** The server looks every 30 s at the latest. */
const slowSec = 120;
/** Hosts show themselves once a minute. */
const silentSec = 180;
/** Who paused something yesterday may have forgotten it. */
const forgottenSec = 86_400;

type Judged = { readonly severity: Severity; readonly problem: ProblemKey };

const ofDelivery: { readonly [K in Standstill["kind"]]: Judged } = {
  paused: { severity: "note", problem: "deliveries.paused" },
  forgotten: { severity: "warning", problem: "deliveries.forgotten" },
  scheduled: { severity: "note", problem: "deliveries.scheduled" },
  unconfirmed: { severity: "note", problem: "deliveries.unconfirmed" },
  preparing: { severity: "error", problem: "deliveries.notPrepared" },
  starting: { severity: "error", problem: "deliveries.notStarted" },
  expired: { severity: "warning", problem: "deliveries.expired" },
  stopping: { severity: "warning", problem: "deliveries.notEnded" },
};

const ofParts: { readonly [K in IdleParts["kind"]]: Judged } = {
  retry: { severity: "note", problem: "deliveries.retries" },
  wave: { severity: "note", problem: "deliveries.waves" },
  affinity: { severity: "error", problem: "deliveries.affinity" },
  due: { severity: "error", problem: "deliveries.notClaimed" },
  deadHost: { severity: "warning", problem: "deliveries.deadHost" },
  lostLease: { severity: "error", problem: "deliveries.lostLease" },
  settling: { severity: "note", problem: "deliveries.settling" },
  held: { severity: "error", problem: "deliveries.held" },
};

/** Asks the ledger's tables. */
export async function checkDeliveries(visit: InstanceVisit): Promise<Examination> {
  const { db } = visit;
  const hosts = await listHosts(db, silentSec);
  const affinities = listServed(hosts, visit);
  const [standstills, idle, underWay] = await Promise.all([
    listStandstills(db, { slowSec, forgottenSec }),
    listIdleParts(db, { affinities, slowSec, silentSec }),
    countPartsUnderWay(db),
  ]);
  const stuck = idle.filter(({ kind }) => kind !== "due" || underWay === 0);
  const children = stuck.some(({ kind }) => kind === "due") ? await describeChildren(visit) : "";
  const findings = [
    ...standstills.map(
      (found): Finding => ({
        ...ofDelivery[found.kind],
        values: { ...describeStandstill(found), instance: visit.instance },
      }),
    ),
    ...stuck.map(
      (found): Finding => ({
        ...ofParts[found.kind],
        values: { ...describeParts(found), ...describeHosts(hosts, visit), children },
      }),
    ),
  ];
  const idleMessages = idle.reduce((sum, { messages }) => sum + messages, 0);
  return { findings, seen: { text: "seen.deliveries", values: { parts: underWay, messages: idleMessages } } };
}

/** Affinities for which some host sends: this one by its settings, the others by what their mta says. */
function listServed(hosts: readonly KnownHost[], { settings, host }: InstanceVisit): string[] {
  const others = hosts.filter(({ name, isAlive }) => isAlive && name !== host);
  return [
    ...namesOfAffinities(settings.of(mtaAffinitySettings).ipAffinity),
    ...others.flatMap(({ affinities }) => affinities),
  ];
}

function describeStandstill({ deliveries, labels, since, until }: Standstill): NonNullable<Finding["values"]> {
  return { deliveries, labels: deliveries > 3 ? `${labels}, ...` : labels, since, until: until ?? since };
}

function describeParts({ name, deliveries, parts, messages, since, until }: IdleParts): NonNullable<Finding["values"]> {
  return { name, deliveries, parts, messages, since, until };
}

function describeHosts(
  hosts: readonly KnownHost[],
  { host, instance }: InstanceVisit,
): { host: string; others: string; instance: string } {
  const others = hosts.filter(({ name, isAlive }) => isAlive && name !== host).map(({ name }) => name);
  return { host, others: others.join(", ") || "-", instance };
}

/** How many children run, and what became of the last one that died. */
async function describeChildren({ home, instance }: InstanceVisit): Promise<string> {
  const status = await readStatus(home).catch(() => undefined);
  const running = status?.processes.filter((each) => each.module === "mtachild" && each.instance === instance).length;
  const died = (await readLogTail(home, instance, "mta")).findLast(({ event }) => event === "mta.child_died");
  return [`mtachild: ${running ?? 0}`, ...(died === undefined ? [] : [died.message])].join("; ");
}
