import assert from "node:assert/strict";
import { test } from "node:test";

import { anEntity } from "#test/support/entity.ts";
import { aWriter, tableRows } from "#test/support/writer.ts";

import { secretMask } from "./secret-mask.ts";
import { writeEntities } from "./write-entities.ts";

const columns =
  "audit_trail_id, operator_id, login, address, action, schema_name, entity_key = '' as keyless, entity_label, changes";

test("every change of an audited schema is kept: who, whence, what it was and what it became", async (t) => {
  const context = { ...(await aWriter(t)), remoteAddress: "192.0.2.7" };
  await context.db.run`delete from xtk_audit_trail`;
  const write = (values: Record<string, string>, operation?: "delete"): Promise<unknown> =>
    writeEntities(context, [
      anEntity("xtk:option", { name: "one", ...values }, operation === undefined ? {} : { operation }),
    ]);
  await write({ stringValue: "a" });
  await write({ stringValue: "b" });
  await write({ stringValue: "b" });
  await write({}, "delete");
  const rows = await tableRows(context.db, "xtk_audit_trail", columns);
  assert.deepEqual(
    rows.map(([, ...rest]) => rest),
    [
      [
        1001,
        "admin",
        "192.0.2.7",
        "insert",
        "xtk:option",
        false,
        "one",
        { name: { to: "one" }, dataType: { to: 6 }, stringValue: { to: "a" } },
      ],
      [1001, "admin", "192.0.2.7", "update", "xtk:option", false, "one", { stringValue: { from: "a", to: "b" } }],
      [1001, "admin", "192.0.2.7", "delete", "xtk:option", false, "one", rows[2]?.[8]],
    ],
  );
  assert.match(JSON.stringify(rows[2]?.[8]), /"stringValue":\{"from":"b"\}/);
});

test("of secrets and passwords the trail says only that they changed", async (t) => {
  const context = await aWriter(t);
  await context.db.run`delete from xtk_audit_trail`;
  await writeEntities(context, [
    anEntity("nms:extAccount", { name: "relay", password: "hunter2-and-more" }),
    anEntity("xtk:operator", { name: "eve", password: "correct horse battery" }),
  ]);
  const rows = await tableRows(context.db, "xtk_audit_trail", "audit_trail_id, changes::text as changes");
  for (const [, text] of rows) assert.doesNotMatch(String(text), /hunter2|correct horse|argon2|@aes1/);
  assert.match(String(rows[0]?.[1]), /"password": \{\}/);
});

test("a change that is undone leaves no trace", async (t) => {
  const context = await aWriter(t);
  await context.db.run`delete from xtk_audit_trail`;
  await assert.rejects(
    writeEntities(context, [anEntity("xtk:option", { name: "one" }), anEntity("nms:recipient", { gender: "x" })]),
  );
  assert.deepEqual(await tableRows(context.db, "xtk_audit_trail", columns), []);
});

test("a secret is stored encrypted; its mask leaves it, and what was encrypted here is taken as it is", async (t) => {
  const context = await aWriter(t);
  const stored = async (): Promise<string> =>
    String((await tableRows(context.db, "nms_ext_account", "password, 1", "name = 'relay'"))[0]?.[0]);
  const write = (password: string): Promise<unknown> =>
    writeEntities(context, [anEntity("nms:extAccount", { name: "relay", password })]);
  await write("first");
  const first = await stored();
  assert.equal(context.secrets?.decrypt(first), "first");
  await write(secretMask);
  assert.equal(await stored(), first);
  await write(context.secrets?.encrypt("second") ?? "");
  assert.equal(context.secrets?.decrypt(await stored()), "second");
  await write("@aes1:not really");
  assert.equal(context.secrets?.decrypt(await stored()), "@aes1:not really");
});
