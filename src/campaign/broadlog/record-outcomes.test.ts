import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { addressStatuses, broadLogStatuses, failureReasons, failureTypes } from "#schemas/codes.ts";
import { aDatabase } from "#test/support/database.ts";

import type { Bounce, Outcome } from "./outcome.ts";
import { recordBounces } from "./record-bounces.ts";
import { recordOutcomes } from "./record-outcomes.ts";
import { settleDoubt } from "./settle-doubt.ts";

const logDate = "2026-11-20";
const delivery = { deliveryId: 7, logDate };
const at = new Date("2030-01-01T00:00:00Z");

test("outcomes move rows, counters, answers and quarantine, and a replay moves nothing", async (t) => {
  const db = await aLedger(t, 4);
  const outcomes = [
    anOutcome(1, { kind: "sent" }),
    anOutcome(2, {
      kind: "failed",
      failureType: failureTypes.hard,
      failureReason: failureReasons.userUnknown,
      text: "550 5.1.1 <a2@b.test> unknown",
    }),
    anOutcome(3, {
      kind: "deferred",
      failureType: failureTypes.soft,
      failureReason: failureReasons.refused,
      text: "451 4.7.1 greylisted",
    }),
    anOutcome(4, {
      kind: "in_doubt",
      failureType: failureTypes.soft,
      failureReason: failureReasons.unreachable,
      text: "connection lost",
    }),
  ];
  const record = () => db.transaction((tx) => recordOutcomes(tx, delivery, outcomes));
  assert.deepEqual(await record(), { changed: 4, success: 1, error: 1, quarantined: 1 });
  const after = await readAll(db);
  assert.deepEqual(after, {
    rows: [
      { id: 1, status: 1, failure_type: 0, failure_reason: 0, attempts: 1, is_in_doubt: false },
      { id: 2, status: 2, failure_type: 2, failure_reason: 1, attempts: 1, is_in_doubt: false },
      { id: 3, status: 6, failure_type: 1, failure_reason: 20, attempts: 1, is_in_doubt: false },
      { id: 4, status: 6, failure_type: 1, failure_reason: 3, attempts: 1, is_in_doubt: true },
    ],
    counters: { processed: 2, success: 1, error: 1, bounced_later: 0 },
    answers: [
      { text: "451 4.7.1 greylisted", occurrences: 1 },
      { text: "550 5.1.1 <*> unknown", occurrences: 1 },
      { text: "connection lost", occurrences: 1 },
    ],
    addresses: [{ address: "a2@b.test", status: addressStatuses.quarantined }],
  });
  assert.deepEqual(await record(), { changed: 0, success: 0, error: 0, quarantined: 0 });
  assert.deepEqual(await readAll(db), after);
});

test("a row that is final stays as it is; a later deferral counts as another attempt", async (t) => {
  const db = await aLedger(t, 2);
  const record = (...outcomes: Outcome[]) => db.transaction((tx) => recordOutcomes(tx, delivery, outcomes));
  const deferred = { kind: "deferred", failureType: failureTypes.soft, failureReason: 3, text: "450 later" } as const;
  await record(anOutcome(1, deferred), anOutcome(2, { kind: "sent" }));
  await record(anOutcome(1, { ...deferred, at: later(1) }), anOutcome(2, { ...deferred, at: later(1) }));
  await record(
    anOutcome(1, { kind: "sent", at: later(2) }),
    anOutcome(2, { kind: "failed", failureType: 2, failureReason: 1, text: "550", at: later(2) }),
  );
  const { rows, counters } = await readAll(db);
  assert.deepEqual(
    rows.map(({ status, attempts }) => [status, attempts]),
    [
      [1, 3],
      [1, 1],
    ],
  );
  assert.deepEqual(counters, { processed: 2, success: 2, error: 0, bounced_later: 0 });
});

test("of several outcomes of one message in a journal the final one holds", async (t) => {
  const db = await aLedger(t, 1);
  const outcomes = [
    anOutcome(1, { kind: "sent", at: later(1) }),
    anOutcome(1, { kind: "in_doubt", failureType: 1, failureReason: 3, text: "lost", at: later(2) }),
  ];
  await db.transaction((tx) => recordOutcomes(tx, delivery, outcomes));
  assert.equal((await readAll(db)).rows[0]?.status, broadLogStatuses.sent);
});

