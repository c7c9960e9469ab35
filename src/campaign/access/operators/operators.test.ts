import assert from "node:assert/strict";
import { test } from "node:test";

import type { Context } from "#foundation/module.ts";
import { aContext } from "#test/support/context.ts";

import { ensureFirstOperators } from "../ensure-first-operators.ts";
import { findSession } from "../find-session.ts";
import { type LogonOutcome, logOn } from "../log-on.ts";
import { readAuditTrail } from "../read-audit-trail.ts";
import { setOperatorPassword } from "../set-operator-password.ts";
import { viewerOf } from "../viewer-of.ts";
import { type Administration, commandLine, requireOperator } from "./administration.ts";
import { changeRights } from "./change-rights.ts";
import { createOperator, type NewOperator } from "./create-operator.ts";
import { disableOperator } from "./disable-operator.ts";
import { enableOperator } from "./enable-operator.ts";
import { endSessions } from "./end-sessions.ts";
import { listOperators } from "./list-operators.ts";
import { restrictOperator } from "./restrict-operator.ts";

const password = "correct horse battery";
const nobody: Omit<NewOperator, "login"> = {
  label: "",
  password,
  rights: [],
  groups: [],
  securityZone: undefined,
  folderId: undefined,
};

async function anInstance(t: Parameters<typeof aContext>[0]): Promise<Context & { administration: Administration }> {
  const context = await aContext(t);
  await ensureFirstOperators(context.db, { POSTRIDER_ADMIN_PASSWORD: password });
  return { ...context, administration: { db: context.db, by: commandLine } };
}

function attempt(context: Context, login: string, given = password): Promise<LogonOutcome> {
  return logOn(context, { login, password: given, address: "127.0.0.1", isSecure: false, isRemembered: false });
}

test("a new operator gets a password that is shown once, and logs on with it when he has a right", async (t) => {
  const { administration, ...context } = await anInstance(t);
  const { generatedPassword } = await createOperator(administration, {
    ...nobody,
    login: "ann",
    password: undefined,
    rights: ["workflow"],
  });
  assert.equal((await attempt(context, "ann", generatedPassword)).kind, "opened");
  await assert.rejects(createOperator(administration, { ...nobody, login: "ann" }), { code: "XSV-350104" });
  for (const login of ["", "internal", "a b", "x".repeat(81), "a/b", "a\u0000"])
    await assert.rejects(createOperator(administration, { ...nobody, login }), { code: "XSV-350105" });
  await assert.rejects(createOperator(administration, { ...nobody, login: "bob", rights: ["fly"] }), {
    code: "XSV-350106",
    message: /no right 'fly'/,
  });
  await assert.rejects(createOperator(administration, { ...nobody, login: "bob", password: "short" }), {
    code: "XSV-350102",
  });
});

test("rights are his own and those of his groups, and a change is felt in sessions that are open", async (t) => {
  const { administration, ...context } = await anInstance(t);
  await createOperator(administration, { ...nobody, login: "ann", rights: ["sql"], groups: ["workflowSupervisor"] });
  const opened = await attempt(context, "ann");
  assert.ok(opened.kind === "opened");
  const rights = async (): Promise<readonly string[] | undefined> =>
    (await findSession(context, opened.token))?.operator.rights;
  assert.deepEqual(await rights(), ["sql", "workflow"]);
  await changeRights(administration, "ann", { revoke: ["sql"], join: ["deliveryOperator"] });
  assert.deepEqual(await rights(), ["delivery", "deliveryStart", "export", "workflow"]);
  await changeRights(administration, "ann", { leave: ["deliveryOperator", "workflowSupervisor"] });
  assert.equal(await rights(), undefined, "without any right the session is over");
  await assert.rejects(changeRights(administration, "ann", { join: ["pilots"] }), { code: "XSV-350106" });
  await assert.rejects(changeRights(administration, "nobody", { grant: ["sql"] }), { code: "XSV-350106" });
});

