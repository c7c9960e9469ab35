/**
 * How long does the preparation of a delivery to a million recipients take: exclusions, ledger, parts? Beside it what it cannot do without,
 * the target written to a table. Bars: 10 s; costs per recipient at 1,000,000 within 15 % of those at 100,000; memory of our process flat.
 */

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { prepareDelivery } from "#campaign/delivery/prepare-delivery.ts";
import { requestPreparation } from "#campaign/delivery/request-preparation.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import { locateHome, prepareHome } from "#foundation/home.ts";
import { silentLog } from "#foundation/log.ts";
import type { Context } from "#foundation/module.ts";
import { secretsFromKey } from "#foundation/secrets.ts";
import { resolveSettings } from "#foundation/settings.ts";
import { allSections } from "#modules/roster.ts";
import { startCluster, templateName } from "#test/support/cluster.ts";
import { copyDatabase } from "#test/support/cluster-store.ts";
import { makeContext } from "#test/support/make-context.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";

import { endWithBench } from "../support/end-with-bench.ts";
import { readBusySec } from "../support/read-busy-sec.ts";
import { atLeast, atMost, median, report } from "../support/report.ts";
import { parentOf, readCpuSec } from "../sending/process-tree.ts";
import {
  ask,
  checkpoint,
  clear,
  countLedger,
  makeAudience,
  makeTypology,
  materialise,
  readBackendPid,
  sendSome,
} from "./audience-store.ts";

const turns = 3;
/** Of so many at most, those are counted in which others had the least of the machine. */
const mostTurns = 6;
/** What others may have had of the machine in a turn that is quiet, of the time it took. */
const quietShare = 0.05;
const few = 100_000;
const many = 1_000_000;

