import assert from "node:assert/strict";
import { test } from "node:test";

import type { Context } from "#foundation/module.ts";
import { failureReasons, typologyRuleTypes } from "#schemas/codes.ts";
import { aContext } from "#test/support/context.ts";
import {
  insertPeople,
  insertSeed,
  insertTypology,
  pretendSent,
  readCauses,
  readExcluded,
  readJournal,
  readPendingIds,
  readPreparedParts,
  setWishes,
} from "#test/support/preparation-store.ts";

import { createDelivery, type DeliveryInput } from "../create-delivery.ts";
import { readDelivery } from "../delivery-store.ts";
import { prepareDelivery, type Preparation } from "../prepare-delivery.ts";
import { requestPreparation } from "../request-preparation.ts";

const { control, filtering, pressure, capacity } = typologyRuleTypes;
const { excludedByRule, excludedByArbitration, targetLimited, controlGroup, double } = failureReasons;

type Wishes = Parameters<typeof setWishes>[2];

async function prepared(
  context: Context,
  wishes: Wishes = {},
  input: Partial<DeliveryInput> = {},
): Promise<{ deliveryId: number; preparation: Preparation }> {
  const { deliveryId } = await createDelivery(context.db, {
    label: "A delivery",
    subject: "Hello",
    fromAddress: "news@example.org",
    htmlSource: "<p>Hello</p><%@ include view='UnsubscriptionLink' %>",
    target: { all: true },
    ...input,
  });
  await setWishes(context.db, deliveryId, wishes);
  await requestPreparation(context.db, deliveryId);
  return { deliveryId, preparation: await prepareDelivery(context, deliveryId) };
}

test("filtering rules exclude in their order, each named in the ledger and counted; doubles are looked for behind them", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 12);
  await db.run`update nms_recipient set email = 'r1@d1.test', email_key = 'r1@d1.test' where recipient_id = 2`;
  const typologyId = await insertTypology(db, [
    { name: "second", type: filtering, order: 20, where: "@lastName = 'Last5' or @lastName = 'Last1'" },
    { name: "first", type: filtering, order: 10, where: "@lastName = 'Last5' or @lastName = 'Last7'" },
    { name: "of others", type: filtering, where: "1 = 1", deliveryCondition: "@label = 'Another one'" },
    { name: "asleep", type: filtering, where: "1 = 1", isActive: false },
    { name: "unfinished", type: filtering, where: " " },
  ]);
  const { deliveryId, preparation } = await prepared(context, { typologyId });
  assert.equal(preparation.kind, "ready", JSON.stringify(preparation));
  assert.deepEqual(await readExcluded(db, deliveryId), [
    { recipientId: 1, reason: excludedByRule, text: "Excluded by the rule second" },
    { recipientId: 5, reason: excludedByRule, text: "Excluded by the rule first" },
    { recipientId: 7, reason: excludedByRule, text: "Excluded by the rule first" },
  ]);
  assert.ok((await readPendingIds(db, deliveryId)).includes(2), "the other one of the address is no double any more");
  assert.deepEqual(await readCauses(db, deliveryId), [
    { reason: excludedByRule, label: "first", count: 2 },
    { reason: excludedByRule, label: "second", count: 1 },
  ]);
  assert.ok((await readJournal(db, deliveryId)).includes("info: first: 2 excluded."));
});

