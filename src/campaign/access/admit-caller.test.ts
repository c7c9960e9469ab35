import assert from "node:assert/strict";
import { test } from "node:test";

import type { Context } from "#foundation/module.ts";
import { setOperator } from "#test/support/access-store.ts";
import { someSettings } from "#test/support/context.ts";
import { adminPassword as password, anInstanceWithOperators } from "#test/support/instance-with-operators.ts";

import { admitCaller, findCallersSession, type Presented } from "./admit-caller.ts";
import { hashPassword } from "./hash-password.ts";
import { type LogonOutcome, logOn } from "./log-on.ts";
import { createOperator } from "./operators/create-operator.ts";
import { commandLine } from "./operators/administration.ts";
import { changeRights } from "./operators/change-rights.ts";
import { parsePassword } from "./password.ts";
import { makeSecurityToken, type SessionToken } from "./tokens.ts";

const lan = { address: "10.1.2.3", isSecure: false };
const world = { address: "203.0.113.5", isSecure: true };

function attempt(context: Context, from = lan, login = "admin", given = password): Promise<LogonOutcome> {
  return logOn(context, { login, password: given, ...from, isRemembered: false });
}

async function aToken(context: Context, from = lan, login = "admin"): Promise<SessionToken> {
  const outcome = await attempt(context, from, login);
  assert.ok(outcome.kind === "opened", `logon was ${outcome.kind}`);
  return outcome.token;
}

function present(sessionToken: string, more: Partial<Presented> = {}): Presented {
  return { sessionToken, securityToken: "", isFromCookie: false, ...more };
}

test("an operator logs on only from his zone or from within it, and his session is of no use elsewhere", async (t) => {
  const context = await anInstanceWithOperators(t);
  await setOperator(context.db, "admin", { zone: "lan" });
  assert.equal((await attempt(context, world)).kind, "elsewhere");
  const token = await aToken(context);
  const proof = makeSecurityToken(context, token, context.clock.now());
  assert.equal((await admitCaller(context, lan, present(token))).operator.login, "admin");
  await assert.rejects(admitCaller(context, world, present(token, { securityToken: proof })), { code: "XSV-350013" });
  await assert.rejects(findCallersSession(context, world, token), { code: "XSV-350013" });
  await setOperator(context.db, "admin", { zone: "" });
  assert.equal((await attempt(context, world)).kind, "opened", "an operator without a zone may come from everywhere");
});

test("a wrong password from elsewhere is told like any wrong password", async (t) => {
  const context = await anInstanceWithOperators(t);
  await setOperator(context.db, "admin", { zone: "lan" });
  assert.equal((await attempt(context, world, "admin", "wrong password")).kind, "refused");
});

test("logging on without TLS is refused in zones without allowHTTP, before anything is looked up", async (t) => {
  const context = await anInstanceWithOperators(t);
  assert.equal((await attempt(context, { ...world, isSecure: false })).kind, "insecure");
  assert.equal((await attempt(context, world)).kind, "opened");
  assert.equal((await attempt(context, lan)).kind, "opened");
});

test("a security token is asked for outside of zones with sessionTokenOnly, and there where a cookie brought the session", async (t) => {
  const context = await anInstanceWithOperators(t);
  const token = await aToken(context);
  const other = await aToken(context);
  const now = context.clock.now();
  const securityToken = makeSecurityToken(context, token, now);
  await admitCaller(context, lan, present(token));
  await admitCaller(context, world, present(token, { securityToken }));
  await admitCaller(context, lan, present(token, { securityToken, isFromCookie: true }));
  for (const [caller, presented] of [
    [world, present(token)],
    [world, present(token, { securityToken: makeSecurityToken(context, other, now) })],
    [lan, present(token, { isFromCookie: true })],
    [lan, present(token, { securityToken: "wrong" })],
    [lan, present("")],
    [lan, present("___unknown")],
  ] as const)
    await assert.rejects(admitCaller(context, caller, presented), { code: "XSV-350008" });
});

