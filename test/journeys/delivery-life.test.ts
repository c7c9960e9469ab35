import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { createDelivery, type DeliveryInput } from "#campaign/delivery/create-delivery.ts";
import { requestSend } from "#campaign/delivery/request-send.ts";
import { requestStop } from "#campaign/delivery/request-stop.ts";
import type { Database } from "#foundation/database.ts";
import { broadLogStatuses, deliveryStates } from "#schemas/codes.ts";
import { insertPeople, insertSeed, insertTypology, readJournal, setWishes } from "#test/support/preparation-store.ts";
import type { Script } from "#test/support/scripted-smtp.ts";
import { aSendingPlatform, countByAddress, isRunning, listChildren } from "#test/support/sending-platform.ts";
import { insertRecipients, readDelivery, readMessages } from "#test/support/sending-store.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";
import { slowly } from "#test/support/within.ts";

const { finished, stopped, startPending } = deliveryStates;
const patient = { limitMs: 60_000 };
const slow: Script = { on: { DOT: slowly(20) } };

async function sendingOf(
  db: Database,
  input: Partial<DeliveryInput> = {},
  wishes: Parameters<typeof setWishes>[2] = {},
): Promise<number> {
  const { deliveryId } = await createDelivery(db, {
    label: "A delivery",
    subject: "Hello <%= recipient.firstName %>",
    fromAddress: "news@example.org",
    textSource: "Dear <%= recipient.firstName %>",
    target: { all: true },
    ...input,
  });
  await setWishes(db, deliveryId, wishes);
  await requestSend(db, deliveryId);
  return deliveryId;
}

function isOver(db: Database, deliveryId: number, state: number = finished): () => Promise<boolean> {
  return async () => {
    const now = (await readDelivery(db, deliveryId)).state;
    assert.notEqual(now, deliveryStates.preparationFailed, (await readJournal(db, deliveryId)).join("\n"));
    return now === state;
  };
}

test("a delivery of high priority overtakes a bulk delivery that is being sent, within what its children hold", async (t) => {
  const { db, sink } = await aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, 3_000, 4);
      await db.run`update nms_recipient set gender = 1 where recipient_id in (select recipient_id from nms_recipient limit 50)`;
    },
    script: slow,
    settings: { POSTRIDER_MTA_MASTER_MAX_SPARE_SERVERS: "1", POSTRIDER_MTA_CHILD_MAX_SESSIONS_PER_CHILD: "4" },
  });
  const bulk = await sendingOf(db, { subject: "bulk", batchSize: 64, priority: 10 });
  await until(() => sink.messages.length >= 100, "the bulk delivery to be under way", patient);
  const urgent = await sendingOf(db, { subject: "urgent", target: { where: "@gender = 1" }, priority: 100 });
  await until(isOver(db, urgent), "the urgent one", patient);
  const subjects = sink.messages.map(({ content }) => /^Subject: (\w+)/m.exec(content.toString("latin1"))?.[1]);
  const first = subjects.indexOf("urgent");
  const last = subjects.lastIndexOf("urgent");
  const between = subjects.slice(first, last).filter((subject) => subject === "bulk").length;
  assert.ok(last < 3_000, "the bulk delivery was not over");
  assert.ok(between <= 200, `${between} messages of the bulk delivery went between its messages`);
  await requestStop(db, bulk);
  await until(isOver(db, bulk, stopped), "the stop", patient);
});

