import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { addressStatuses, failureReasons, failureTypes } from "#schemas/codes.ts";
import { aDatabase } from "#test/support/database.ts";

import type { AddressError } from "./address-record.ts";
import { denyAddress } from "./deny-address.ts";
import { recordErrors } from "./record-errors.ts";
import { recordSuccesses } from "./record-successes.ts";
import { releaseAddresses } from "./release-addresses.ts";

const start = new Date("2026-11-01T00:00:00Z");
const dayMs = 86_400_000;

test("errors of many addresses are stored in one go, told apart by the case of their letters", async (t) => {
  const db = await aDatabase(t);
  const errors = [
    anError("John@b.test", {
      failureType: failureTypes.hard,
      failureReason: failureReasons.userUnknown,
      text: "550 no such user",
    }),
    anError("john@b.test", {}),
    anError("john@b.test", { at: new Date(start.getTime() + 2 * dayMs) }),
    anError("calm@b.test", { failureType: failureTypes.ignored }),
  ];
  assert.deepEqual(await db.transaction((tx) => recordErrors(tx, errors)), ["John@b.test"]);
  assert.deepEqual(await readAll(db), [
    {
      address: "John@b.test",
      status: addressStatuses.quarantined,
      error_count: 1,
      failure_reason: failureReasons.userUnknown,
      error_text: "550 no such user",
    },
    {
      address: "john@b.test",
      status: addressStatuses.withErrors,
      error_count: 2,
      failure_reason: failureReasons.unreachable,
      error_text: "450 later",
    },
  ]);
});

test("the limits are options, as Classic names them", async (t) => {
  const db = await aDatabase(t);
  await db.run`insert into xtk_option (name, data_type, long_value) values ('NmsNPAI_EmailMaxError', 3, 2), ('NmsNPAI_EmailSignificantErrorDelay', 3, 60)`;
  const errors = [anError("a@b.test", {}), anError("a@b.test", { at: new Date(start.getTime() + 61_000) })];
  assert.deepEqual(await db.transaction((tx) => recordErrors(tx, errors)), ["a@b.test"]);
});

test("a success makes an address valid that had errors, and frees nobody from quarantine", async (t) => {
  const db = await aDatabase(t);
  await db.transaction((tx) =>
    recordErrors(tx, [anError("soft@b.test", {}), anError("hard@b.test", { failureType: failureTypes.hard })]),
  );
  await db.transaction((tx) => recordSuccesses(tx, ["soft@b.test", "hard@b.test", "new@b.test"]));
  assert.deepEqual(
    (await readAll(db)).map(({ address, status }) => [address, status]),
    [
      ["hard@b.test", addressStatuses.quarantined],
      ["soft@b.test", addressStatuses.valid],
    ],
  );
});

test("a complaint denylists an address, whatever it was before, and no error or success takes it back", async (t) => {
  const db = await aDatabase(t);
  await db.run`insert into nms_address (address, status) values ('a@b.test', ${addressStatuses.allowlisted})`;
  for (const address of ["a@b.test", "new@b.test"]) {
    await db.transaction((tx) => denyAddress(tx, address, { text: "complaint", deliveryId: 7, at: start }));
    await db.transaction((tx) => recordErrors(tx, [anError(address, { failureType: failureTypes.hard })]));
    await db.transaction((tx) => recordSuccesses(tx, [address]));
  }
  for (const row of await readAll(db)) assert.equal(row.status, addressStatuses.denylisted);
});

test("the daily cleaning drops addresses at peace and keeps the quarantine", async (t) => {
  const db = await aDatabase(t);
  await db.transaction((tx) =>
    recordErrors(tx, [
      anError("old@b.test", {}),
      anError("full@b.test", { failureReason: failureReasons.mailboxFull }),
      anError("fresh@b.test", { at: new Date(start.getTime() + 5 * dayMs) }),
      anError("hard@b.test", { failureType: failureTypes.hard }),
    ]),
  );
  assert.deepEqual(await releaseAddresses(db, new Date(start.getTime() + 11 * dayMs)), { released: 1, deleted: 1 });
  assert.deepEqual(
    (await readAll(db)).map(({ address }) => address),
    ["fresh@b.test", "full@b.test", "hard@b.test"],
  );
  await releaseAddresses(db, new Date(start.getTime() + 31 * dayMs));
  assert.deepEqual(
    (await readAll(db)).map(({ address }) => address),
    ["hard@b.test"],
  );
});

test("two transactions that count errors of the same new addresses take turns", async (t) => {
  const db = await aDatabase(t);
  const addresses = Array.from({ length: 50 }, (_, index) => `a${index}@b.test`);
  const record = (list: readonly string[], days: number) =>
    db.transaction((tx) =>
      recordErrors(
        tx,
        list.map((address) => anError(address, { at: new Date(start.getTime() + days * dayMs) })),
      ),
    );
  await Promise.all([record(addresses, 0), record(addresses.toReversed(), 2), record(addresses, 4)]);
  for (const row of await readAll(db)) assert.ok(row.error_count >= 1);
  assert.equal((await readAll(db)).length, 50);
});

function anError(address: string, given: Partial<AddressError>): AddressError {
  return {
    address,
    failureType: failureTypes.soft,
    failureReason: failureReasons.unreachable,
    text: "450 later",
    deliveryId: 1,
    at: start,
    ...given,
  };
}

function readAll(db: Database) {
  return db.rows(
    (row) =>
      row as { address: string; status: number; error_count: number; failure_reason: number; error_text: string },
  )`
    select address, status, error_count, failure_reason, error_text from nms_address order by address collate "C"`;
}
