/**
 * How long does the preparation of a delivery to a million recipients take: exclusions, ledger, parts? Beside it what it cannot do without,
 * the target written to a table. Bars: 10 s; costs per recipient at 1,000,000 within 15 % of those at 100,000; memory of our process flat.
 */

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { prepareDelivery } from "#campaign/delivery/prepare-delivery.ts";
import { requestPreparation } from "#campaign/delivery/request-preparation.ts";
import { openDatabase } from "#foundation/database.ts";
import { locateHome, prepareHome } from "#foundation/home.ts";
import { silentLog } from "#foundation/log.ts";
import type { Context } from "#foundation/module.ts";
import { secretsFromKey } from "#foundation/secrets.ts";
import { resolveSettings } from "#foundation/settings.ts";
import { allSections } from "#modules/roster.ts";
import { startCluster, templateName } from "#test/support/cluster.ts";
import { makeContext } from "#test/support/make-context.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";

import { endWithBench } from "../support/end-with-bench.ts";
import { atLeast, atMost, median, report } from "../support/report.ts";
import { parentOf, readCpuSec } from "../sending/process-tree.ts";
import {
  ask,
  clear,
  countLedger,
  makeAudience,
  makeTypology,
  materialise,
  readBackendPid,
  sendSome,
} from "./audience-store.ts";

const rounds = 3;
const few = 100_000;
const many = 1_000_000;

const root = makeFolder();
endWithBench(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
const cluster = await startCluster();
endWithBench(() => cluster.stop());
const db = openDatabase({ address: cluster.address(templateName), applicationName: "bench", maxConnections: 4 });
const serverPid = parentOf(await readBackendPid(db));
let isExact = true;
let mostMemoryMb = 0;

function aContext(): Context {
  const home = locateHome({ POSTRIDER_HOME: root });
  prepareHome(home);
  const secrets = secretsFromKey(randomBytes(32));
  const { settings } = resolveSettings({ sources: [], sections: allSections, environment: {}, secrets });
  return makeContext({ home, secrets, settings, log: silentLog, flags: {}, db });
}

type Measured = { readonly seconds: number; readonly cpuSec: number; readonly deliveryId: number };

async function prepareOne(
  context: Context,
  wish: { typologyId: number; settings: Record<string, unknown> },
): Promise<Measured> {
  const { deliveryId } = await createDelivery(db, {
    label: "A delivery to everybody",
    subject: "Hello <%= recipient.firstName %>",
    fromAddress: "news@example.org",
    htmlSource:
      '<p>Dear <%= recipient.firstName %>, <a href="https://example.org/offer">look</a></p><%@ include view="UnsubscriptionLink" %>',
    target: { all: true },
  });
  await ask(db, deliveryId, wish);
  await requestPreparation(db, deliveryId);
  const usedBefore = usedSec();
  const startedMs = performance.now();
  const preparation = await prepareDelivery(context, deliveryId);
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuSec = usedSec() - usedBefore;
  mostMemoryMb = Math.max(mostMemoryMb, Math.round(process.memoryUsage().rss / 2 ** 20));
  if (preparation.kind !== "ready") throw new Error(JSON.stringify(preparation));
  const counted = await countLedger(db, deliveryId);
  isExact &&=
    counted.isEachOnce &&
    counted.rows === preparation.totalTarget &&
    counted.pending === preparation.toDeliver &&
    counted.inParts === preparation.toDeliver;
  return { seconds, cpuSec, deliveryId };
}

/** The middle of some rounds; each begins with an empty ledger. */
async function measure(
  context: Context,
  rounds: number,
  settings: Record<string, unknown> = {},
): Promise<Omit<Measured, "deliveryId">> {
  const all: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await clear(db);
    all.push(await prepareOne(context, { typologyId: 0, settings }));
  }
  return { seconds: median(all.map(({ seconds }) => seconds)), cpuSec: median(all.map(({ cpuSec }) => cpuSec)) };
}

/** Processor time of our process and of the whole database server. */
function usedSec(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + readCpuSec(serverPid);
}

const rounded = (seconds: number): number => Number(seconds.toFixed(2));

try {
  const context = aContext();
  const typologyId = await makeTypology(db);
  await makeAudience(db, few);
  await prepareOne(context, { typologyId: 0, settings: {} });
  const ofFew = await measure(context, rounds);
  const memoryOfFewMb = mostMemoryMb;
  await makeAudience(db, many);
  const bare = median([await materialise(db), await materialise(db), await materialise(db)]);
  const ofMany = await measure(context, rounds);
  const inWaves = await measure(context, 1, { "scheduling/waves": { size: "10%", periodSec: 3_600 } });
  const byLot = await measure(context, 1, { "limit/size": "50%", "controlGroup/size": "5%" });
  await clear(db);
  const before = await prepareOne(context, { typologyId: 0, settings: {} });
  await sendSome(db, before.deliveryId);
  const byRules = await prepareOne(context, { typologyId, settings: {} });
  const linearity = ofMany.cpuSec / ofFew.cpuSec / (many / few);
  report(
    "preparation",
    {
      recipients: many,
      "seconds, 100,000 recipients": rounded(ofFew.seconds),
      "seconds, 1,000,000 recipients": rounded(ofMany.seconds),
      "processor seconds, 100,000 recipients": rounded(ofFew.cpuSec),
      "processor seconds, 1,000,000 recipients": rounded(ofMany.cpuSec),
      "target written to a table, nothing else": rounded(bare),
      "times that": rounded(ofMany.seconds / bare),
      "seconds in ten waves": rounded(inWaves.seconds),
      "seconds, half of them by lot, 5 % control group": rounded(byLot.seconds),
      "seconds with a filter and a pressure rule": rounded(byRules.seconds),
      "memory of our process, MB": mostMemoryMb,
      "of it with 100,000": memoryOfFewMb,
    },
    [
      atMost("seconds for a million recipients", rounded(ofMany.seconds), 10),
      atMost("processor time of a recipient at 1,000,000, of that at 100,000", rounded(linearity), 1.15),
      atMost("growth of memory with the campaign, MB", mostMemoryMb - memoryOfFewMb, 40),
      atLeast("ledger exact", isExact ? 1 : 0, 1),
    ],
  );
} finally {
  await db.close();
  await cluster.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
