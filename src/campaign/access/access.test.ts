import assert from "node:assert/strict";
import { test } from "node:test";

import { internalAccountSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";
import { aContext, someSettings } from "#test/support/context.ts";
import { adminPassword as password, anInstanceWithOperators } from "#test/support/instance-with-operators.ts";

import { changePassword } from "./change-password.ts";
import { ensureFirstOperators } from "./ensure-first-operators.ts";
import { findSession } from "./find-session.ts";
import { hashPassword } from "./hash-password.ts";
import { logOff } from "./log-off.ts";
import { type LogonOutcome, logOn } from "./log-on.ts";
import { insertOperator, insertRights } from "./operator-store.ts";
import { parsePassword } from "./password.ts";
import {
  disableOperator,
  expireSessions,
  idleSessions,
  readSessionRows,
  removeRights,
} from "#test/support/access-store.ts";
import { isSecurityToken, makeSecurityToken } from "./tokens.ts";

function attempt(
  context: Context,
  given: { login?: string; password?: string; address?: string; isRemembered?: boolean } = {},
): Promise<LogonOutcome> {
  return logOn(context, {
    login: "admin",
    password,
    address: "192.0.2.7",
    isSecure: true,
    isRemembered: false,
    ...given,
  });
}

async function aSession(
  context: Context,
  given: Parameters<typeof attempt>[1] = {},
): Promise<Extract<LogonOutcome, { kind: "opened" }>> {
  const outcome = await attempt(context, given);
  assert.ok(outcome.kind === "opened", `logon was ${outcome.kind}`);
  return outcome;
}

test("the first operator is admin, with the environment's password or a generated one, and is made once", async (t) => {
  const context = await aContext(t);
  const [one, other] = await Promise.all([ensureFirstOperators(context.db, {}), ensureFirstOperators(context.db, {})]);
  const made = one ?? other;
  assert.equal([one, other].filter(Boolean).length, 1);
  assert.match(made?.generatedPassword ?? "", /^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
  assert.equal((await attempt(context, { password: made?.generatedPassword ?? "" })).kind, "opened");
  assert.equal(await ensureFirstOperators(context.db, { POSTRIDER_ADMIN_PASSWORD: "another password" }), undefined);
});

test("a first password that is too weak is refused and makes no operator", async (t) => {
  const context = await aContext(t);
  await assert.rejects(ensureFirstOperators(context.db, { POSTRIDER_ADMIN_PASSWORD: "admin" }), { code: "XSV-350102" });
  assert.equal((await attempt(context, { password: "admin" })).kind, "refused");
});

test("S-23: no default password works on a new instance, nor an empty or a 10 MB one", async (t) => {
  const context = await aContext(t, { settings: "authentication.freeLogonFailures = 1000" });
  await ensureFirstOperators(context.db, {});
  for (const guess of ["", "admin", "internal", "neolane", "password", "x".repeat(10_000_000)]) {
    assert.equal((await attempt(context, { password: guess })).kind, "refused");
  }
});

test("a session lives until logoff, and logging one off leaves the others alive", async (t) => {
  const context = await anInstanceWithOperators(t);
  const [one, other] = [await aSession(context), await aSession(context)];
  assert.match(one.token, /^___[0-9A-F-]{36}$/);
  assert.equal((await findSession(context, one.token))?.operator.login, "admin");
  await logOff(context, one.token, "admin");
  assert.equal(await findSession(context, one.token), undefined);
  assert.equal((await findSession(context, other.token))?.operator.login, "admin");
  assert.equal(await findSession(context, "___'; drop table xtk_session_info; --"), undefined);
});

test("the database holds no token that could be used", async (t) => {
  const context = await anInstanceWithOperators(t);
  const { token } = await aSession(context);
  const stored = JSON.stringify(await readSessionRows(context.db));
  assert.ok(!stored.includes(token) && !stored.includes(token.slice(3)));
});

test("a session ends when its time is over, or when it was idle too long unless it is remembered", async (t) => {
  const context = await anInstanceWithOperators(t);
  const [plain, remembered] = [await aSession(context), await aSession(context, { isRemembered: true })];
  assert.equal(remembered.lifeSec, 1_296_000);
  await idleSessions(context.db, 9 * 3600);
  assert.equal(await findSession(context, plain.token), undefined);
  assert.equal((await findSession(context, remembered.token))?.operator.login, "admin");
  await expireSessions(context.db);
  assert.equal(await findSession(context, remembered.token), undefined);
});

test("S-22: a session ends at once when the password changes, the operator is disabled, or his rights are taken", async (t) => {
  const context = await anInstanceWithOperators(t);
  const first = await aSession(context);
  assert.equal(
    await changePassword(context, first.operator, {
      present: "wrong password",
      wanted: "another password",
      address: "192.0.2.7",
    }),
    "wrong",
  );
  assert.equal((await findSession(context, first.token))?.operator.login, "admin");
  assert.equal(
    await changePassword(context, first.operator, {
      present: password,
      wanted: "another password",
      address: "192.0.2.7",
    }),
    "changed",
  );
  assert.equal(await findSession(context, first.token), undefined);

  const second = await aSession(context, { password: "another password" });
  await removeRights(context.db, "admin");
  assert.equal(await findSession(context, second.token), undefined);
  assert.equal((await attempt(context, { password: "another password" })).kind, "refused");

  await insertRights(context.db, second.operator.operatorId, ["admin"]);
  assert.equal((await findSession(context, second.token))?.operator.login, "admin");
  await disableOperator(context.db, "admin");
  assert.equal(await findSession(context, second.token), undefined);
  assert.equal((await attempt(context, { password: "another password" })).kind, "refused");
});

test("S-19: wrong passwords for one login are slowed, also when they come side by side and from many addresses", async (t) => {
  const context = await anInstanceWithOperators(t);
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      attempt(context, { password: `guess number ${index}`, address: `198.51.100.${index}` }),
    ),
  );
  assert.equal(outcomes.filter(({ kind }) => kind === "refused").length, 5);
  assert.equal(outcomes.filter(({ kind }) => kind === "slowed").length, 35);
  const right = await attempt(context);
  assert.ok(right.kind === "slowed" && right.waitSec >= 1, "the right password waits as well");
});

