import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Client } from "@adobe/acc-js-sdk";

import { aClient, at, query, type Refusal } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { aWeb } from "#test/support/web.ts";

let client: Client;
const ending = inReverse({ after });

before(async () => {
  const web = await aWeb(ending);
  client = await aClient(web.url);
});

type Part = Record<string, unknown>;

const write = (document: Part): Promise<unknown> =>
  client.NLWS.xtkSession.write({ xtkschema: "nms:recipient", ...document });

async function find(where: string, ...nodes: readonly string[]): Promise<unknown[]> {
  const answer = await query(client, {
    schema: "nms:recipient",
    operation: "select",
    select: { node: nodes.map((expr) => ({ expr })) },
    where: { condition: [{ expr: where }] },
    orderBy: { node: [{ expr: "@id" }] },
  });
  const rows = at(answer, "recipient");
  return Array.isArray(rows) ? rows : [];
}

const refusedWith =
  (expected: RegExp, code = "SOP-330011") =>
  (error: Refusal): boolean => {
    assert.equal(error.errorCode, code);
    assert.match(error.detail ?? "", expected);
    return true;
  };

test("insert, insertOrUpdate as the default, update by a key; what is absent stays, what is empty is emptied", async () => {
  await write({ _operation: "insert", email: "one@write.example", lastName: "One", phone: "123" });
  await write({ _key: "@email", email: "one@write.example", firstName: "First" });
  assert.deepEqual(await find("@email = 'one@write.example'", "@lastName", "@firstName", "@phone"), [
    { lastName: "One", firstName: "First", phone: "123" },
  ]);
  await write({ _operation: "update", _key: "@email", email: "one@write.example", phone: "" });
  assert.deepEqual(await find("@email = 'one@write.example'", "@lastName", "@phone"), [{ lastName: "One", phone: "" }]);
  await write({ _operation: "update", _key: "@email", email: "missing@write.example", phone: "1" });
  assert.deepEqual(await find("@email = 'missing@write.example'", "@id"), []);
});

test("a composite key and one through a link find the row; by id, too", async () => {
  await write({ _operation: "insert", email: "two@write.example", lastName: "Two", location: { city: "Lyon" } });
  const [row] = await find("@email = 'two@write.example'", "@id", "@folder-id".replace(/.*/, "[@folder-id]"));
  await write({
    _key: "@email, [@folder-id]",
    email: "two@write.example",
    "folder-id": at(row, "folder-id"),
    phone: "2",
  });
  const folder = await query(client, {
    schema: "xtk:folder",
    operation: "get",
    select: { node: [{ expr: "@name" }] },
    where: { condition: [{ expr: `@id = ${String(at(row, "folder-id"))}` }] },
  });
  await write({
    _key: "[folder/@name], @email",
    email: "two@write.example",
    folder: { _operation: "none", name: at(folder, "name") },
    mobilePhone: "22",
  });
  await write({ id: at(row, "id"), location: { zipCode: "69001" } });
  assert.deepEqual(
    await find("@email = 'two@write.example'", "@phone", "@mobilePhone", "location/@city", "location/@zipCode"),
    [{ phone: "2", mobilePhone: "22", location: { city: "Lyon", zipCode: "69001" } }],
  );
});

test("a link with the operation none is only resolved; one that cannot be is a fault; without it its row is written", async () => {
  await write({
    _operation: "insert",
    email: "three@write.example",
    folder: { _operation: "none", _key: "@name", name: "nmsRootFolder" },
  });
  const [row] = await find("@email = 'three@write.example'", "[folder/@name]");
  assert.equal(at(row, "folder", "name"), "nmsRootFolder");
  await assert.rejects(
    write({ _operation: "insert", email: "lost@write.example", folder: { _operation: "none", name: "noSuchFolder" } }),
    refusedWith(/noSuchFolder/),
  );
  assert.deepEqual(await find("@email = 'lost@write.example'", "@id"), []);
  await client.NLWS.xtkSession.write({
    xtkschema: "nms:rcpGrpRel",
    group: { _key: "@name", name: "madeOnTheWay", label: "Made on the way" },
    recipient: { _operation: "none", _key: "@email", email: "three@write.example" },
  });
  const groups = await query(client, {
    schema: "nms:group",
    operation: "select",
    select: { node: [{ expr: "@label" }] },
    where: { condition: [{ expr: "@name = 'madeOnTheWay'" }] },
  });
  assert.deepEqual(groups, { group: [{ label: "Made on the way" }] });
});

