import assert from "node:assert/strict";
import { test } from "node:test";

import { failureReasons, failureTypes } from "#schemas/codes.ts";

import { type AddressError, type AddressRecord, defaultRules } from "./address-record.ts";
import { decideAfterError } from "./decide-after-error.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = new Date("2026-11-01T00:00:00Z");

test("a hard error quarantines an address at once", () => {
  const after = decideAfterError(undefined, anError({ failureType: failureTypes.hard }), defaultRules);
  assert.deepEqual([after?.status, after?.errorCount], ["quarantined", 1]);
});

test("soft errors 23 hours apart count once, 25 hours apart twice", () => {
  assert.equal(afterErrors([0, 23 * hourMs])?.errorCount, 1);
  assert.equal(afterErrors([0, 25 * hourMs])?.errorCount, 2);
  assert.equal(afterErrors([0, 24 * hourMs])?.errorCount, 1);
});

test("the delay runs from the last counted error, not from one that was passed over", () => {
  assert.equal(afterErrors([0, 23 * hourMs, 46 * hourMs])?.errorCount, 2);
});

test("an address is quarantined at the fifth counted soft error, not before", () => {
  const times = [0, 2, 4, 6, 8].map((days) => days * dayMs);
  assert.equal(afterErrors(times.slice(0, 4))?.status, "withErrors");
  assert.equal(afterErrors(times)?.status, "quarantined");
  assert.equal(afterErrors(times.slice(0, 3), { ...defaultRules, maxErrors: 3 })?.status, "quarantined");
});

test("after ten days of peace the count begins anew, after a full mailbox only after thirty", () => {
  assert.equal(afterErrors([0, 2 * dayMs, 12 * dayMs])?.errorCount, 3);
  assert.equal(afterErrors([0, 2 * dayMs, 12 * dayMs + 1])?.errorCount, 1);
  const full = { failureReason: failureReasons.mailboxFull };
  assert.equal(afterErrors([0, 2 * dayMs, 31 * dayMs], defaultRules, full)?.errorCount, 3);
  assert.equal(afterErrors([0, 2 * dayMs, 33 * dayMs], defaultRules, full)?.errorCount, 1);
});

test("a success lets the next error count from one", () => {
  const known: AddressRecord = {
    address: "a@b.test",
    status: "valid",
    failureReason: 3,
    errorCount: 0,
    lastError: start,
  };
  const after = decideAfterError(known, anError({ at: new Date(start.getTime() + hourMs) }), defaultRules);
  assert.deepEqual([after?.status, after?.errorCount], ["withErrors", 1]);
});

test("ignored errors change nothing, and no error changes who is quarantined, denylisted or allowlisted", () => {
  assert.equal(decideAfterError(undefined, anError({ failureType: failureTypes.ignored }), defaultRules), undefined);
  for (const status of ["quarantined", "denylisted", "allowlisted"] as const) {
    const known: AddressRecord = { address: "a@b.test", status, failureReason: 1, errorCount: 1, lastError: start };
    assert.equal(
      decideAfterError(
        known,
        anError({ failureType: failureTypes.hard, at: new Date(start.getTime() + 30 * dayMs) }),
        defaultRules,
      ),
      known,
    );
  }
});

test("a notice that comes late, about an error from before the last counted one, is not counted", () => {
  assert.equal(afterErrors([5 * dayMs, 0])?.errorCount, 1);
});

function anError(given: Partial<AddressError>): AddressError {
  return {
    address: "a@b.test",
    failureType: failureTypes.soft,
    failureReason: failureReasons.unreachable,
    text: "",
    deliveryId: 1,
    at: start,
    ...given,
  };
}

function afterErrors(
  offsetsMs: readonly number[],
  rules = defaultRules,
  given: Partial<AddressError> = {},
): AddressRecord | undefined {
  return offsetsMs.reduce<AddressRecord | undefined>(
    (known, offset) => decideAfterError(known, anError({ ...given, at: new Date(start.getTime() + offset) }), rules),
    undefined,
  );
}