test("a pressure rule excludes who has got, or is to get from a heavier delivery, as many messages as it allows", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 10);
  const rule = { type: pressure, data: { "pressure/threshold": 2, "pressure/periodDays": 7, "pressure/weight": 5 } };
  const typologyId = await insertTypology(db, [{ name: "two a week", ...rule }]);
  const heavy = await insertTypology(
    db,
    [{ name: "heavy", ...rule, data: { ...rule.data, "pressure/weight": 9, "pressure/threshold": 99 } }],
    { name: "heavy" },
  );
  const upTo = (last: number): Partial<DeliveryInput> => ({ target: { where: `@id <= ${last}` } });
  await pretendSent(db, (await prepared(context, {}, upTo(6))).deliveryId, 24);
  await pretendSent(db, (await prepared(context, {}, upTo(9))).deliveryId, 24 * 8);
  await pretendSent(db, (await prepared(context, { data: { "sending/testSmtp": true } })).deliveryId, 24);
  // Once for 1 to 6 within the week. A heavier one is planned for 1 to 3, a lighter one for all.
  await prepared(context, { typologyId: heavy }, upTo(3));
  await prepared(context, { typologyId: 0 }, { contactDate: new Date(Date.now() + 3_600_000) });
  const { deliveryId, preparation } = await prepared(context, { typologyId });
  assert.equal(preparation.kind, "ready", JSON.stringify(preparation));
  assert.deepEqual(
    (await readExcluded(db, deliveryId)).map(({ recipientId, reason, text }) => [recipientId, reason, text]),
    [1, 2, 3].map((id) => [id, excludedByArbitration, "Excluded by the rule two a week"]),
  );
});

test("a threshold of 0 lets nobody through", async (t) => {
  const context = await aContext(t);
  await insertPeople(context.db, 5);
  const typologyId = await insertTypology(context.db, [
    { name: "nobody", type: pressure, data: { "pressure/threshold": 0 } },
  ]);
  const { deliveryId } = await prepared(context, { typologyId });
  assert.deepEqual(await readCauses(context.db, deliveryId), [
    { reason: excludedByArbitration, label: "nobody", count: 5 },
  ]);
  assert.deepEqual(await readPreparedParts(context.db, deliveryId), []);
});

test("a limit keeps the first of an order or some by chance, and a control group is set aside of who is left", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 100);
  const first = await prepared(context, {
    data: { "limit/size": "10", "limit/sort": "@id desc", "controlGroup/size": "20%", "controlGroup/sort": "@id" },
  });
  assert.equal(first.preparation.kind, "ready", JSON.stringify(first.preparation));
  assert.deepEqual(await readPendingIds(db, first.deliveryId), [93, 94, 95, 96, 97, 98, 99, 100]);
  assert.deepEqual(
    (await readExcluded(db, first.deliveryId))
      .filter(({ reason }) => reason === controlGroup)
      .map(({ recipientId }) => recipientId),
    [91, 92],
  );
  assert.deepEqual(await readCauses(db, first.deliveryId), [
    { reason: targetLimited, label: "targetLimited", count: 90 },
    { reason: controlGroup, label: "controlGroup", count: 2 },
  ]);
  const byChance = await prepared(context, { data: { "limit/size": "30%", "controlGroup/size": "5" } });
  const kept = await readPendingIds(db, byChance.deliveryId);
  assert.equal(kept.length, 25);
  assert.notDeepEqual(
    kept,
    Array.from({ length: 25 }, (_, index) => index + 1),
  );
});

test("exclusions of the delivery can be switched off, and addresses with too many errors left out", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 6);
  await db.run`update nms_recipient set email = 'r1@d1.test', email_key = 'r1@d1.test' where recipient_id = 2`;
  await db.run`update nms_recipient set black_list_email = true where recipient_id = 3`;
  await db.run`
    insert into nms_address (address, status, error_count)
    select email, case recipient_id when 4 then 4 when 5 then 3 else 1 end, 3 from nms_recipient where recipient_id in (4, 5, 6)`;
  const reasons = async (data: Record<string, unknown>): Promise<number[][]> =>
    (await readExcluded(db, (await prepared(context, { data })).deliveryId)).map(({ recipientId, reason }) => [
      recipientId,
      reason,
    ]);
  assert.deepEqual(await reasons({}), [
    [2, double],
    [3, 8],
    [4, 9],
    [5, 8],
  ]);
  assert.deepEqual(await reasons({ "exclusion/doubles": false, "exclusion/quarantine": false }), [
    [3, 8],
    [5, 8],
  ]);
  assert.deepEqual(await reasons({ "exclusion/optOut": false, "exclusion/maxErrors": 2 }), [
    [2, double],
    [4, 9],
    [5, 8],
    [6, 14],
  ]);
});

