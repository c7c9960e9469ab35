import assert from "node:assert/strict";
import { test } from "node:test";

import { isPasswordRight } from "#campaign/access/hash-password.ts";
import { copyEntity } from "#datamodel/write/copy-entity.ts";
import type { RawValue } from "#datamodel/write/entity-input.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { anEntity } from "#test/support/entity.ts";
import { aWriter, tableRows } from "#test/support/writer.ts";

import { writeRules } from "./write-rules.ts";

function write(context: WriteContext, schema: string, values: Record<string, RawValue>): Promise<unknown> {
  return writeEntities(context, [anEntity(schema, values)]);
}

function remove(context: WriteContext, schema: string, values: Record<string, RawValue>): Promise<unknown> {
  return writeEntities(context, [anEntity(schema, values, { operation: "delete" })]);
}

test("every rule is of a schema that there is, and speaks of fields that it has", () => {
  for (const [id, rule] of writeRules) {
    const schema = builtInSchemas.find(id);
    assert.ok(schema !== undefined, id);
    const known = new Set([...Object.keys(schema.attributes), ...Object.keys(schema.dataFields ?? {})]);
    for (const path of [...(rule.needs ?? []), ...(rule.admits ?? []), ...Object.keys(rule.readers ?? {})])
      assert.ok(known.has(path), `${id} has no ${path}`);
  }
});

test("a recipient is found whichever way the domain is written, and has the key of lists", async (t) => {
  const context = await aWriter(t);
  for (const email of ["John.Doe@GMAIL.com", " John.Doe@gmail.com "])
    await writeEntities(context, [anEntity("nms:recipient", { email }, { key: ["@email"] })]);
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "email, email_key"), [
    ["John.Doe@gmail.com", "johndoe@gmail.com"],
  ]);
  await writeEntities(context, [anEntity("nms:recipient", { email: "john.doe@example.com", lastName: "x" })]);
  await assert.rejects(write(context, "nms:recipient", { email: "a b@example.com" }), {
    code: "XTK-170933",
    message: /'email' of nms:recipient/,
  });
  await context.db.run`delete from nms_recipient where email like '%example.com'`;
  const [row] = await tableRows(context.db, "nms_recipient", "recipient_id, 1");
  await write(context, "nms:recipient", { id: Number(row?.[0]), email: "" });
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "email, email_key"), [[null, null]]);
});

test("an option keeps the value of its type and no other", async (t) => {
  const context = await aWriter(t);
  const values = (): Promise<unknown[][]> =>
    tableRows(
      context.db,
      "xtk_option",
      "data_type, string_value, long_value, memo_value, time_stamp_value is not null as d",
      "name = 'one'",
    );
  await write(context, "xtk:option", { name: "one", dataType: 6, stringValue: "text", longValue: 0 });
  await write(context, "xtk:option", { name: "one", stringValue: "more" });
  assert.deepEqual(await values(), [[6, "more", 0, null, false]]);
  await write(context, "xtk:option", { name: "one", dataType: 3, longValue: 12 });
  assert.deepEqual(await values(), [[3, null, 12, null, false]]);
  await write(context, "xtk:option", { name: "one", dataType: "datetime", timeStampValue: "2024-01-01T00:00:00Z" });
  assert.deepEqual(await values(), [[7, null, 0, null, true]]);
  await assert.rejects(write(context, "xtk:option", { name: "one", dataType: 99 }), { code: "XTK-170933" });
});

test("another content makes a prepared delivery start anew; one on its way stays as it is", async (t) => {
  const context = await aWriter(t);
  await write(context, "nms:delivery", { internalName: "DM1", label: "One" });
  const state = async (): Promise<unknown[] | undefined> =>
    (await tableRows(context.db, "nms_delivery", "state, to_deliver"))[0];
  await context.db.run`update nms_delivery set state = 45, to_deliver = 12`;
  await write(context, "nms:delivery", { internalName: "DM1", label: "Two" });
  assert.deepEqual(await state(), [45, 12]);
  await write(context, "nms:delivery", { internalName: "DM1", "mailParameters/subject": "Hello" });
  assert.deepEqual(await state(), [0, 0]);
  for (const [code, name] of [
    [55, "inProgress"],
    [21, "personalisationPending"],
    [95, "finished"],
  ] as const) {
    await context.db.run`update nms_delivery set state = ${code}`;
    await write(context, "nms:delivery", {
      internalName: "DM1",
      label: `In ${name}`,
      "mailParameters/subject": "Hello",
    });
    await assert.rejects(write(context, "nms:delivery", { internalName: "DM1", "content/html/source": "<p>" }), {
      code: "DLV-100004",
      message: new RegExp(name),
    });
  }
  await context.db.run`update nms_delivery set state = 55`;
  await assert.rejects(remove(context, "nms:delivery", { internalName: "DM1" }), { code: "DLV-100004" });
  await context.db.run`update nms_delivery set state = 85`;
  const part = (state: string): Promise<unknown> =>
    context.db.run`
      insert into nms_delivery_part (delivery_id, log_date, first_broad_log_id, last_broad_log_id, message_count, state)
      select delivery_id, current_date, 1, 10, 10, ${state} from nms_delivery`;
  await part("claimed");
  await assert.rejects(remove(context, "nms:delivery", { internalName: "DM1" }), {
    code: "XTK-170941",
    message: /nms:deliveryPart/,
  });
  await context.db.run`delete from nms_delivery_part`;
  await part("waiting");
  await remove(context, "nms:delivery", { internalName: "DM1" });
});

