import assert from "node:assert/strict";
import { test } from "node:test";

import { anEntity } from "#test/support/entity.ts";
import { delivery } from "#schemas/delivery.ts";
import { aWriter, countingStatements, tableRows } from "#test/support/writer.ts";

import { writeEntities } from "./write-entities.ts";

const byEmail = { key: ["@email"] };
const none = { operation: "none" } as const;
const rootFolder = anEntity("xtk:folder", { name: "nmsRootFolder" }, none);

test("an entity is inserted, then found by its key: what is absent stays, what is empty is emptied", async (t) => {
  const context = await aWriter(t);
  const first = await writeEntities(context, [
    anEntity("nms:recipient", { email: "a@example.com", lastName: "Ané", "location/city": "Lyon" }, byEmail),
  ]);
  assert.equal(first[0]?.effect, "inserted");
  const second = await writeEntities(context, [
    anEntity("nms:recipient", { email: "a@example.com", firstName: "Zoë", lastName: "" }, byEmail),
  ]);
  assert.deepEqual(second, [{ schema: "nms:recipient", key: first[0]?.key, effect: "updated" }]);
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "email, first_name, last_name, city"), [
    ["a@example.com", "Zoë", null, "Lyon"],
  ]);
});

test("a row is found by its id, by a second key and by a key of several fields", async (t) => {
  const context = await aWriter(t);
  const [group] = await writeEntities(context, [anEntity("nms:group", { name: "news", label: "News" })]);
  const [recipient] = await writeEntities(context, [anEntity("nms:recipient", { email: "a@example.com" })]);
  const groupId = group?.key?.[0] ?? 0;
  await writeEntities(context, [
    anEntity("nms:group", { id: groupId, label: "By id" }),
    anEntity("nms:group", { name: "news", label: "By name" }),
    anEntity("nms:rcpGrpRel", { "group-id": groupId, "recipient-id": recipient?.key?.[0] ?? 0 }),
    anEntity("nms:rcpGrpRel", { "group-id": groupId, "recipient-id": recipient?.key?.[0] ?? 0 }),
  ]);
  assert.deepEqual(await tableRows(context.db, "nms_group", "name, label", "name = 'news'"), [["news", "By name"]]);
  assert.equal((await tableRows(context.db, "nms_rcp_grp_rel", "group_id, recipient_id")).length, 1);
});

test("a key may lead through a link, with brackets and spaces", async (t) => {
  const context = await aWriter(t);
  const key = { key: ["[folder/@name]", " @email "], links: { folder: rootFolder } };
  const other = anEntity("xtk:folder", { name: "elsewhere", label: "Elsewhere" }, { links: { parent: rootFolder } });
  await writeEntities(context, [
    other,
    anEntity("nms:recipient", { email: "a@example.com", lastName: "One" }, key),
    anEntity("nms:recipient", { email: "a@example.com", lastName: "Two" }, key),
    anEntity(
      "nms:recipient",
      { email: "a@example.com", lastName: "Three" },
      { ...key, links: { folder: anEntity("xtk:folder", { name: "elsewhere" }, none) } },
    ),
  ]);
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "last_name, email"), [
    ["Three", "a@example.com"],
    ["Two", "a@example.com"],
  ]);
  const [row] = await tableRows(
    context.db,
    "nms_recipient r join xtk_folder f using (folder_id)",
    "r.last_name, f.name",
    "last_name = 'Three'",
  );
  assert.deepEqual(row, ["Three", "elsewhere"]);
});

test("an update of a row that is missing does nothing", async (t) => {
  const context = await aWriter(t);
  const written = await writeEntities(context, [
    anEntity("nms:recipient", { email: "a@example.com", lastName: "B" }, { ...byEmail, operation: "update" }),
  ]);
  assert.deepEqual(written, [{ schema: "nms:recipient", key: undefined, effect: "nothing" }]);
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "email, 1"), []);
});

test("a row is deleted by its key, and deleting it again does nothing", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [anEntity("nms:recipient", { email: "a@example.com" })]);
  const deletion = anEntity("nms:recipient", { email: "a@example.com" }, { ...byEmail, operation: "delete" });
  assert.equal((await writeEntities(context, [deletion]))[0]?.effect, "deleted");
  assert.equal((await writeEntities(context, [deletion]))[0]?.effect, "nothing");
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "email, 1"), []);
});

