import assert from "node:assert/strict";
import { test } from "node:test";

import type { LogRecord } from "#foundation/log.ts";
import type { Context } from "#foundation/module.ts";
import {
  disableOperator,
  expireApiTokens,
  readApiTokenRows,
  removeRights,
  setOperator,
} from "#test/support/access-store.ts";
import { aContext } from "#test/support/context.ts";
import { aRecordedLog } from "#test/support/recorded-log.ts";

import { ensureFirstOperators } from "../ensure-first-operators.ts";
import { internalOperator, type Operator } from "../operator.ts";
import { commandLine, requireOperator } from "../operators/administration.ts";
import { createOperator } from "../operators/create-operator.ts";
import { readAuditTrail } from "../read-audit-trail.ts";
import { createApiToken } from "./create-api-token.ts";
import { findApiToken } from "./find-api-token.ts";
import { listAllApiTokens, listApiTokens } from "./list-api-tokens.ts";
import { revokeApiToken } from "./revoke-api-token.ts";

const address = "10.0.0.9";

async function anInstance(
  t: Parameters<typeof aContext>[0],
): Promise<{ context: Context; admin: Operator; ann: Operator; records: LogRecord[] }> {
  const { log, records } = aRecordedLog();
  const context = await aContext(t, { log });
  await ensureFirstOperators(context.db, { POSTRIDER_ADMIN_PASSWORD: "correct horse battery" });
  await createOperator(
    { db: context.db, by: commandLine },
    {
      login: "ann",
      label: "Ann",
      password: undefined,
      rights: ["workflow"],
      groups: [],
      securityZone: undefined,
      folderId: undefined,
    },
  );
  const [admin, ann] = await Promise.all(["admin", "ann"].map((login) => requireOperator(context.db, login)));
  assert.ok(admin !== undefined && ann !== undefined);
  return { context, admin, ann, records };
}

test("a token is shown once, stored as a hash, and found with its operator and its scopes", async (t) => {
  const { context, ann } = await anInstance(t);
  const made = await createApiToken(context, { operator: ann, label: "till", scopes: ["recipient:read", "delivery"] });
  assert.match(made.text, /^pr_[\w-]{32}$/);
  assert.ok(!JSON.stringify(await readApiTokenRows(context.db)).includes(made.text.slice(8)));
  const found = await findApiToken(context, made.text, address);
  assert.deepEqual(
    [found?.tokenId, found?.operator.login, found?.operator.rights, found?.scopes],
    [made.tokenId, "ann", ["workflow"], ["recipient:read", "delivery"]],
  );
  const [entry] = await listApiTokens(context, ann);
  assert.deepEqual([entry?.label, entry?.hint, entry?.lastAddress], ["till", made.text.slice(0, 8), address]);
  assert.ok(entry?.lastUsed instanceof Date);
});

test("a token ends when it is revoked, when its time is over, and with its operator", async (t) => {
  const { context, ann, records } = await anInstance(t);
  const make = async (): Promise<string> =>
    (await createApiToken(context, { operator: ann, label: "", scopes: ["*"] })).text;
  const isGood = async (text: string): Promise<boolean> => (await findApiToken(context, text, address)) !== undefined;

  const { tokenId, text } = await createApiToken(context, { operator: ann, label: "", scopes: ["*"] });
  assert.equal(await revokeApiToken(context, ann, tokenId), true);
  assert.equal(await isGood(text), false);
  assert.equal(await revokeApiToken(context, ann, tokenId), false, "it has ended already");

  const expired = await make();
  await expireApiTokens(context.db);
  assert.equal(await isGood(expired), false);

  const idle = await make();
  await removeRights(context.db, "ann");
  assert.equal(await isGood(idle), false);

  const { text: admins } = await createApiToken(context, {
    operator: await requireOperator(context.db, "admin"),
    label: "",
    scopes: ["*"],
  });
  await disableOperator(context.db, "admin");
  assert.equal(await isGood(admins), false);
  for (const guess of ["", "pr_", `pr_${"A".repeat(32)}`, "pr_'; drop table xtk_api_token; --", "x".repeat(100_000)])
    assert.equal(await isGood(guess), false);
  const refusals = records.filter(({ event }) => event === "session.logon_by_token");
  assert.equal(refusals.length, 9);
  assert.ok(!JSON.stringify(records).includes(text) && !JSON.stringify(records).includes(admins));
});

test("an operator revokes and lists his own tokens, an administrator those of all", async (t) => {
  const { context, ann, admin } = await anInstance(t);
  const { tokenId } = await createApiToken(context, { operator: admin, label: "", scopes: ["*"] });
  const own = await createApiToken(context, { operator: ann, label: "", scopes: ["*"], by: internalOperator });
  assert.equal(await revokeApiToken(context, ann, tokenId), false);
  assert.deepEqual(
    (await listApiTokens(context, ann)).map((entry) => entry.tokenId),
    [own.tokenId],
  );
  assert.equal((await listAllApiTokens(context)).length, 2);
  assert.equal(await revokeApiToken(context, admin, own.tokenId), true);
  assert.deepEqual(
    (await readAuditTrail(context.db, { entityKey: "ann" }, 2)).map(({ action, login }) => [action, login]),
    [
      ["tokenRevoked", "admin"],
      ["tokenCreated", "internal"],
    ],
  );
});

test("a token is good only from the security zone of its operator", async (t) => {
  const { context, ann } = await anInstance(t);
  const { text } = await createApiToken(context, { operator: ann, label: "", scopes: ["*"] });
  await setOperator(context.db, "ann", { zone: "lan" });
  assert.equal((await findApiToken(context, text, address))?.operator.login, "ann");
  await assert.rejects(findApiToken(context, text, "203.0.113.1"), { code: "XSV-350013" });
});