test("every path ends in one final row for each recipient, and the sums are those of the rows", async (t) => {
  const { db, sink } = await aSendingPlatform(t, {
    before: async (db) => {
      await insertPeople(db, 200);
      await db.run`update nms_recipient set email = null where recipient_id = 1`;
      await db.run`update nms_recipient set black_list_email = true where recipient_id = 2`;
      await db.run`update nms_recipient set email = 'r4@d4.test', email_key = 'r4@d4.test' where recipient_id = 3`;
      await db.run`insert into nms_address (address, status) values ('r5@d5.test', 4)`;
    },
    script: {
      on: { RCPT: (line) => (line.includes("@d6.") ? "550 5.1.1 no such user" : undefined), DOT: slowly(10) },
    },
  });
  const typologyId = await insertTypology(db, [{ name: "no 7", type: 1, where: "@lastName = 'Last7'" }]);
  await insertSeed(db, { name: "a", email: "seed-a@d1.test", operationId: 7, firstName: "Seed" });
  await insertSeed(db, { name: "b", email: "seed-b@d6.test", operationId: 7 });
  const wishes = {
    typologyId,
    operationId: 7,
    data: { "limit/size": "190", "controlGroup/size": "10", "scheduling/waves": { size: "75%", periodSec: 86_400 } },
  };
  const deliveryId = await sendingOf(db, { batchSize: 20 }, wishes);
  await until(
    async () => {
      await isOver(db, deliveryId)();
      return (await readDelivery(db, deliveryId)).processed >= 135;
    },
    "the first wave",
    patient,
  );
  await requestStop(db, deliveryId);
  await until(isOver(db, deliveryId, stopped), "the stop", patient);

  const figures = await db.first((row) => row as Record<string, number>)`
    select total_target as target, reject, to_deliver as "toDeliver", processed, success, error, seeds from nms_delivery where delivery_id = ${deliveryId}`;
  const rows = await db.rows((row) => row as { recipient: number; status: number; reason: number; seed: boolean })`
    select recipient_id as recipient, status, failure_reason as reason, seed_member_id <> 0 as seed from nms_broad_log where delivery_id = ${deliveryId}`;
  const ofRecipients = rows.filter(({ seed }) => !seed);
  const count = (status: number): number => ofRecipients.filter((row) => row.status === status).length;
  assert.equal(new Set(ofRecipients.map(({ recipient }) => recipient)).size, 200);
  assert.equal(ofRecipients.length, 200);
  assert.deepEqual(figures, {
    target: 200,
    reject: count(broadLogStatuses.ignored),
    toDeliver: 200 - count(broadLogStatuses.ignored),
    processed: count(broadLogStatuses.sent) + count(broadLogStatuses.failed),
    success: count(broadLogStatuses.sent),
    error: count(broadLogStatuses.failed),
    seeds: 2,
  });
  assert.equal(count(broadLogStatuses.pending), 0);
  assert.equal(figures["toDeliver"], 180);
  assert.equal(count(broadLogStatuses.cancelled), 45, "the second wave");
  assert.deepEqual(
    [...new Set(ofRecipients.filter(({ status }) => status === 0).map(({ reason }) => reason))].sort((a, b) => a - b),
    [7, 8, 9, 10, 11, 17, 127],
  );
  assert.deepEqual(
    rows
      .filter(({ seed }) => seed)
      .map(({ status }) => status)
      .sort((a, b) => a - b),
    [broadLogStatuses.sent, broadLogStatuses.failed],
  );
  assert.equal(sink.messages.length, count(broadLogStatuses.sent) + 1);
  const [seed] = sink.messages.filter(({ to }) => to === "seed-a@d1.test");
  assert.match(seed?.content.toString("latin1") ?? "", /Subject: Hello Seed/);
  assert.ok([...countByAddress(sink).values()].every((times) => times === 1));
});

test("an SMTP test asks for every recipient and sends nothing; a simulation does not even connect", async (t) => {
  let contents = 0;
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 40, 3),
    script: {
      extensions: ["PIPELINING", "CHUNKING", "SIZE"],
      on: {
        RCPT: (line) => (line.includes("@d1.") ? "550 5.1.1 no such user" : undefined),
        DATA: () => void (contents += 1),
        DOT: () => void (contents += 1),
      },
    },
  });
  const simulated = await sendingOf(db, {}, { data: { "sending/verifyMode": true } });
  await until(isOver(db, simulated), "the simulation", patient);
  assert.equal((await readDelivery(db, simulated)).success, 40);
  assert.equal(sink.connections, 0);
  const tested = await sendingOf(db, {}, { data: { "sending/testSmtp": true } });
  await until(isOver(db, tested), "the test", patient);
  const { success, error } = await readDelivery(db, tested);
  const unknown = (await readMessages(db, tested)).filter(({ address }) => address.endsWith("@d1.test")).length;
  assert.deepEqual([success, error, contents, sink.messages.length], [40 - unknown, unknown, 0, 0]);
  assert.ok(sink.connections > 0);
});

