import assert from "node:assert/strict";
import { test } from "node:test";

import { anEntity } from "#test/support/entity.ts";
import { aWriter, tableRows } from "#test/support/writer.ts";

import { writeEntities } from "./write-entities.ts";

test("many writers with the same new keys make one row of each, whether the key is unique or not", async (t) => {
  const context = await aWriter(t);
  const people = (from: number): ReturnType<typeof anEntity>[] =>
    Array.from({ length: 200 }, (_, at) => {
      const number = (at * 37 + from * 61) % 200;
      return anEntity("nms:recipient", { email: `p${number}@example.com`, lastName: `${from}` }, { key: ["@email"] });
    });
  const groups = (from: number): ReturnType<typeof anEntity>[] =>
    Array.from({ length: 50 }, (_, at) =>
      anEntity("nms:group", { name: `g${(at * 7 + from * 13) % 50}`, label: `${from}` }),
    );
  const effects = await Promise.all(
    [1, 2, 3, 4].flatMap((from) => [writeEntities(context, people(from)), writeEntities(context, groups(from))]),
  );
  assert.equal(effects.flat().filter(({ effect }) => effect === "inserted").length, 250);
  assert.deepEqual(await tableRows(context.db, "nms_recipient", "count(*) as a, count(distinct email) as b"), [
    [200, 200],
  ]);
  assert.deepEqual(await tableRows(context.db, "nms_group", "count(*) as a, 1", "name ~ '^g[0-9]+$'"), [[50, 1]]);
});

test("writers that want the same rows in opposite orders all come through", async (t) => {
  const context = await aWriter(t);
  const write = (names: readonly string[], label: string): Promise<unknown> =>
    writeEntities(
      context,
      names.map((name, at) => anEntity(at % 2 === 0 ? "nms:group" : "nms:typology", { name, label })),
    );
  const names = ["a", "b", "c", "d", "e", "f"];
  await Promise.all(
    [1, 2, 3, 4, 5, 6].map((turn) => write(turn % 2 === 0 ? names : names.toReversed(), `turn ${turn}`)),
  );
  const [row] = await tableRows(context.db, "nms_group", "count(*) as a, 1", "name = any('{a,b,c,d,e,f}')");
  assert.ok(Number(row?.[0]) >= 3);
});

test("a child and its parent's deletion at the same time leave no child without a parent", async (t) => {
  const context = await aWriter(t);
  for (let turn = 0; turn < 10; turn += 1) {
    await writeEntities(context, [
      anEntity("nms:group", { name: "g" }),
      anEntity("nms:recipient", { email: "r@example.com" }, { key: ["@email"] }),
    ]);
    await Promise.allSettled([
      writeEntities(context, [
        anEntity(
          "nms:rcpGrpRel",
          {},
          {
            links: {
              group: anEntity("nms:group", { name: "g" }, { operation: "none" }),
              recipient: anEntity("nms:recipient", { email: "r@example.com" }, { operation: "none", key: ["@email"] }),
            },
          },
        ),
      ]),
      writeEntities(context, [anEntity("nms:group", { name: "g" }, { operation: "delete" })]),
    ]);
    assert.deepEqual(
      await tableRows(
        context.db,
        "nms_rcp_grp_rel r",
        "group_id, 1",
        "not exists (select from nms_group g where g.group_id = r.group_id)",
      ),
      [],
    );
    await writeEntities(context, [anEntity("nms:group", { name: "g" }, { operation: "delete" })]);
  }
});