test("an insert of a key that is there names schema and key, and nothing of the database", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [anEntity("nms:group", { name: "news" })]);
  await assert.rejects(writeEntities(context, [anEntity("nms:group", { name: "news" }, { operation: "insert" })]), {
    code: "XTK-170936",
    message: "There is a row of nms:group with the same key (@name) already.",
  });
});

test("a deletion or an update without any key is refused", async (t) => {
  const context = await aWriter(t);
  for (const operation of ["delete", "update", "none"] as const) {
    await assert.rejects(writeEntities(context, [anEntity("nms:group", { label: "x" }, { operation })]), {
      code: "XTK-170937",
    });
  }
});

test("a key that names a field which is not given, or is none, is refused", async (t) => {
  const context = await aWriter(t);
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { lastName: "B" }, byEmail)]), {
    code: "XTK-170937",
    message: /'@email'/,
  });
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { lastName: "B" }, { key: ["@nonsense"] })]), {
    code: "XTK-170937",
  });
});

test("unknown schemas, fields and links are refused by name", async (t) => {
  const context = await aWriter(t);
  await assert.rejects(writeEntities(context, [anEntity("cus:nothing", {})]), { code: "XTK-170930" });
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { nothing: 1 })]), { code: "XTK-170931" });
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", {}, { links: { nothing: rootFolder } })]), {
    code: "XTK-170932",
  });
  await assert.rejects(writeEntities(context, [anEntity("xtk:operator", { name: "a", passwordHash: "x" })]), {
    code: "XTK-170931",
  });
});

test("entities of one call are stored all or not at all", async (t) => {
  const context = await aWriter(t);
  await assert.rejects(
    writeEntities(context, [
      anEntity("nms:recipient", { email: "a@example.com" }),
      anEntity("nms:recipient", { email: "b@example.com", birthDate: "yesterday" }),
    ]),
    { code: "XTK-170933", message: /'birthDate' of nms:recipient/ },
  );
  await assert.rejects(
    writeEntities(context, [
      anEntity("nms:group", { name: "one" }, { operation: "insert" }),
      anEntity("nms:group", { name: "one" }, { operation: "insert" }),
    ]),
    { code: "XTK-170936" },
  );
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "email, 1"), []);
  assert.deepEqual(await tableRows(context.db, "nms_group", "name, 1", "name = 'one'"), []);
});

test("a linked element that is only to be found leaves its row alone; one that is missing is refused", async (t) => {
  const context = await aWriter(t);
  const named = anEntity("xtk:folder", { name: "nmsRootFolder", label: "Renamed" }, none);
  await writeEntities(context, [anEntity("nms:recipient", { email: "a@example.com" }, { links: { folder: named } })]);
  assert.equal((await tableRows(context.db, "xtk_folder", "label, 1", "label = 'Renamed'")).length, 0);
  const missing = anEntity("xtk:folder", { name: "nowhere" }, none);
  await assert.rejects(
    writeEntities(context, [anEntity("nms:recipient", { email: "b@example.com" }, { links: { folder: missing } })]),
    { code: "XTK-170938", message: /xtk:folder with name = nowhere/ },
  );
});

test("a linked element is written by the same rules, and the key of the link follows", async (t) => {
  const context = await aWriter(t);
  const folder = anEntity("xtk:folder", { name: "customers", label: "Customers" }, { links: { parent: rootFolder } });
  await writeEntities(context, [
    anEntity("nms:recipient", { email: "a@example.com" }, { links: { folder } }),
    anEntity(
      "nms:recipient",
      { email: "b@example.com" },
      { links: { folder: anEntity("xtk:folder", { name: "customers", label: "Clients" }) } },
    ),
  ]);
  assert.deepEqual(await tableRows(context.db, "nms_recipient join xtk_folder f using (folder_id)", "email, f.label"), [
    ["a@example.com", "Clients"],
    ["b@example.com", "Clients"],
  ]);
});

test("a link element without values, or with the id 0, cuts the link", async (t) => {
  const context = await aWriter(t);
  const write = (folder: ReturnType<typeof anEntity>): Promise<unknown> =>
    writeEntities(context, [anEntity("nms:recipient", { email: "a@example.com" }, { ...byEmail, links: { folder } })]);
  for (const nowhere of [anEntity("xtk:folder", {}), anEntity("xtk:folder", { id: "0" }, none)]) {
    await write(rootFolder);
    assert.notDeepEqual(await tableRows(context.db, "nms_recipient", "folder_id, 1"), [[0, 1]]);
    await write(nowhere);
    assert.deepEqual(await tableRows(context.db, "nms_recipient", "folder_id, 1"), [[0, 1]]);
  }
});