test("writeCollection mixes operations, whatever the tags, and is all or nothing", async () => {
  await write({ _operation: "insert", email: "old@write.example", lastName: "Old" });
  await client.NLWS.xtkSession.writeCollection({
    xtkschema: "nms:recipient",
    anything: [
      { _operation: "insert", email: "mixed@write.example" },
      { _operation: "update", _key: "@email", email: "old@write.example", lastName: "New" },
    ],
  });
  assert.deepEqual(await find("@email = 'old@write.example'", "@lastName"), [{ lastName: "New" }]);
  await client.NLWS.xtkSession.writeCollection({
    xtkschema: "nms:recipient",
    recipient: [{ _operation: "delete", _key: "@email", email: "mixed@write.example" }],
  });
  assert.deepEqual(await find("@email = 'mixed@write.example'", "@id"), []);
  await assert.rejects(
    client.NLWS.xtkSession.writeCollection({
      xtkschema: "nms:recipient",
      recipient: [
        { _operation: "insert", email: "first@write.example" },
        { _operation: "insert", email: "second@write.example", gender: "no number" },
      ],
    }),
    refusedWith(/gender/),
  );
  assert.deepEqual(await find("@email LIKE '%@write.example' and @email IN ('first@write.example')", "@id"), []);
});

test("an insert with a key that is taken is a fault, not an update", async () => {
  const group = { xtkschema: "nms:group", _operation: "insert", name: "taken", label: "Taken" };
  await client.NLWS.xtkSession.write(group);
  await assert.rejects(client.NLWS.xtkSession.write({ ...group, label: "Again" }), refusedWith(/same key/));
});

test("unicode, quotes and markup come back as they were written, byte for byte", async () => {
  const texts = [`"quotes" 'and' \\ & < > ]]> &amp; <![CDATA[`, "é ü ß 中文 العربية 😀 \u2028", "tab\tand line\nend"];
  await write({ _operation: "insert", email: "text@write.example", text1: texts[0], text2: texts[1], text3: texts[2] });
  const [row] = await find("@email = 'text@write.example'", "@text1", "@text2", "@text3");
  assert.deepEqual([at(row, "text1"), at(row, "text2"), at(row, "text3")], texts);
  const html = `<html><body onload="x('1')">é <%= recipient.firstName %> &nbsp; ]]></body></html>`;
  await client.NLWS.xtkSession.write({
    xtkschema: "nms:delivery",
    internalName: "markup",
    label: "Markup",
    content: { html: { source: { $: html } } },
  });
  const read = await query(client, {
    schema: "nms:delivery",
    operation: "get",
    select: { node: [{ expr: "content/html/source" }] },
    where: { condition: [{ expr: "@internalName = 'markup'" }] },
  });
  assert.equal(at(read, "content", "html", "$source"), html);
});

test("dates and who wrote are filled in by the server", async () => {
  await write({ _operation: "insert", email: "stamp@write.example" });
  const [row] = await find("@email = 'stamp@write.example'", "@created", "@lastModified", "[createdBy/@name]");
  assert.ok(Math.abs(Date.parse(String(at(row, "created"))) - Date.now()) < 60_000);
  assert.equal(at(row, "createdBy", "name"), "admin");
});

test("reserved ids are distinct, above 1,000 and good for the next write", async () => {
  const ids = String(await client.NLWS.xtkSession.getNewIdsEx(3, "NmsRecipientId")).split(",");
  assert.equal(new Set(ids).size, 3);
  assert.ok(ids.every((id) => Number(id) > 1_000));
  await write({ id: ids[0], email: "reserved@write.example" });
  assert.deepEqual(await find("@email = 'reserved@write.example'", "@id"), [{ id: ids[0] }]);
  const [global] = String(await client.NLWS.xtkSession.getNewIdsEx(1, "XtkNewId")).split(",");
  await write({ id: global, email: "global@write.example" });
  assert.deepEqual(await find("@email = 'global@write.example'", "@id"), [{ id: global }]);
});

