import assert from "node:assert/strict";
import { mkdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { createDkimKey } from "#campaign/content/dkim/create-key.ts";
import { activateDkimKeys } from "#campaign/content/dkim/dkim-key-store.ts";
import { recordName, recordText } from "#campaign/content/dkim/dkim-record.ts";
import { instanceFolder } from "#foundation/home.ts";
import { deliveryStates } from "#schemas/codes.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { insertDelivery, insertHost, insertPart } from "#test/support/doctor-store.ts";
import { aScriptedDns } from "#test/support/scripted-dns.ts";

import { checkDeliveries } from "./deliveries.ts";
import { checkDns } from "./dns.ts";
import { checkFailures } from "./failures.ts";
import { checkJournals } from "./journals.ts";
import { checkRoute } from "./route.ts";

test("each delivery that does not move is told with what it waits for", async (t) => {
  const visit = await aVisit(t);
  const { db } = visit;
  assert.deepEqual(problemsOf(await checkDeliveries(visit)), []);
  await insertDelivery(db, { state: deliveryStates.paused });
  await insertDelivery(db, { state: deliveryStates.paused, modifiedMinutes: -1_500 });
  await insertDelivery(db, { state: deliveryStates.ready });
  await insertDelivery(db, { state: deliveryStates.pauseRequested, modifiedMinutes: -10 });
  await insertDelivery(db, { state: deliveryStates.startPending, contactMinutes: 60 });
  await insertDelivery(db, { state: deliveryStates.startPending, modifiedMinutes: -10 });
  await insertDelivery(db, { state: deliveryStates.targetingPending, modifiedMinutes: -10 });
  await insertDelivery(db, { state: deliveryStates.inProgress, validityMinutes: -10 });
  await insertDelivery(db, { state: deliveryStates.finished, modifiedMinutes: -10 });
  const found = await checkDeliveries(visit);
  assert.deepEqual(problemsOf(found).toSorted(), [
    "error deliveries.notPrepared",
    "error deliveries.notStarted",
    "note deliveries.paused",
    "note deliveries.scheduled",
    "note deliveries.unconfirmed",
    "warning deliveries.expired",
    "warning deliveries.forgotten",
    "warning deliveries.notEnded",
  ]);
});

test("parts that nobody sends are told by their reason, with messages and the next moment", async (t) => {
  const visit = await aVisit(t);
  const { db } = visit;
  const id = await insertDelivery(db, { state: deliveryStates.inProgress });
  await insertHost(db, "gone", -60);
  await insertHost(db, "other", 0);
  await insertPart(db, id, { notBeforeMinutes: 30, attempts: 2 });
  await insertPart(db, id, { notBeforeMinutes: 90 });
  await insertPart(db, id, { affinity: "marketing" });
  await insertPart(db, id, { childId: "gone:1:a", claimedMinutes: 10 });
  await insertPart(db, id, { childId: "testhost:1:a", claimedMinutes: -10 });
  await insertPart(db, id, { childId: "gone:1:b", notBeforeMinutes: 1 });
  await insertPart(db, id, { childId: "lost:1:b", notBeforeMinutes: -10 });
  const found = await checkDeliveries(visit);
  assert.deepEqual(problemsOf(found).toSorted(), [
    "error deliveries.affinity",
    "error deliveries.held",
    "error deliveries.lostLease",
    "note deliveries.retries",
    "note deliveries.settling",
    "note deliveries.waves",
    "warning deliveries.deadHost",
  ]);
  const affinity =
    "findings" in found ? found.findings.find(({ problem }) => problem === "deliveries.affinity") : undefined;
  assert.deepEqual(
    [affinity?.values?.["name"], affinity?.values?.["messages"], affinity?.values?.["others"]],
    ["marketing", 100, "other"],
  );
});

test("an affinity is served where this host declares it, or another one that is alive and says so", async (t) => {
  const visit = await aVisit(t);
  const { db } = visit;
  const id = await insertDelivery(db, { state: deliveryStates.inProgress });
  await insertPart(db, id, { affinity: "marketing" });
  await insertHost(db, "gone", -60, ["marketing"]);
  await insertHost(db, "testhost", 0, ["marketing"]);
  // What this host said before its settings were changed does not count.
  assert.deepEqual(problemsOf(await checkDeliveries(visit)), ["error deliveries.affinity"]);
  const declaring = await aVisit(t, {
    settings:
      '[[mta.child.smtp.ipAffinity]]\nname = "marketing"\n[[mta.child.smtp.ipAffinity.ip]]\naddress = "192.0.2.10"\npublicId = 10\n',
  });
  assert.deepEqual(problemsOf(await checkDeliveries({ ...visit, settings: declaring.settings })), []);
  await insertHost(db, "other", 0, ["news", "marketing"]);
  assert.deepEqual(problemsOf(await checkDeliveries(visit)), []);
});

test("parts that could leave are told when no child takes any for a while", async (t) => {
  const visit = await aVisit(t);
  const id = await insertDelivery(visit.db, { state: deliveryStates.inProgress, modifiedMinutes: -10 });
  await insertPart(visit.db, id, { notBeforeMinutes: -10, modifiedMinutes: -10 });
  assert.deepEqual(problemsOf(await checkDeliveries(visit)), ["error deliveries.notClaimed"]);
  await insertPart(visit.db, id, { childId: "testhost:1:a", claimedMinutes: 10 });
  assert.deepEqual(problemsOf(await checkDeliveries(visit)), []);
});

test("a journal that a dead child left is told once it is older than a minute", async (t) => {
  const visit = await aVisit(t);
  const folder = instanceFolder(visit.home, "main", "mta", "journal");
  const file = join(folder, "999999999-a-1.journal");
  writeFileSync(file, "x".repeat(100));
  assert.deepEqual(problemsOf(await checkJournals(visit)), []);
  const before = new Date(Date.now() - 600_000);
  utimesSync(file, before, before);
  assert.deepEqual(problemsOf(await checkJournals(visit)), ["error journals.left"]);
});

test("journals that grow, since the database takes no outcomes, are told", async (t) => {
  const visit = await aVisit(t);
  const file = join(instanceFolder(visit.home, "main", "mta", "journal"), "999999999-a-1.journal");
  writeFileSync(file, "");
  // A hole takes no room on the disk.
  truncateSync(file, 300 * 1_048_576);
  assert.deepEqual(problemsOf(await checkJournals(visit)), ["warning journals.large"]);
});

test("messages in doubt are a warning where they are held, and a note where they were sent again", async (t) => {
  const visit = await aVisit(t);
  const log = join(visit.home.var, "main", "log");
  mkdirSync(log, { recursive: true });
  const time = new Date().toISOString().replace("T", " ");
  writeFileSync(
    join(log, "mta.log"),
    `half a line\n${time}\t12\t0\t7\twarning\tlog\tmta.messages_in_doubt childId=h:1:a messages=3\n`,
  );
  assert.deepEqual(problemsOf(await checkJournals(visit)), ["note journals.sentAgain"]);
  const holding = await aVisit(t, { settings: "mta.retryLostMessages = false" });
  const found = await checkJournals({ ...visit, settings: holding.settings });
  assert.deepEqual(problemsOf(found), ["warning journals.inDoubt"]);
  assert.equal("findings" in found ? found.findings[0]?.values?.["messages"] : 0, 3);
});

test("deliveries that failed are told, and a share of errors beyond the usual", async (t) => {
  const visit = await aVisit(t);
  const { db } = visit;
  await insertDelivery(db, { state: deliveryStates.finished, startedMinutes: -14_400, processed: 10_000, errors: 100 });
  await insertDelivery(db, { state: deliveryStates.finished, startedMinutes: -60, processed: 1_000, errors: 40 });
  assert.deepEqual(problemsOf(await checkFailures(visit)), []);
  await insertDelivery(db, { state: deliveryStates.finished, startedMinutes: -60, processed: 1_000, errors: 300 });
  await insertDelivery(db, { state: deliveryStates.failed, failureText: "CNT-100033: too long" });
  const found = await checkFailures(visit);
  assert.deepEqual(problemsOf(found), ["error failures.delivery", "warning failures.share"]);
  const share = "findings" in found ? found.findings[1]?.values : undefined;
  assert.deepEqual([share?.["percent"], share?.["usual"]], [17, 1]);
});

test("settings that send nowhere, or lack what real sending needs, are told", async (t) => {
  const problems = async (settings: string): Promise<string[]> =>
    problemsOf(await checkRoute(await aVisit(t, { settings })));
  assert.deepEqual(await problems(""), ["note route.inbox"]);
  assert.deepEqual(await problems('mta.route = "relay"\nmta.verifyMode = true'), [
    "warning route.verifyMode",
    "error route.noRelay",
    "error route.noBounceDomain",
    "error route.noPublicUrl",
  ]);
  assert.deepEqual(
    await problems('mta.route = "mx"\ninstance.bounceDomain = "b.test"\ninstance.publicUrl = "https://m.test"'),
    [],
  );
});

test("a key that the DNS shows wrong, a bounce domain without MX, and a DNS that is silent are told", async (t) => {
  const dns = await aScriptedDns(t, {});
  const settings = `mta.route = "mx"\ninstance.bounceDomain = "b.test"\nmta.dns.nameServers = ["${dns.nameServer}"]`;
  const visit = await aVisit(t, { settings });
  const { db, secrets } = visit;
  const key = await createDkimKey({ db, secrets, now: new Date() }, { domain: "shop.test", algorithm: "ed25519" });
  const mx = { "b.test": { mx: [{ preference: 10, exchange: "in.test" }] } };
  dns.change(mx);
  assert.deepEqual(problemsOf(await checkDns(visit)), ["note dns.dkimNotYet"]);
  await activateDkimKeys(db, [key.id], new Date());
  dns.change({ ...mx, [recordName(key)]: { txt: ["v=DKIM1; k=ed25519; p=AAAA"] } });
  assert.deepEqual(problemsOf(await checkDns(visit)), ["error dns.dkimWrong"]);
  dns.change({ [recordName(key)]: { txt: [recordText(key)] } });
  assert.deepEqual(problemsOf(await checkDns(visit)), ["warning dns.noBounceMx"]);
  dns.change({ ...mx, [recordName(key)]: { txt: [recordText(key)] } });
  assert.deepEqual(problemsOf(await checkDns(visit)), []);
  dns.change("SERVFAIL");
  assert.deepEqual(problemsOf(await checkDns(visit)), ["error dns.silent"]);
});