test("a key of a link that is given directly has to lead somewhere", async (t) => {
  const context = await aWriter(t);
  await assert.rejects(
    writeEntities(context, [anEntity("nms:recipient", { email: "a@example.com", "folder-id": 987654 })]),
    {
      code: "XTK-170939",
      message: "The field 'folder-id' of nms:recipient names a row of xtk:folder that is not there.",
    },
  );
});

test("a collection takes the key of its parent, and its items have operations of their own", async (t) => {
  const context = await aWriter(t);
  const member = (name: string, operation?: "delete"): ReturnType<typeof anEntity> =>
    anEntity(
      "nms:rcpGrpRel",
      {},
      { links: { group: anEntity("nms:group", { name }, none) }, ...(operation === undefined ? {} : { operation }) },
    );
  await writeEntities(context, [anEntity("nms:group", { name: "one" }), anEntity("nms:group", { name: "two" })]);
  const write = (items: ReturnType<typeof anEntity>[]): Promise<unknown> =>
    writeEntities(context, [
      anEntity("nms:recipient", { email: "a@example.com" }, { ...byEmail, collections: { rcpGrpRel: items } }),
    ]);
  const groups = (): Promise<unknown[][]> =>
    tableRows(context.db, "nms_rcp_grp_rel join nms_group using (group_id)", "name, 1");
  await write([member("one"), member("two")]);
  await write([member("one")]);
  assert.deepEqual(await groups(), [
    ["one", 1],
    ["two", 1],
  ]);
  await write([member("one", "delete")]);
  assert.deepEqual(await groups(), [["two", 1]]);
});

test("a collection may name new rows of other schemas three levels down", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [
    anEntity(
      "nms:group",
      { name: "news" },
      {
        collections: {
          rcpGrpRel: ["a", "b"].map((name) =>
            anEntity(
              "nms:rcpGrpRel",
              {},
              {
                links: {
                  recipient: anEntity(
                    "nms:recipient",
                    { email: `${name}@example.com` },
                    { ...byEmail, links: { folder: rootFolder } },
                  ),
                },
              },
            ),
          ),
        },
      },
    ),
  ]);
  assert.deepEqual(
    await tableRows(
      context.db,
      "nms_rcp_grp_rel join nms_recipient using (recipient_id) join nms_group using (group_id)",
      "email, name",
    ),
    [
      ["a@example.com", "news"],
      ["b@example.com", "news"],
    ],
  );
});

test("the same key twice in one collection is as if written in order", async (t) => {
  const context = await aWriter(t);
  const written = await writeEntities(context, [
    anEntity("nms:recipient", { email: "a@example.com", lastName: "One", firstName: "A" }, byEmail),
    anEntity("nms:recipient", { email: "b@example.com" }, byEmail),
    anEntity("nms:recipient", { email: "a@example.com", lastName: "Two" }, byEmail),
    anEntity("nms:recipient", { email: "b@example.com" }, { ...byEmail, operation: "delete" }),
    anEntity("nms:recipient", { email: "b@example.com", lastName: "Again" }, byEmail),
  ]);
  assert.deepEqual(
    written.map(({ effect }) => effect),
    ["inserted", "inserted", "updated", "deleted", "inserted"],
  );
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "email, first_name, last_name"), [
    ["a@example.com", "A", "Two"],
    ["b@example.com", null, "Again"],
  ]);
});

test("a key that one entity gives up may be taken by a later one, not by an earlier one", async (t) => {
  const context = await aWriter(t);
  const written = await writeEntities(context, [
    anEntity("nms:group", { name: "one" }),
    anEntity("nms:group", { name: "two" }),
  ]);
  const [one, two] = written.map(({ key }) => key?.[0] ?? 0);
  const rename = (id: string | number | undefined, name: string): ReturnType<typeof anEntity> =>
    anEntity("nms:group", { id: id ?? 0, name });
  await writeEntities(context, [
    rename(one, "former"),
    rename(two, "one"),
    anEntity("nms:group", { name: "two", label: "New" }),
  ]);
  const names = (): Promise<unknown[][]> =>
    tableRows(context.db, "nms_group", "name, label", "name in ('one', 'two', 'former')");
  assert.deepEqual(
    (await names()).map(([name]) => name),
    ["former", "one", "two"],
  );
  await assert.rejects(writeEntities(context, [rename(two, "former"), rename(one, "x")]), { code: "XTK-170936" });
});