test("seed addresses of the delivery and its campaign get messages that count in no figure", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 5);
  const { deliveryId } = await prepared(context, { operationId: 77 });
  await insertSeed(db, { name: "a", email: "seed-a@test.example", deliveryId });
  await insertSeed(db, { name: "b", email: "seed-b@test.example", operationId: 77 });
  await insertSeed(db, { name: "c", email: "SEED-A@test.example", operationId: 77 });
  await insertSeed(db, { name: "d", email: "seed-d@test.example", operationId: 78 });
  await insertSeed(db, { name: "e", email: "no address", deliveryId });
  await requestPreparation(db, deliveryId);
  const preparation = await prepareDelivery(context, deliveryId);
  assert.ok(preparation.kind === "ready");
  assert.deepEqual([preparation.totalTarget, preparation.toDeliver, preparation.seeds], [5, 5, 2]);
  const rows = await db.rows((row) => row as { address: string; recipient: number })`
    select address, recipient_id as recipient from nms_broad_log
     where delivery_id = ${deliveryId} and seed_member_id <> 0 order by address`;
  assert.deepEqual(rows, [
    { address: "seed-a@test.example", recipient: 0 },
    { address: "seed-b@test.example", recipient: 0 },
  ]);
  assert.deepEqual(
    (await readPreparedParts(db, deliveryId)).map(({ count }) => count),
    [2, 5],
  );
});

test("control rules warn, and at the level of an error forbid the delivery, which then leaves nothing", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 101);
  const warned = await prepared(
    context,
    {},
    {
      htmlSource: '<a href="https://localhost/x">x</a>',
      contactDate: new Date(Date.now() + 3_600_000),
      validityDate: new Date(Date.now() + 7_200_000),
      subject: "s".repeat(151),
    },
  );
  assert.equal(warned.preparation.kind, "ready");
  const warnings = warned.preparation.kind === "ready" ? warned.preparation.warnings.join("\n") : "";
  for (const pattern of [
    /more than 150/,
    /localhost\/x leads to a host/,
    /the HTML content has none/,
    /ends 1 hours after/,
  ])
    assert.match(warnings, pattern);

  const proof = await prepared(context, { isProof: true });
  assert.equal(proof.preparation.kind, "failed");
  assert.match(JSON.stringify(proof.preparation), /this one is for 101; 100 are allowed/);
  assert.equal((await readDelivery(db, proof.deliveryId))?.state, "preparationFailed");
  assert.deepEqual(await readPreparedParts(db, proof.deliveryId), []);
  assert.equal(
    (await prepared(context, { isProof: true }, { target: { where: "@id <= 100" } })).preparation.kind,
    "ready",
  );

  const waves = { "scheduling/waves": { size: "30%", periodSec: 3_600 } };
  const validityDate = new Date(Date.now() + 3 * 3_600_000);
  const late = await prepared(context, { data: waves }, { validityDate });
  assert.match(JSON.stringify(late.preparation), /"failed".*the last one ends .* after/);
});

test("scripts of control rules see the delivery, and say true, false or a sentence; one that fails forbids", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 3);
  const outcomeOf = async (name: string, level: number, code: string): Promise<string> => {
    const typologyId = await insertTypology(db, [{ name, type: control, level, code }], { name });
    return JSON.stringify((await prepared(context, { typologyId })).preparation);
  };
  assert.match(
    await outcomeOf("good", 2, 'return delivery.label === "A delivery" && delivery.toDeliver === 3;'),
    /"ready".*"warnings":\[\]/,
  );
  assert.match(await outcomeOf("told", 1, "return `${delivery.toDeliver} are few`;"), /"ready".*told: 3 are few/);
  assert.match(await outcomeOf("blocked", 2, "return false;"), /"failed".*blocked: its script did not return true/);
  assert.match(
    await outcomeOf("broken", 0, "const x = 1;\nreturn delivery.nothing.at;"),
    /"failed".*broken: its script failed in line 2/,
  );
});