test("S-19: one password tried on many logins is slowed by its source, an IPv6 source by its network", async (t) => {
  const context = await anInstanceWithOperators(t);
  for (const addressOf of [() => "203.0.113.9", (index: number) => `2001:db8::${index.toString(16)}`]) {
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        attempt(context, { login: `operator${index}`, address: addressOf(index) }),
      ),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === "refused").length, 20);
    assert.equal(outcomes.filter(({ kind }) => kind === "slowed").length, 40);
  }
});

test("a logon that succeeds forgets the failures before it", async (t) => {
  const context = await anInstanceWithOperators(t);
  for (let round = 0; round < 4; round += 1) {
    for (let wrong = 0; wrong < 4; wrong += 1)
      assert.equal((await attempt(context, { password: "wrong password" })).kind, "refused");
    assert.equal((await attempt(context)).kind, "opened");
  }
});

test("S-20: an unknown login takes as long as a wrong password", async (t) => {
  const context = await anInstanceWithOperators(t, "authentication.freeLogonFailures = 1000");
  const spent: { admin: number[]; nobody: number[] } = { admin: [], nobody: [] };
  await attempt(context, { password: "warming up" });
  for (let round = 0; round < 100; round += 1) {
    // Whoever comes second may find the machine warmer: they take turns.
    for (const login of round % 2 === 0 ? (["admin", "nobody"] as const) : (["nobody", "admin"] as const)) {
      const start = performance.now();
      assert.equal((await attempt(context, { login, password: `guess ${round}` })).kind, "refused");
      spent[login].push(performance.now() - start);
    }
  }
  const ratio = middleMean(spent.admin) / middleMean(spent.nobody);
  assert.ok(ratio > 0.9 && ratio < 1.1, `mean times differ: ratio ${ratio.toFixed(3)}`);
});