test("folders are written with their parents in one call, in their order", async (t) => {
  const context = await aWriter(t);
  const folder = (name: string, parent: string): ReturnType<typeof anEntity> =>
    anEntity(
      "xtk:folder",
      { name, label: name },
      { links: { parent: anEntity("xtk:folder", { name: parent }, none) } },
    );
  await writeEntities(context, [folder("a", "nmsRootFolder"), folder("b", "a"), folder("c", "b")]);
  const [row] = await tableRows(context.db, "xtk_folder", "full_name, 1", "name = 'c'");
  assert.match(String(row?.[0]), /\/a\/b\/c\/$/);
  await assert.rejects(writeEntities(context, [folder("e", "d"), folder("d", "a")]), { code: "XTK-170938" });
});

/** What the document of a new delivery holds. */
const defaultData = Object.fromEntries(
  Object.entries(delivery.dataFields).flatMap(([path, field]) => ("default" in field ? [[path, field.default]] : [])),
);

test("defaults, folder and stamps are filled in by the server", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [anEntity("nms:delivery", { label: "Spring" })]);
  const [row] = await tableRows(
    context.db,
    "nms_delivery d join xtk_folder f using (folder_id)",
    "d.internal_name = 'DM' || d.delivery_id as named, f.schema_name, d.priority, d.state, d.created_by, d.modified_by, d.created > now() - interval '1 minute' as is_new, d.data",
  );
  assert.deepEqual(row, [true, "nms:delivery", 10, 0, 1001, 1001, true, defaultData]);
});

test("who changed a row last and when is kept; the creation stays", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [anEntity("nms:delivery", { internalName: "DM1", label: "One" })]);
  await context.db.run`update nms_delivery set created = '2020-01-01', last_modified = '2020-01-01'`;
  await writeEntities({ ...context, viewer: { ...context.viewer, operatorId: 1002 } }, [
    anEntity("nms:delivery", { internalName: "DM1", label: "Two", lastModified: "1999-01-01T00:00:00Z" }),
  ]);
  const [row] = await tableRows(
    context.db,
    "nms_delivery",
    "created_by, modified_by, created::date, last_modified > now() - interval '1 minute'",
  );
  assert.deepEqual(row, [1001, 1002, "2020-01-01", true]);
});

test("fields without a column are kept in the row's document, each by itself", async (t) => {
  const context = await aWriter(t);
  const write = (values: Record<string, string | number>): Promise<unknown> =>
    writeEntities(context, [anEntity("nms:delivery", { internalName: "DM1", ...values })]);
  const data = async (): Promise<unknown> => (await tableRows(context.db, "nms_delivery", "data, 1"))[0]?.[0];
  await write({ desc: "A <b>text</b>" });
  await write({ "validation/validationMode": 1 });
  assert.deepEqual(await data(), { ...defaultData, desc: "A <b>text</b>", "validation/validationMode": 1 });
  await write({ desc: "" });
  assert.deepEqual(await data(), { ...defaultData, "validation/validationMode": 1 });
});

test("a field that the server keeps is accepted as it was read, and refused when it differs", async (t) => {
  const context = await aWriter(t);
  const [written] = await writeEntities(context, [anEntity("nms:delivery", { internalName: "DM1", state: 0 })]);
  const id = written?.key?.[0] ?? 0;
  const [stored] = await tableRows(context.db, "nms_delivery", "created, last_modified");
  const created = (JSON.parse(JSON.stringify(stored)) as string[])[0] ?? "";
  await writeEntities(context, [anEntity("nms:delivery", { id, label: "Two", state: "0", created })]);
  await assert.rejects(writeEntities(context, [anEntity("nms:delivery", { id, state: 45 })]), {
    code: "XTK-170934",
    message: /'state' of nms:delivery/,
  });
  await assert.rejects(writeEntities(context, [anEntity("nms:delivery", { id, created: "2020-01-01T00:00:00Z" })]), {
    code: "XTK-170934",
  });
  await assert.rejects(writeEntities(context, [anEntity("nms:delivery", { internalName: "DM2", state: 45 })]), {
    code: "XTK-170934",
  });
});