test("what cannot be sent is not stored: target, addresses, dates", async (t) => {
  const context = await aWriter(t);
  for (const values of [
    { targets: '{"everybody":true}' },
    { targets: '{"where":"@nothing = 1"}' },
    { "mailParameters/senderAddress": "two@example.com, three@example.com" },
    { batchSize: 10_001 },
    { "scheduling/contactDate": "2030-02-01T00:00:00Z", "scheduling/validityDate": "2030-01-01T00:00:00Z" },
  ])
    await assert.rejects(write(context, "nms:delivery", { label: "x", ...values }), /./);
  assert.deepEqual(await tableRows(context.db, "nms_delivery", "label, 1"), []);
  await write(context, "nms:delivery", {
    label: "x",
    targets: '{"all":true}',
    "mailParameters/senderAddress": "a@example.com",
  });
  await write(context, "nms:delivery", { label: "y", targets: "" });
  assert.deepEqual(await tableRows(context.db, "nms_delivery", "label, target"), [
    ["x", { all: true }],
    ["y", {}],
  ]);
});

test("a folder cannot lie within itself, and full names follow its label", async (t) => {
  const context = await aWriter(t);
  const folder = (name: string, parent?: string): ReturnType<typeof anEntity> =>
    anEntity(
      "xtk:folder",
      { name, label: name.toUpperCase() },
      parent === undefined
        ? {}
        : { links: { parent: anEntity("xtk:folder", { name: parent }, { operation: "none" }) } },
    );
  await writeEntities(context, [folder("a"), folder("b", "a"), folder("c", "b")]);
  await write(context, "xtk:folder", { name: "a", label: "Customers" });
  assert.deepEqual(await tableRows(context.db, "xtk_folder", "name, full_name", "name in ('a', 'b', 'c')"), [
    ["a", "/Customers/"],
    ["b", "/Customers/B/"],
    ["c", "/Customers/B/C/"],
  ]);
  await assert.rejects(writeEntities(context, [folder("a", "c")]), { code: "ENT-100011" });
  await assert.rejects(writeEntities(context, [folder("a", "a")]), { code: "ENT-100011" });
  await writeEntities(context, [folder("c", "a")]);
  assert.deepEqual(await tableRows(context.db, "xtk_folder", "name, full_name", "name = 'c'"), [
    ["c", "/Customers/C/"],
  ]);
});

test("a folder that the product needs is neither renamed nor deleted; its label may change", async (t) => {
  const context = await aWriter(t);
  const [row] = await tableRows(context.db, "xtk_folder", "folder_id, name", "name = 'nmsRootFolder'");
  const id = Number(row?.[0]);
  await write(context, "xtk:folder", { id, label: "People" });
  await assert.rejects(write(context, "xtk:folder", { id, name: "other" }), { code: "ENT-100010" });
  await assert.rejects(remove(context, "xtk:folder", { id }), { code: "ENT-100010" });
});

test("an operator's password is hashed and never kept; weak ones and odd logins are refused", async (t) => {
  const context = await aWriter(t);
  await write(context, "xtk:operator", { name: "eve", label: "Eve", password: "a long enough secret" });
  const [row] = await tableRows(context.db, "xtk_operator", "name, password_hash", "name = 'eve'");
  assert.equal(await isPasswordRight("a long enough secret", String(row?.[1])), true);
  for (const values of [{ password: "eve" }, { name: "internal" }, { name: "a b" }, { timezone: "Mars/Olympus" }])
    await assert.rejects(write(context, "xtk:operator", { name: "mallory", ...values }), /./);
});

test("the last administrator keeps the right, is not disabled and not deleted", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [
    anEntity(
      "xtk:operator",
      { name: "root", password: "a long enough secret" },
      { collections: { operatorRight: [anEntity("xtk:operatorRight", { rightName: "admin" })] } },
    ),
    anEntity("xtk:operator", { name: "other", password: "a long enough secret" }),
  ]);
  const [row] = await tableRows(context.db, "xtk_operator", "operator_id, 1", "name = 'root'");
  const right = { "operator-id": Number(row?.[0]), rightName: "admin" };
  await assert.rejects(remove(context, "xtk:operatorRight", right), { code: "XSV-350107" });
  await assert.rejects(write(context, "xtk:operator", { name: "root", disabled: true }), { code: "XSV-350107" });
  await assert.rejects(remove(context, "xtk:operator", { name: "root" }), { code: "XSV-350107" });
  await writeEntities(context, [
    anEntity(
      "xtk:operator",
      { name: "other" },
      { collections: { operatorRight: [anEntity("xtk:operatorRight", { rightName: "admin" })] } },
    ),
  ]);
  await remove(context, "xtk:operatorRight", right);
  await remove(context, "xtk:operator", { name: "root" });
});