test("a message that was cancelled while on its way is what the server said", async (t) => {
  const db = await aLedger(t, 1);
  await db.run`update nms_broad_log set status = ${broadLogStatuses.cancelled}`;
  await db.transaction((tx) =>
    recordOutcomes(tx, delivery, [anOutcome(1, { kind: "deferred", failureType: 1, failureReason: 3, text: "later" })]),
  );
  assert.equal((await readAll(db)).rows[0]?.status, broadLogStatuses.cancelled);
  await db.transaction((tx) => recordOutcomes(tx, delivery, [anOutcome(1, { kind: "sent" })]));
  assert.equal((await readAll(db)).rows[0]?.status, broadLogStatuses.sent);
});

test("an operator's correction of an answer holds, and an ignored answer never causes quarantine", async (t) => {
  const db = await aLedger(t, 3);
  const failure = {
    kind: "failed",
    failureType: failureTypes.hard,
    failureReason: failureReasons.userUnknown,
    text: "550 no such user here",
  } as const;
  await db.transaction((tx) => recordOutcomes(tx, delivery, [anOutcome(1, failure)]));
  await db.run`update nms_broad_log_msg set failure_type = 1, failure_reason = 20`;
  await db.transaction((tx) => recordOutcomes(tx, delivery, [anOutcome(2, failure)]));
  await db.run`update nms_broad_log_msg set failure_type = 2, status = 'ignore'`;
  await db.transaction((tx) => recordOutcomes(tx, delivery, [anOutcome(3, failure)]));
  const { rows, addresses, answers } = await readAll(db);
  assert.deepEqual(
    rows.map(({ failure_type, failure_reason }) => [failure_type, failure_reason]),
    [
      [2, 1],
      [1, 20],
      [2, 20],
    ],
  );
  assert.deepEqual(
    addresses.map(({ address, status }) => [address, status]),
    [
      ["a1@b.test", addressStatuses.quarantined],
      ["a2@b.test", addressStatuses.withErrors],
    ],
  );
  assert.deepEqual(answers, [{ text: "550 no such user here", occurrences: 3 }]);
});

test("an answer that no rule knows waits to be qualified, and means what its code says until an operator has", async (t) => {
  const db = await aLedger(t, 3);
  const failure = { kind: "failed", failureType: failureTypes.soft, failureReason: failureReasons.refused } as const;
  const texts = ["550 flurb 4711 gnarp", "550 5.1.1 user unknown", "the connection was lost at rcpt"];
  const record = (...ids: number[]) =>
    db.transaction((tx) =>
      recordOutcomes(
        tx,
        delivery,
        ids.map((id) => anOutcome(id, { ...failure, text: texts[id - 1] ?? "550 flurb 4712 gnarp" })),
      ),
    );
  await record(1, 2, 3);
  const statuses = await db.rows((row) => (row as { status: string }).status)`
    select status from nms_broad_log_msg order by text collate "C"`;
  assert.deepEqual(statuses, ["keep", "to_qualify", "keep"]);
  await db.run`update nms_broad_log_msg set failure_type = 2, failure_reason = 1 where status = 'to_qualify'`;
  await db.run`update nms_broad_log set status = 6`;
  await record(1);
  assert.equal((await readAll(db)).rows[0]?.failure_type, failureTypes.soft);
  await db.run`update nms_broad_log_msg set status = 'keep'`;
  await db.run`update nms_broad_log set status = 6`;
  await record(1);
  assert.equal((await readAll(db)).rows[0]?.failure_type, failureTypes.hard);
});

test("a message that is held has failed, is flagged, and blames no address", async (t) => {
  const db = await aLedger(t, 2);
  const doubt = anOutcome(1, {
    kind: "in_doubt",
    failureType: 1,
    failureReason: 3,
    text: "no answer to the final dot",
  });
  const held = settleDoubt(doubt, false);
  assert.equal(settleDoubt(doubt, true), doubt);
  assert.equal(settleDoubt(anOutcome(2, { kind: "sent" }), false).kind, "sent");
  const record = (outcome: Outcome) => db.transaction((tx) => recordOutcomes(tx, delivery, [outcome]));
  assert.deepEqual(await record(held), { changed: 1, success: 0, error: 1, quarantined: 0 });
  assert.deepEqual(await record(held), { changed: 0, success: 0, error: 0, quarantined: 0 });
  const { rows, addresses, answers } = await readAll(db);
  assert.deepEqual(
    [rows[0]?.status, rows[0]?.is_in_doubt, rows[0]?.failure_type],
    [broadLogStatuses.failed, true, failureTypes.ignored],
  );
  assert.deepEqual(addresses, []);
  assert.match(answers[0]?.text ?? "", /^in doubt, not sent again: /);
});