test("a computed field is accepted as it was read, and refused when it differs", async (t) => {
  const context = await aWriter(t);
  const [written] = await writeEntities(context, [
    anEntity("nms:recipient", { email: "a@example.com", birthDate: "1980-01-01" }),
  ]);
  const id = written?.key?.[0] ?? 0;
  await writeEntities(context, [
    anEntity("nms:recipient", { id, domain: "example.com", age: new Date().getUTCFullYear() - 1980, lastName: "B" }),
  ]);
  for (const wrong of [{ domain: "example.org" }, { age: 17 }])
    await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { id, ...wrong })]), { code: "XTK-170934" });
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { email: "b@example.com", age: 17 })]), {
    code: "XTK-170934",
  });
});

test("ids are accepted for new rows when they were handed out, and never for another row", async (t) => {
  const context = await aWriter(t);
  const [first] = await writeEntities(context, [anEntity("nms:group", { name: "one" })]);
  const id = Number(first?.key?.[0]);
  for (const foreign of [5, id + 100_000, -3])
    await assert.rejects(writeEntities(context, [anEntity("nms:group", { id: foreign, name: "x" })]), {
      code: "XTK-170940",
    });
  await assert.rejects(writeEntities(context, [anEntity("nms:group", { id, name: "x" }, { operation: "insert" })]), {
    code: "XTK-170936",
    message: /\(@id\)/,
  });
  await assert.rejects(
    writeEntities(context, [anEntity("nms:group", { id: id + 1, name: "one" }, { key: ["@name"] })]),
    {
      code: "XTK-170934",
    },
  );
});

test("required fields must be given and must stay", async (t) => {
  const context = await aWriter(t);
  await assert.rejects(writeEntities(context, [anEntity("xtk:option", { stringValue: "x" })]), {
    code: "XTK-170935",
    message: /'name' of xtk:option/,
  });
  await writeEntities(context, [anEntity("xtk:option", { name: "one", stringValue: "x" })]);
  const [row] = await tableRows(context.db, "xtk_option", "option_id, 1", "name = 'one'");
  await assert.rejects(writeEntities(context, [anEntity("xtk:option", { id: Number(row?.[0]), name: "" })]), {
    code: "XTK-170935",
  });
});

test("a text that has no place in an index, a number out of range or a word that is not allowed is named by its field", async (t) => {
  const context = await aWriter(t);
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { gender: 40_000 })]), {
    message: /'gender' of nms:recipient/,
  });
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { lastName: "a\0b" })]), {
    message: /'lastName'.*NUL/,
  });
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { lastName: "\ud800" })]), {
    message: /'lastName'.*surrogate/,
  });
  await assert.rejects(writeEntities(context, [anEntity("nms:recipient", { lastName: "x".repeat(1_000_000) })]), {
    message: /'lastName'.*characters/,
  });
});

test("ten thousand recipients are a handful of statements, new or known", async (t) => {
  const plain = await aWriter(t);
  const { db, count } = countingStatements(plain.db);
  const context = { ...plain, db };
  const people = Array.from({ length: 10_000 }, (_, at) =>
    anEntity(
      "nms:recipient",
      { email: `p${at}@example.com`, lastName: `${at}` },
      { ...byEmail, links: { folder: rootFolder } },
    ),
  );
  await writeEntities(context, people);
  const forNew = count();
  assert.ok(forNew <= 8, `${forNew} statements`);
  await writeEntities(context, people);
  assert.ok(count() - forNew <= 4, `${count() - forNew} statements`);
  assert.deepEqual(await tableRows(plain.db, "nms_recipient", "count(*) as a, count(distinct email_key) as b"), [
    [10_000, 10_000],
  ]);
});

test("whatever the text, it is stored byte for byte", async (t) => {
  const context = await aWriter(t);
  const texts = [`{"a",'b'}`, "NULL", "null", "\\", '"', "a,b", "{}", " x ", "]]>&<é漢字😀", "a\nb\tc", "$1", "';--"];
  await writeEntities(
    context,
    texts.map((text, at) => anEntity("nms:recipient", { email: `${at}@example.com`, text1: text })),
  );
  const rows = await tableRows(context.db, "nms_recipient", "split_part(email, '@', 1)::int, text1");
  assert.deepEqual(
    rows.map(([, text]) => text),
    texts,
  );
});