test("a right that does not exist is not given", async (t) => {
  const context = await aWriter(t);
  await write(context, "xtk:operator", { name: "eve" });
  const [row] = await tableRows(context.db, "xtk_operator", "operator_id, 1", "name = 'eve'");
  await assert.rejects(
    write(context, "xtk:operatorRight", { "operator-id": Number(row?.[0]), rightName: "everything" }),
    {
      code: "XTK-170939",
    },
  );
});

test("a diagram is checked, and stays as it is while the workflow runs", async (t) => {
  const context = await aWriter(t);
  const diagram = JSON.stringify({
    activities: [
      { type: "start", name: "start", transitions: [{ name: "next", target: "end" }] },
      { type: "end", name: "end" },
    ],
  });
  await write(context, "xtk:workflow", { internalName: "nightly", activities: diagram });
  await assert.rejects(write(context, "xtk:workflow", { internalName: "broken", activities: '{"activities":[]}' }), {
    code: "WKF-100001",
  });
  await context.db.run`update xtk_workflow set state = 11`;
  await write(context, "xtk:workflow", { internalName: "nightly", label: "Nightly", activities: diagram });
  await assert.rejects(write(context, "xtk:workflow", { internalName: "nightly", activities: "{}" }), {
    code: "ENT-100012",
  });
  await assert.rejects(remove(context, "xtk:workflow", { internalName: "nightly" }), { code: "ENT-100012" });
  await context.db.run`update xtk_workflow set state = 20`;
  await remove(context, "xtk:workflow", { internalName: "nightly" });
});

test("who subscribes and unsubscribes stands in the history", async (t) => {
  const context = await aWriter(t);
  const written = await writeEntities(context, [
    anEntity("nms:service", { label: "News" }),
    anEntity("nms:recipient", { email: "a@example.com" }),
  ]);
  const [serviceId, recipientId] = written.map(({ key }) => Number(key?.[0]));
  const subscription = { "service-id": serviceId ?? 0, "recipient-id": recipientId ?? 0 };
  await write(context, "nms:subscription", subscription);
  await write(context, "nms:subscription", subscription);
  await remove(context, "nms:subscription", subscription);
  const history = (): Promise<unknown[][]> =>
    tableRows(context.db, "nms_sub_histo", "sub_histo_id > 0 as x, action", "true");
  assert.deepEqual(
    (await history()).map(([, action]) => action),
    [0, 1],
  );
  await write(context, "nms:subscription", subscription);
  await remove(context, "nms:recipient", { id: recipientId ?? 0 });
  assert.deepEqual(await tableRows(context.db, "nms_subscription", "service_id, 1"), []);
});

test("a workflow's copy has a name and a state of its own", async (t) => {
  const context = await aWriter(t);
  const [written] = await writeEntities(context, [
    anEntity("xtk:workflow", { internalName: "nightly", label: "Nightly" }),
  ]);
  await context.db.run`update xtk_workflow set state = 11`;
  const copy = await copyEntity(context, "xtk:workflow", [Number(written?.key?.[0])]);
  await writeEntities(context, [copy]);
  const rows = await tableRows(
    context.db,
    "xtk_workflow",
    "state, internal_name ~ '^nightly_[0-9]+$' as named",
    "internal_name <> 'nightly'",
  );
  assert.deepEqual(rows, [[0, true]]);
});

test("settings of a delivery that make no sense are refused as it is stored, and a change asks for a new preparation", async (t) => {
  const context = await aWriter(t);
  const given = (values: Record<string, RawValue>): Promise<unknown> =>
    write(context, "nms:delivery", { internalName: "DM1", label: "One", ...values });
  await given({
    "scheduling/waves": '{"size": "30%", "periodSec": 3600}',
    "limit/size": "10%",
    "limit/sort": "@created desc",
  });
  for (const values of [
    { "scheduling/waves": '{"size": "30%"}' },
    { "limit/size": "many" },
    { "controlGroup/size": "5%", "controlGroup/sort": "@noSuchField" },
  ])
    await assert.rejects(given(values), /./, JSON.stringify(values));
  await context.db.run`update nms_delivery set state = 45`;
  await given({ "exclusion/doubles": false });
  assert.deepEqual(await tableRows(context.db, "nms_delivery", "state, 1"), [[0, 1]]);
});