test("the failure of an allowlisted address is an error ignored", async (t) => {
  const db = await aLedger(t, 2);
  await db.run`insert into nms_address (address, status) values ('a1@b.test', ${addressStatuses.allowlisted})`;
  const failure = {
    kind: "failed",
    failureType: failureTypes.hard,
    failureReason: failureReasons.userUnknown,
    text: "550",
  } as const;
  await db.transaction((tx) => recordOutcomes(tx, delivery, [anOutcome(1, failure), anOutcome(2, failure)]));
  const { rows, addresses } = await readAll(db);
  assert.deepEqual(
    rows.map(({ failure_reason }) => failure_reason),
    [failureReasons.errorIgnored, failureReasons.userUnknown],
  );
  assert.equal(addresses[0]?.status, addressStatuses.allowlisted);
});

test("a bounce turns a sent message into a failed one, once", async (t) => {
  const db = await aLedger(t, 3);
  await db.transaction((tx) =>
    recordOutcomes(
      tx,
      delivery,
      [1, 2].map((id) => anOutcome(id, { kind: "sent" })),
    ),
  );
  const bounce = () =>
    db.transaction((tx) =>
      recordBounces(tx, [aBounce(2), aBounce(2), aBounce(99), aBounce(1, { failureType: failureTypes.ignored })]),
    );
  assert.deepEqual(await bounce(), { changed: [2], quarantined: 1 });
  assert.deepEqual(await bounce(), { changed: [], quarantined: 0 });
  const { rows, counters, addresses } = await readAll(db);
  assert.deepEqual(
    rows.map(({ status }) => status),
    [1, 2, 6],
  );
  assert.deepEqual(counters, { processed: 2, success: 1, error: 1, bounced_later: 1 });
  assert.deepEqual(addresses, [{ address: "a2@b.test", status: addressStatuses.quarantined }]);
});

test("a bounce that overtakes the record of its sending leaves the message failed and the counters right", async (t) => {
  const db = await aLedger(t, 1);
  await db.transaction((tx) => recordBounces(tx, [aBounce(1)]));
  await db.transaction((tx) => recordOutcomes(tx, delivery, [anOutcome(1, { kind: "sent", at: later(1) })]));
  const { rows, counters } = await readAll(db);
  assert.equal(rows[0]?.status, broadLogStatuses.failed);
  assert.deepEqual(counters, { processed: 1, success: 0, error: 1, bounced_later: 0 });
});