test("capacity rules are said not to be applied, and a typology that is gone is named", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 3);
  const limited = await insertTypology(db, [{ name: "few", type: capacity }], { name: "limited" });
  const { preparation } = await prepared(context, { typologyId: limited });
  assert.match(JSON.stringify(preparation), /"ready".*capacity rules are not applied/);
  assert.match(JSON.stringify((await prepared(context, { typologyId: 9_999 })).preparation), /"failed".*typology 9999/);
});

test("approval: automatic starts by itself, semi-automatic only without warnings, and neither for who may not start", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 3);
  await db.run`insert into xtk_operator (operator_id, name, label) values (2001, 'preparer', 'Preparer')`;
  const stateAfter = async (
    approval: number,
    input: Partial<DeliveryInput> = {},
    modifiedBy = 0,
  ): Promise<string | undefined> => {
    const { deliveryId } = await prepared(
      context,
      { data: { "validation/validationMode": approval }, modifiedBy },
      input,
    );
    return (await readDelivery(db, deliveryId))?.state;
  };
  const withoutLink = { htmlSource: "<p>Hello</p>" };
  assert.equal(await stateAfter(0), "ready");
  assert.equal(await stateAfter(1), "startPending");
  assert.equal(await stateAfter(1, withoutLink), "ready");
  assert.equal(await stateAfter(2, withoutLink), "startPending");
  assert.notEqual(await stateAfter(2, {}, 2001), "startPending");
});

test("a delivery has the affinity of its own, else that of its typology, and its sending mode goes with its parts", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 3);
  const typologyId = await insertTypology(db, [], { affinity: "pool" });
  const partOf = async (wishes: Wishes): Promise<unknown[]> => {
    const { deliveryId } = await prepared(context, wishes);
    const [part] = await readPreparedParts(db, deliveryId);
    return [part?.affinity, (await readDelivery(db, deliveryId))?.preparedAffinity, part?.sendingMode];
  };
  assert.deepEqual(await partOf({}), ["", "", 0]);
  assert.deepEqual(await partOf({ typologyId, data: { "sending/testSmtp": true } }), ["pool", "pool", 2]);
  assert.deepEqual(await partOf({ typologyId, affinity: "own", data: { "sending/verifyMode": true } }), [
    "own",
    "own",
    1,
  ]);
});

test("waves: 30 % gives 30, 30, 30 and 10, each with its own parts, over all domains, an hour apart", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 100);
  const { deliveryId, preparation } = await prepared(
    context,
    { data: { "scheduling/waves": { size: "30%", periodSec: 3_600 } } },
    { batchSize: 25 },
  );
  assert.equal(preparation.kind, "ready", JSON.stringify(preparation));
  assert.deepEqual(
    (await readPreparedParts(db, deliveryId)).map(({ wave, count, delaySec, waitsSec }) => [
      wave,
      count,
      delaySec,
      waitsSec,
    ]),
    [
      [1, 25, 0, 0],
      [1, 5, 0, 0],
      [2, 25, 3_600, 3_600],
      [2, 5, 3_600, 3_600],
      [3, 25, 7_200, 7_200],
      [3, 5, 7_200, 7_200],
      [4, 10, 10_800, 10_800],
    ],
  );
  assert.equal((await readPendingIds(db, deliveryId)).length, 100);
  const domains = await db.first((row) => (row as { count: number }).count)`
    select count(distinct split_part(b.address, '@', 2)) as count from nms_broad_log b
      join nms_delivery_part p on p.delivery_id = b.delivery_id and b.broad_log_id between p.first_broad_log_id and p.last_broad_log_id
     where b.delivery_id = ${deliveryId} and p.wave = 1`;
  assert.equal(domains, 7);
});

test("prepared anew, a delivery has its causes and messages once", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await insertPeople(db, 10);
  const { deliveryId } = await prepared(context, { data: { "limit/size": "5", "limit/sort": "@id" } });
  await requestPreparation(db, deliveryId);
  await prepareDelivery(context, deliveryId);
  assert.deepEqual(await readCauses(db, deliveryId), [{ reason: targetLimited, label: "targetLimited", count: 5 }]);
  assert.deepEqual(await readPendingIds(db, deliveryId), [1, 2, 3, 4, 5]);
  assert.equal((await readDelivery(db, deliveryId))?.state, "ready");
});