test("login/password stands for a session only where allowUserPassword says so, and is off by default", async (t) => {
  const context = await anInstanceWithOperators(t);
  await assert.rejects(admitCaller(context, lan, present(`admin/${password}`)), { code: "XSV-350008" });
  const zone = 'name = "all"\nnetworks = ["*"]\nallowUserPassword = true\nsessionTokenOnly = true';
  const open = { ...context, settings: someSettings(`[[web.securityZones]]\n${zone}\nallowHTTP = true`) };
  const session = await admitCaller(open, world, present(`admin/${password}`));
  assert.equal(session.operator.login, "admin");
  assert.equal(await findCallersSession(open, world, session.token), undefined, "nothing is left of it");
  await assert.rejects(admitCaller(open, world, present("admin/wrong password")), { code: "XSV-350008" });
  await assert.rejects(admitCaller(open, world, present("admin/")), { code: "XSV-350008" });
  await assert.rejects(admitCaller(open, world, present(`admin/${password}`, { isFromCookie: true })), {
    code: "XSV-350008",
  });
  const plain = { ...context, settings: someSettings(`[[web.securityZones]]\n${zone}`) };
  await assert.rejects(admitCaller(plain, { ...world, isSecure: false }, present(`admin/${password}`)), {
    code: "XSV-350008",
  });
});

test("wrong login/password tokens are slowed like wrong passwords", async (t) => {
  const zone = 'name = "all"\nnetworks = ["*"]\nallowUserPassword = true\nsessionTokenOnly = true';
  const context = await anInstanceWithOperators(t, `[[web.securityZones]]\n${zone}`);
  for (let guess = 0; guess < 6; guess += 1)
    await assert.rejects(admitCaller(context, world, present(`admin/guess number ${guess}`)), { code: "XSV-350008" });
  await assert.rejects(admitCaller(context, world, present(`admin/${password}`)), { code: "XSV-350008" });
  assert.equal(context.records.at(-1)?.fields["result"], "slowed");
});

test("a login alone is enough from a network that its operator trusts, and only where no security token is asked for", async (t) => {
  const context = await anInstanceWithOperators(t);
  await setOperator(context.db, "admin", { trusted: "10.1.2.0/24\n203.0.113.0/24" });
  assert.equal((await admitCaller(context, lan, present("admin"))).operator.login, "admin");
  assert.equal((await admitCaller(context, lan, present("admin/"))).operator.login, "admin");
  await assert.rejects(admitCaller(context, { ...lan, address: "10.9.9.9" }, present("admin")), { code: "XSV-350008" });
  await assert.rejects(admitCaller(context, world, present("admin")), { code: "XSV-350008" });
});

test("with checkIPConsistent a session is good only from where it was opened", async (t) => {
  const context = await anInstanceWithOperators(t, "authentication.checkIPConsistent = true");
  const token = await aToken(context);
  await admitCaller(context, lan, present(token));
  await assert.rejects(admitCaller(context, { ...lan, address: "10.1.2.4" }, present(token)), { code: "XSV-350008" });
});

test("internal is let in only from its own zone, and its session lives only there", async (t) => {
  const hash = await hashPassword(parsePassword("the server's own", "internal"));
  const context = await anInstanceWithOperators(t, `authentication.xtk.internalPassword = '${hash}'`);
  assert.equal((await attempt(context, world, "internal", "the server's own")).kind, "refused");
  const opened = await attempt(context, lan, "internal", "the server's own");
  assert.ok(opened.kind === "opened");
  await assert.rejects(findCallersSession(context, world, opened.token), { code: "XSV-350013" });
});

test("the account of probes logs on without a right, and is admitted to nothing but probes", async (t) => {
  const context = await anInstanceWithOperators(t);
  const made = { label: "", password, rights: [], groups: [], securityZone: undefined, folderId: undefined };
  for (const login of ["monitoring", "guest"])
    await createOperator({ db: context.db, by: commandLine }, { ...made, login });
  assert.equal((await attempt(context, lan, "guest")).kind, "refused");
  const token = await aToken(context, lan, "monitoring");
  assert.equal((await findCallersSession(context, lan, token))?.operator.login, "monitoring");
  await assert.rejects(admitCaller(context, lan, present(token)), { code: "XSV-350008" });
  await changeRights({ db: context.db, by: commandLine }, "monitoring", { grant: ["workflow"] });
  assert.equal((await admitCaller(context, lan, present(token))).operator.login, "monitoring");
});

test("an operator's own session time-out shortens his sessions", async (t) => {
  const context = await anInstanceWithOperators(t);
  await setOperator(context.db, "admin", { sessionSec: 600 });
  const outcome = await attempt(context);
  assert.equal(outcome.kind === "opened" && outcome.lifeSec, 600);
});

test("an account of programs has no console", async (t) => {
  const context = await anInstanceWithOperators(t);
  await setOperator(context.db, "admin", { noConsole: true });
  const given = { login: "admin", password, ...lan, isRemembered: false };
  assert.equal((await logOn(context, { ...given, isForConsole: true })).kind, "refused");
  assert.equal((await logOn(context, given)).kind, "opened");
});