test("a bounce that names another delivery than its message is not believed", async (t) => {
  const db = await aLedger(t, 1);
  await db.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (8, 'DM8', ${logDate})`;
  assert.deepEqual(await db.transaction((tx) => recordBounces(tx, [aBounce(1, { deliveryId: 8 })])), {
    changed: [],
    quarantined: 0,
  });
});

test("children, replays and bounces on the same rows at once end with the right counters", async (t) => {
  const db = await aLedger(t, 200);
  const ids = Array.from({ length: 200 }, (_, index) => index + 1);
  const outcomes = ids.map((id) =>
    anOutcome(
      id,
      id % 3 === 0 ? { kind: "failed", failureType: 1, failureReason: 3, text: `450 ${id % 7}` } : { kind: "sent" },
    ),
  );
  const record = (list: Outcome[]) => db.transaction((tx) => recordOutcomes(tx, delivery, list));
  await Promise.all([
    record(outcomes),
    record(outcomes.toReversed()),
    record(outcomes.slice(50, 150)),
    db.transaction((tx) =>
      recordBounces(
        tx,
        ids.filter((id) => id % 5 === 0).map((id) => aBounce(id)),
      ),
    ),
  ]);
  const { rows, counters } = await readAll(db);
  const failed = rows.filter(({ status }) => status === broadLogStatuses.failed).length;
  assert.equal(rows.filter(({ status }) => status === broadLogStatuses.sent).length, 200 - failed);
  assert.deepEqual([counters.processed, counters.success, counters.error], [200, 200 - failed, failed]);
});

test("an answer with a NUL or half a character is stored without it", async (t) => {
  const db = await aLedger(t, 1);
  await db.transaction((tx) =>
    recordOutcomes(tx, delivery, [
      anOutcome(1, { kind: "failed", failureType: 2, failureReason: 1, text: "550 a\0b \ud800" }),
    ]),
  );
  assert.equal((await readAll(db)).rows[0]?.status, broadLogStatuses.failed);
});

async function aLedger(t: Parameters<typeof aDatabase>[0], count: number): Promise<Database> {
  const db = await aDatabase(t);
  await db.run`insert into nms_delivery (delivery_id, internal_name, state, log_date) values (7, 'DM7', 55, ${logDate})`;
  await db.run`insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id, address)
               select i, ${logDate}::date, 7, i, 'a' || i || '@b.test' from generate_series(1, ${count}::integer) i`;
  return db;
}

function anOutcome(broadLogId: number, given: Partial<Outcome> & Pick<Outcome, "kind">): Outcome {
  return { broadLogId, failureType: 0, failureReason: 0, text: "250 ok", at, ...given };
}

function aBounce(broadLogId: number, given: Partial<Bounce> = {}): Bounce {
  return {
    deliveryId: 7,
    broadLogId,
    failureType: failureTypes.hard,
    failureReason: failureReasons.userUnknown,
    text: "5.1.1 unknown",
    at: later(1),
    ...given,
  };
}

function later(hours: number): Date {
  return new Date(at.getTime() + hours * 3_600_000);
}

async function readAll(db: Database) {
  const rows = await db.rows(
    (row) =>
      row as {
        id: number;
        status: number;
        failure_type: number;
        failure_reason: number;
        attempts: number;
        is_in_doubt: boolean;
      },
  )`
    select broad_log_id as id, status, failure_type, failure_reason, attempts, is_in_doubt from nms_broad_log order by 1`;
  const counters = await db.first(
    (row) => row as { processed: number; success: number; error: number; bounced_later: number },
  )`
    select processed, success, error, bounced_later from nms_delivery where delivery_id = 7`;
  const answers = await db.rows(
    (row) => row as { text: string; occurrences: number },
  )`select text, occurrences from nms_broad_log_msg order by text collate "C"`;
  const addresses = await db.rows(
    (row) => row as { address: string; status: number },
  )`select address, status from nms_address order by address collate "C"`;
  assert.ok(counters);
  return { rows, counters, answers, addresses };
}

test("messages to seed addresses end in their rows and in no counter, also when they bounce", async (t) => {
  const db = await aLedger(t, 3);
  await db.run`update nms_broad_log set seed_member_id = 5 where broad_log_id in (1, 2)`;
  const failed = { kind: "failed", failureType: failureTypes.hard, failureReason: 1, text: "550 no" } as const;
  const outcomes = [anOutcome(1, { kind: "sent" }), anOutcome(2, failed), anOutcome(3, { kind: "sent" })];
  const recorded = await db.transaction((tx) => recordOutcomes(tx, delivery, outcomes));
  assert.deepEqual([recorded.changed, recorded.success, recorded.error], [3, 1, 0]);
  await db.transaction((tx) => recordBounces(tx, [aBounce(1), aBounce(3)]));
  const { counters } = await readAll(db);
  assert.deepEqual(counters, { processed: 1, success: 0, error: 1, bounced_later: 1 });
});

test("a message that was only simulated counts as sent and clears no errors of its address, one that left does", async (t) => {
  const db = await aLedger(t, 2);
  await db.run`
    insert into nms_address (address, status, error_count) select 'a' || i || '@b.test', ${addressStatuses.withErrors}, 3 from generate_series(1, 2) i`;
  const outcomes = [anOutcome(1, { kind: "sent", isSimulated: true }), anOutcome(2, { kind: "sent" })];
  const { success } = await db.transaction((tx) => recordOutcomes(tx, delivery, outcomes));
  assert.equal(success, 2);
  assert.deepEqual(
    await db.rows((row) => row as { status: number; errors: number })`
      select status, error_count as errors from nms_address order by address collate "C"`,
    [
      { status: addressStatuses.withErrors, errors: 3 },
      { status: addressStatuses.valid, errors: 0 },
    ],
  );
});
