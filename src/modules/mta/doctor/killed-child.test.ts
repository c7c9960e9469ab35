import assert from "node:assert/strict";
import { test } from "node:test";

import { loadSecrets } from "#foundation/secrets.ts";
import { passTime } from "#test/support/doctor-store.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { aRequestedDelivery, aSendingPlatform, isRunning, listChildren } from "#test/support/sending-platform.ts";
import { insertRecipients } from "#test/support/sending-store.ts";
import { inReverse } from "#test/support/endings.ts";
import { until } from "#test/support/until.ts";
import { slowly } from "#test/support/within.ts";

import { checkDeliveries } from "./deliveries.ts";
import { checkJournals } from "./journals.ts";

test("what a killed mta and its killed child leave behind is told: the journal, and parts whose lease runs out", async (test) => {
  const t = inReverse(test);
  const { home, db, mta, sink } = await aSendingPlatform(t, {
    before: (database) => insertRecipients(database, 500, 5),
    script: { on: { DOT: slowly(50) } },
    settings: { POSTRIDER_MTA_LEASE_SEC: "10" },
  });
  const visit = { ...(await aVisit(t)), home, db, secrets: loadSecrets(home) };
  await aRequestedDelivery(db, { batchSize: 250 });
  await until(() => sink.messages.length >= 20, "some messages", { limitMs: 60_000 });
  assert.deepEqual(problemsOf(await checkJournals(visit)), []);
  const children = listChildren(mta.pid);
  // At once: a child whose parent is gone ends in an orderly way, and a parent brings in what its child leaves.
  for (const pid of [mta.pid, ...children]) process.kill(pid, "SIGKILL");
  await until(() => children.every((pid) => !isRunning(pid)), "the children to be gone");
  const later = { ...visit, now: () => new Date(Date.now() + 120_000) };
  assert.deepEqual(problemsOf(await checkJournals(later)), ["error journals.left"]);
  await passTime(db, 600);
  assert.ok(problemsOf(await checkDeliveries(visit)).includes("error deliveries.lostLease"));
});