test("with an archive the source of every sent message lies in a file of its own, as it was sent", async (t) => {
  const archive = aFolder(t);
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 30, 3),
    settings: { POSTRIDER_MTA_DATA_LOG_PATH: archive },
    script: { on: { RCPT: (line) => (line.includes("@d1.") ? "550 5.1.1 no such user" : undefined) } },
  });
  const deliveryId = await sendingOf(db);
  await until(isOver(db, deliveryId), "the end", patient);
  const files = readdirSync(archive, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".eml"));
  assert.equal(files.length, sink.messages.length);
  assert.ok(
    files.every((name) => /^\d{4}-\d\d-\d\d\/\d\dh\/\d+-\d+-sent\.eml$/.test(name)),
    files.join("\n"),
  );
  const sources = new Set(files.map((name) => readFileSync(join(archive, name), "latin1")));
  for (const { content } of sink.messages) assert.ok(sources.has(content.toString("latin1")));
});

test("the second wave starts after the period, and not before", async (t) => {
  const arrivals: number[] = [];
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 40, 3),
    script: { on: { DOT: () => void arrivals.push(Date.now()) } },
  });
  const waves = { "scheduling/waves": { size: "75%", periodSec: 4 } };
  const deliveryId = await sendingOf(db, {}, { data: waves });
  await until(isOver(db, deliveryId), "the end", patient);
  assert.equal(countByAddress(sink).size, 40);
  assert.ok((arrivals[30] ?? 0) - (arrivals[29] ?? 0) >= 2_000, "a pause between the waves");
  const started = await db.first(
    (row) => (row as { at: Date }).at,
  )`select started as at from nms_delivery where delivery_id = ${deliveryId}`;
  assert.ok((arrivals[30] ?? 0) >= (started?.getTime() ?? 0) + 4_000);
});

test("a delivery is sent at its contact date and not before", async (t) => {
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 5, 1),
    settings: { POSTRIDER_MTA_MASTER_DATA_BASE_POOL_PERIOD_SEC: "1" },
  });
  const contactDate = new Date(Date.now() + 4_000);
  const deliveryId = await sendingOf(db, { contactDate });
  await until(isOver(db, deliveryId, startPending), "the preparation", patient);
  await until(() => sink.messages.length > 0, "the first message", patient);
  assert.ok(Date.now() >= contactDate.getTime());
  await until(isOver(db, deliveryId), "the end", patient);
});

test("there are never more children than allowed, one is started each second, and they end when idle or worn out", async (t) => {
  const { db, mta, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 600, 4),
    script: slow,
    settings: {
      POSTRIDER_MTA_MASTER_MAX_SPARE_SERVERS: "2",
      POSTRIDER_MTA_CHILD_IDLE_CHILD_TIMEOUT_SEC: "1",
      POSTRIDER_MTA_CHILD_MAX_MSG_PER_CHILD: "150",
      POSTRIDER_MTA_CHILD_MAX_SESSIONS_PER_CHILD: "5",
    },
  });
  assert.deepEqual(listChildren(mta.pid), []);
  const seen = new Map<number, number>();
  let most = 0;
  const deliveryId = await sendingOf(db, { batchSize: 50 });
  await until(
    async () => {
      const children = listChildren(mta.pid);
      most = Math.max(most, children.length);
      for (const pid of children) if (!seen.has(pid)) seen.set(pid, Date.now());
      return await isOver(db, deliveryId)();
    },
    "the end",
    // One after the other where the machine has no processor to spare.
    { limitMs: 2 * patient.limitMs },
  );
  assert.ok(most <= 2, `${most} children`);
  assert.ok(seen.size >= 3, `each sends 150 messages and the rest of its part: ${seen.size} children`);
  const starts = [...seen.values()].sort((a, b) => a - b);
  for (const [index, at] of starts.entries())
    if (index > 0)
      assert.ok(
        at - (starts[index - 1] ?? 0) >= 800,
        `starts ${starts.map((start) => start - (starts[0] ?? 0)).join(", ")} ms`,
      );
  assert.equal(countByAddress(sink).size, 600);
  await until(() => [...seen.keys()].every((pid) => !isRunning(pid)), "the idle children to end", patient);
});