/** The mean without the fastest and the slowest fifth: what else runs on the machine is not what is measured. */
function middleMean(values: readonly number[]): number {
  const fifth = Math.floor(values.length / 5);
  const middle = values.toSorted((a, b) => a - b).slice(fifth, values.length - fifth);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

test("S-21: how much of a guessed token is right cannot be read from the time that it takes", async (t) => {
  const context = await anInstanceWithOperators(t);
  const { token } = await aSession(context);
  const now = new Date();
  const right = makeSecurityToken(context, token, now);
  const [head = "", signature = ""] = right.split(/-(.*)/s);
  const guesses = {
    nearly: `${head}-${signature.slice(0, 42)}${signature[42] === "A" ? "B" : "A"}==`,
    wrong: `${head}-${"A".repeat(43)}==`,
  };
  const spent: { nearly: number[]; wrong: number[] } = { nearly: [], wrong: [] };
  for (let round = 0; round < 10_000; round += 1) {
    for (const guess of ["nearly", "wrong"] as const) {
      const start = performance.now();
      assert.equal(isSecurityToken(context, token, guesses[guess], now, 60), false);
      spent[guess].push(performance.now() - start);
    }
  }
  const ratio = middleMean(spent.nearly) / middleMean(spent.wrong);
  assert.ok(ratio > 0.9 && ratio < 1.1, `mean times differ: ratio ${ratio.toFixed(3)}`);
});

test("every attempt is logged with login, address and result, never with its password", async (t) => {
  const context = await anInstanceWithOperators(t);
  await attempt(context);
  await attempt(context, { password: "wrong secret" });
  await attempt(context, { login: "nobody\u001b[31m\u0000", password: "wrong secret" });
  const lines = context.records.filter(({ event }) => event === "session.logon");
  assert.deepEqual(
    lines.map(({ fields }) => [fields["login"], fields["address"], fields["result"]]),
    [
      ["admin", "192.0.2.7", "opened"],
      ["admin", "192.0.2.7", "refused"],
      ["nobody\u001b[31m\u0000", "192.0.2.7", "refused"],
    ],
  );
  assert.ok(!JSON.stringify(context.records).includes("secret"));
  assert.ok(!JSON.stringify(context.records).includes(password));
});

test("internal cannot log on before its password is set, then only from its networks, until the password changes", async (t) => {
  const context = await anInstanceWithOperators(t);
  const given = { login: "internal", password: "the server's own", address: "127.0.0.1" };
  assert.equal((await attempt(context, given)).kind, "refused");
  assert.equal((await attempt(context, { ...given, password: "" })).kind, "refused");

  const set = async (text: string): Promise<Context> => {
    const hash = await hashPassword(parsePassword(text, "internal"));
    return { ...context, settings: someSettings(`authentication.xtk.internalPassword = '${hash}'`) };
  };
  const ready = await set(given.password);
  assert.ok(ready.settings.of(internalAccountSettings).internalPassword.startsWith("$argon2id$"));
  assert.equal((await attempt(ready, { ...given, address: "203.0.113.1" })).kind, "refused");
  const { token, operator } = await aSession(ready, given);
  assert.equal(operator.operatorId, 0);
  assert.equal((await findSession(ready, token))?.operator.login, "internal");
  assert.equal(await findSession(await set("something else now"), token), undefined);
});

test("an operator without any right cannot log on", async (t) => {
  const context = await anInstanceWithOperators(t);
  await insertOperator(context.db, {
    login: "guest",
    label: "Guest",
    passwordHash: await hashPassword(parsePassword(password, "guest")),
  });
  assert.equal((await attempt(context, { login: "guest" })).kind, "refused");
});

test("a security token is good for its session, its instance and its time only", async (t) => {
  const context = await anInstanceWithOperators(t);
  const [one, other] = [await aSession(context), await aSession(context)];
  const now = new Date("2026-11-21T10:00:00Z");
  const token = makeSecurityToken(context, one.token, now);
  assert.equal(isSecurityToken(context, one.token, token, now, 60), true);
  assert.equal(isSecurityToken(context, other.token, token, now, 60), false);
  assert.equal(isSecurityToken({ ...context, instance: "second" }, one.token, token, now, 60), false);
  assert.equal(isSecurityToken(context, one.token, token, new Date(now.getTime() + 61_000), 60), false);
  assert.equal(isSecurityToken(context, one.token, token.replace("@", "@1"), now, 60), false);
  for (const text of ["", "@", "@-==", `@zzzzzzzzzz-${"A".repeat(43)}==`, "\u0000"]) {
    assert.equal(isSecurityToken(context, one.token, text, now, 60), false);
  }
});