test("an operator is seen by the data model with his groups, his folder and his time zone", async (t) => {
  const { administration, db } = await anInstance(t);
  await createOperator(administration, { ...nobody, login: "ann", groups: ["campaignManager"], folderId: 77 });
  const viewer = viewerOf(await requireOperator(db, "ann"), "Europe/Paris");
  assert.deepEqual([viewer.login, viewer.folderId, viewer.timezone], ["ann", 77, "Europe/Paris"]);
  assert.deepEqual(viewer.groupIds, [3]);
  assert.ok(viewer.rights.includes("workflow") && !viewer.rights.includes("admin"));
});

test("a disabled operator is out at once, and comes back with the password he had", async (t) => {
  const { administration, ...context } = await anInstance(t);
  await createOperator(administration, { ...nobody, login: "ann", rights: ["workflow"] });
  const opened = await attempt(context, "ann");
  assert.ok(opened.kind === "opened");
  await disableOperator(administration, "ann");
  assert.equal(await findSession(context, opened.token), undefined);
  assert.equal((await attempt(context, "ann")).kind, "refused");
  await enableOperator(administration, "ann");
  assert.equal(await findSession(context, opened.token), undefined, "the old session stays dead");
  assert.equal((await attempt(context, "ann")).kind, "opened");
  assert.equal(await endSessions(administration, "ann"), 1);
});

test("the last administrator can neither be disabled nor lose his right; with a second one he can", async (t) => {
  const { administration, db } = await anInstance(t);
  await assert.rejects(disableOperator(administration, "admin"), { code: "XSV-350107" });
  await assert.rejects(changeRights(administration, "admin", { revoke: ["admin"] }), { code: "XSV-350107" });
  assert.deepEqual((await requireOperator(db, "admin")).rights, ["admin"]);
  await createOperator(administration, { ...nobody, login: "ann", groups: ["administrator"] });
  await changeRights(administration, "admin", { revoke: ["admin"] });
  await assert.rejects(changeRights(administration, "ann", { leave: ["administrator"] }), { code: "XSV-350107" });
});

test("the list tells what each operator may do and when he was here", async (t) => {
  const { administration, ...context } = await anInstance(t);
  await createOperator(administration, { ...nobody, login: "ann", rights: ["sql"], groups: ["privacyOfficer"] });
  await restrictOperator(administration, "ann", { securityZone: "lan", folderId: 12 });
  await attempt(context, "ann");
  const [, ann] = await listOperators(context.db);
  assert.deepEqual(
    [ann?.operator.login, ann?.groups, ann?.operator.securityZone, ann?.operator.folderId, ann?.sessions],
    ["ann", ["privacyOfficer"], "lan", 12, 1],
  );
  assert.ok(ann?.lastLogon instanceof Date);
});

test("the audit trail tells who did what to whom, and holds no password", async (t) => {
  const { administration, ...context } = await anInstance(t);
  await createOperator(administration, { ...nobody, login: "ann", rights: ["sql"] });
  await changeRights(administration, "ann", { grant: ["export"] });
  await setOperatorPassword(context.db, "ann", "another password");
  await attempt(context, "ann", "another password");
  const entries = await readAuditTrail(context.db, { entityKey: "ann" });
  assert.deepEqual(
    entries.map(({ action, login, address }) => [action, login, address]),
    [
      ["logon", "ann", "127.0.0.1"],
      ["passwordReset", "", ""],
      ["rightsChanged", "", ""],
      ["operatorCreated", "", ""],
    ],
  );
  assert.deepEqual(entries[2]?.changes, { grant: ["export"] });
  assert.ok(!JSON.stringify(entries).includes('password"'));
  assert.ok(!JSON.stringify(entries).includes("another") && !JSON.stringify(entries).includes("argon2"));
  assert.equal((await readAuditTrail(context.db, { entityKey: "ann" }, 2)).length, 2);
});