const root = makeFolder();
endWithBench(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
const cluster = await startCluster();
endWithBench(() => cluster.stop());
const maintenance = open("postgres");
const serverPid = parentOf(await readBackendPid(maintenance));
let isExact = true;
let mostMemoryMb = 0;

function open(name: string): Database {
  return openDatabase({ address: cluster.address(name), applicationName: "bench", maxConnections: 4 });
}

/** An audience in a database of its own: both are in one server, so that their rounds take turns. */
type Audience = { readonly db: Database; readonly context: Context };

async function anAudience(name: string, count: number): Promise<Audience> {
  await copyDatabase(maintenance, name, templateName);
  const db = open(name);
  await makeAudience(db, count);
  return { db, context: aContext(db) };
}

function aContext(db: Database): Context {
  const home = locateHome({ POSTRIDER_HOME: root });
  prepareHome(home);
  const secrets = secretsFromKey(randomBytes(32));
  const { settings } = resolveSettings({ sources: [], sections: allSections, environment: {}, secrets });
  return makeContext({ home, secrets, settings, log: silentLog, flags: {}, db });
}

type Wish = { readonly typologyId?: number; readonly settings?: Record<string, unknown> };
type Measured = {
  readonly seconds: number;
  /** Of our process and of the whole database server. */
  readonly cpuSec: number;
  /** Of everything else on the machine, at the same time. */
  readonly othersSec: number;
  readonly deliveryId: number;
};
type Turn = { readonly few: readonly Measured[]; readonly many: Measured };

async function prepareOne({ db, context }: Audience, { typologyId = 0, settings = {} }: Wish = {}): Promise<Measured> {
  const { deliveryId } = await createDelivery(db, {
    label: "A delivery to everybody",
    subject: "Hello <%= recipient.firstName %>",
    fromAddress: "news@example.org",
    htmlSource:
      '<p>Dear <%= recipient.firstName %>, <a href="https://example.org/offer">look</a></p><%@ include view="UnsubscriptionLink" %>',
    target: { all: true },
  });
  await ask(db, deliveryId, { typologyId, settings });
  await requestPreparation(db, deliveryId);
  const busyBefore = readBusySec();
  const usedBefore = usedSec();
  const startedMs = performance.now();
  const preparation = await prepareDelivery(context, deliveryId);
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuSec = usedSec() - usedBefore;
  const othersSec = Math.max(0, readBusySec() - busyBefore - cpuSec);
  mostMemoryMb = Math.max(mostMemoryMb, Math.round(process.memoryUsage().rss / 2 ** 20));
  if (preparation.kind !== "ready") throw new Error(JSON.stringify(preparation));
  const counted = await countLedger(db, deliveryId);
  isExact &&=
    counted.isEachOnce &&
    counted.rows === preparation.totalTarget &&
    counted.pending === preparation.toDeliver &&
    counted.inParts === preparation.toDeliver;
  return { seconds, cpuSec, othersSec, deliveryId };
}

/** A round as a server at work has it: behind a checkpoint, into an empty ledger. */
async function prepareAtWork(audience: Audience, wish: Wish = {}): Promise<Measured> {
  await clear(audience.db);
  await checkpoint(audience.db);
  return prepareOne(audience, wish);
}

/**
 * Rounds of both audiences by turns: the machine's own speed changes within minutes, and the rounds of one turn see the same of it. Turns
 * are taken until enough were quiet; which of them count is decided by what others did, never by what ours took.
 */
async function takeTurns(ofFew: Audience, ofMany: Audience): Promise<Turn[]> {
  const taken: Turn[] = [];
  while (taken.length < mostTurns && taken.filter((turn) => shareOfOthers(turn) <= quietShare).length < turns)
    taken.push(await takeTurn(ofFew, ofMany));
  return taken.toSorted((one, other) => shareOfOthers(one) - shareOfOthers(other)).slice(0, turns);
}

async function takeTurn(ofFew: Audience, ofMany: Audience): Promise<Turn> {
  // Not counted: the million has taken the server's memory, where what is small otherwise stays.
  await prepareAtWork(ofFew);
  const few = [await prepareAtWork(ofFew), await prepareAtWork(ofFew)];
  return { few, many: await prepareAtWork(ofMany) };
}

function shareOfOthers({ few, many }: Turn): number {
  return Math.max(...[...few, many].map(({ othersSec, seconds }) => othersSec / seconds));
}

/** Processor time of our process and of the whole database server. */
function usedSec(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + readCpuSec(serverPid);
}

const rounded = (seconds: number): number => Number(seconds.toFixed(2));
const secondsOf = (all: readonly Measured[]): number => rounded(median(all.map(({ seconds }) => seconds)));
const cpuSecOf = (all: readonly Measured[]): number => rounded(median(all.map(({ cpuSec }) => cpuSec)));

/** What a recipient of the million costs, of what one of the 100,000 costs in the same turn. */
function compare({ few: ofFew, many: ofMany }: Turn): number {
  const fewCpuSec = ofFew.reduce((sum, { cpuSec }) => sum + cpuSec, 0) / ofFew.length;
  return ofMany.cpuSec / many / (fewCpuSec / few);
}

const audiences: Audience[] = [];
try {
  const ofFew = await anAudience("bench_few", few);
  audiences.push(ofFew);
  for (let round = 0; round < turns; round += 1) await prepareAtWork(ofFew);
  const memoryOfFewMb = mostMemoryMb;
  const ofMany = await anAudience("bench_many", many);
  audiences.push(ofMany);
  const { db } = ofMany;
  const typologyId = await makeTypology(db);
  const bare = median([await materialise(db), await materialise(db), await materialise(db)]);
  const first = await prepareOne(ofMany);
  const taken = await takeTurns(ofFew, ofMany);
  const measured = { few: taken.flatMap((turn) => turn.few), many: taken.map((turn) => turn.many) };
  const ratio = rounded(median(taken.map(compare)));
  const inWaves = await prepareAtWork(ofMany, { settings: { "scheduling/waves": { size: "10%", periodSec: 3_600 } } });
  const byLot = await prepareAtWork(ofMany, { settings: { "limit/size": "50%", "controlGroup/size": "5%" } });
  const before = await prepareAtWork(ofMany);
  await sendSome(db, before.deliveryId);
  const byRules = await prepareOne(ofMany, { typologyId });
  report(
    "preparation",
    {
      recipients: many,
      "seconds, 100,000 recipients": secondsOf(measured.few),
      "seconds, 1,000,000 recipients": secondsOf(measured.many),
      "processor seconds, 100,000 recipients": cpuSecOf(measured.few),
      "processor seconds, 1,000,000 recipients": cpuSecOf(measured.many),
      "seconds, first million of a new server": rounded(first.seconds),
      "processor seconds, first million of a new server": rounded(first.cpuSec),
      "target written to a table, nothing else": rounded(bare),
      "times that": rounded(secondsOf(measured.many) / bare),
      "seconds in ten waves": rounded(inWaves.seconds),
      "seconds, half of them by lot, 5 % control group": rounded(byLot.seconds),
      "seconds with a filter and a pressure rule": rounded(byRules.seconds),
      "memory of our process, MB": mostMemoryMb,
      "of it with 100,000": memoryOfFewMb,
      "others' share of the machine's time, at most": rounded(Math.max(...taken.map(shareOfOthers))),
    },
    [
      atMost("seconds for a million recipients", secondsOf(measured.many), 10),
      atMost("processor time of a recipient at 1,000,000, of that at 100,000", ratio, 1.15),
      atMost("growth of memory with the campaign, MB", mostMemoryMb - memoryOfFewMb, 40),
      atLeast("ledger exact", isExact ? 1 : 0, 1),
    ],
  );
} finally {
  for (const { db } of audiences) await db.close();
  await maintenance.close();
  await cluster.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