test("deleteCollection deletes what its condition selects and nothing else, and nothing without a condition", async () => {
  await client.NLWS.xtkSession.writeCollection({
    xtkschema: "nms:recipient",
    recipient: ["a", "b", "c"].map((name) => ({ _operation: "insert", email: `${name}@delete.example` })),
  });
  const where = { condition: [{ expr: "@email = 'b@delete.example'" }] };
  await client.NLWS.xtkSession.deleteCollection("nms:recipient", where, false);
  assert.deepEqual(await find("@email LIKE '%@delete.example'", "@email"), [
    { email: "a@delete.example" },
    { email: "c@delete.example" },
  ]);
  await assert.rejects(
    client.NLWS.xtkSession.deleteCollection("nms:recipient", {}, false),
    refusedWith(/no condition/, "SOP-330108"),
  );
});

test("newInstance gives an id and stores nothing, save stores it, duplicate is another one with another internal name", async () => {
  const countOf = async (): Promise<unknown> =>
    at(await query(client, { schema: "nms:delivery", operation: "count" }), "count");
  const before = await countOf();
  const delivery = client.NLWS.nmsDelivery.create({ label: "Fresh" });
  await delivery.newInstance();
  assert.equal(at(delivery.entity, "label"), "Fresh");
  const id = String(at(delivery.entity, "id"));
  assert.match(id, /^\d+$/);
  assert.equal(await countOf(), before);
  await delivery.save();
  const stored = await query(client, {
    schema: "nms:delivery",
    operation: "get",
    select: { node: [{ expr: "@label" }, { expr: "@internalName" }, { expr: "@state" }] },
    where: { condition: [{ expr: `@id = ${id}` }] },
  });
  assert.deepEqual([at(stored, "label"), at(stored, "state")], ["Fresh", "0"]);
  const copy = client.NLWS.nmsDelivery.create({});
  await copy.duplicate(`nms:delivery|${id}`);
  assert.equal(at(copy.entity, "label"), "Fresh");
  assert.notEqual(at(copy.entity, "id"), id);
  assert.notEqual(at(copy.entity, "internalName"), at(stored, "internalName"));
  await copy.save();
  const recipient = client.NLWS.nmsRecipient.create({});
  await assert.rejects(recipient.duplicate("nms:delivery|1"), refusedWith(/is not a primary key/, "SOP-330109"));
});

test("options keep their type; setOption writes what getOption reads", async () => {
  const { xtkSession } = client.NLWS;
  assert.deepEqual(await xtkSession.getOption("no such option"), ["", 0]);
  await client.setOption("cusText", "some text <&>", "What it is for");
  assert.deepEqual(await xtkSession.getOption("cusText"), ["some text <&>", 6]);
  const typed: [number, Part, unknown][] = [
    [3, { longValue: 42 }, 42],
    [5, { doubleValue: 1.5 }, 1.5],
    [12, { memoValue: "long text" }, "long text"],
    [15, { longValue: 1 }, true],
  ];
  for (const [dataType, value, expected] of typed) {
    const name = `cusTyped${dataType}`;
    await xtkSession.write({ xtkschema: "xtk:option", _key: "@name", name, dataType, ...value });
    assert.equal(await client.getOption(name, false), expected);
  }
  await client.setOption("cusTyped3", 43);
  assert.deepEqual(await xtkSession.getOption("cusTyped3"), ["43", 3]);
  const moment = "2024-02-29T10:11:12.345Z";
  await xtkSession.write({
    xtkschema: "xtk:option",
    _key: "@name",
    name: "cusMoment",
    dataType: 7,
    timeStampValue: moment,
  });
  const read = await client.getOption("cusMoment", false);
  assert.ok(read instanceof Date && read.toISOString() === moment);
});

test("what cannot be written is a fault that names schema and field, and leaves everything as it was", async () => {
  const wrong: [Part, RegExp][] = [
    [{ email: "w@write.example", noSuchField: 1 }, /nms:recipient .*noSuchField/],
    [{ email: "w@write.example", noSuchElement: { a: 1 } }, /noSuchElement/],
    [{ email: "w@write.example", _operation: "explode" }, /_operation/],
    [{ xtkschema: "nms:nowhere", email: "w" }, /There is no schema 'nms:nowhere'/],
    [{ xtkschema: "xtk:logonGuard", name: "w" }, /There is no schema/],
  ];
  for (const [document, expected] of wrong) await assert.rejects(write(document), refusedWith(expected));
  assert.deepEqual(await find("@email = 'w@write.example'", "@id"), []);
});
