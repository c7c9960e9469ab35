import assert from "node:assert/strict";
import { test } from "node:test";

import { createLog, silentLog } from "#foundation/log.ts";
import { aDatabase } from "#test/support/database.ts";
import { insertHost } from "#test/support/doctor-store.ts";
import { aPendingPart, setAffinityOfParts } from "#test/support/sending-store.ts";

import { listHosts } from "../doctor/deliveries-store.ts";
import { claimPart, findClaimablePart } from "../part-store.ts";
import { tellWaitingAffinities } from "./tell-waiting-affinities.ts";

test("what this host leaves alone for its affinity is said once, and again when it was gone", async (t) => {
  const db = await aDatabase(t);
  const lines: string[] = [];
  const log = createLog(
    { write: (record) => void lines.push(JSON.stringify(record)), close: () => Promise.resolve() },
    { isVerbose: false, types: new Set() },
  );
  const tell = tellWaitingAffinities({ db, log, host: "here" }, ["other", "more"]);
  const { deliveryId } = await aPendingPart(db, 7);
  await tell();
  assert.deepEqual(lines, []);

  await setAffinityOfParts(db, deliveryId, "marketing");
  await tell();
  await tell();
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /mta\.affinity_not_declared.*marketing.*7/);

  await setAffinityOfParts(db, deliveryId, "other");
  await tell();
  await setAffinityOfParts(db, deliveryId, "marketing");
  await tell();
  assert.equal(lines.length, 2);
});

test("what this host declares stands in its row, for who looks for a host that sends", async (t) => {
  const db = await aDatabase(t);
  await insertHost(db, "here", 0);
  const log = silentLog;
  await tellWaitingAffinities({ db, log, host: "here" }, ["default", "marketing"])();
  assert.deepEqual(await listHosts(db, 60), [{ name: "here", isAlive: true, affinities: ["default", "marketing"] }]);
});

test("a part with an affinity is claimed by a host that declares it, and by no other", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 3);
  await setAffinityOfParts(db, deliveryId, "marketing");
  assert.equal(await findClaimablePart(db, ["other"]), undefined);
  assert.equal(await claimPart(db, "a:1:a", 60, ["other"]), undefined);
  assert.notEqual(await findClaimablePart(db, ["other", "marketing"]), undefined);
  assert.equal((await claimPart(db, "a:1:a", 60, ["other", "marketing"]))?.affinity, "marketing");
});
