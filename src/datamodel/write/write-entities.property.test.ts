import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { anEntity } from "#test/support/entity.ts";
import { aWriter, tableRows } from "#test/support/writer.ts";

import type { EntityInput, Operation } from "./entity-input.ts";
import { writeEntities } from "./write-entities.ts";

// nms:service has two keys, the id and the name; its ids are known to the model by the order of insertion.
type Write = {
  readonly operation: Operation;
  readonly by: "id" | "name" | "label";
  readonly slot: number;
  readonly name: string | undefined;
  readonly label: string | undefined;
};
type ModelRow = { slot: number; name: string; label: string };

const names = ["a", "b", "c", "d"];
const write: fc.Arbitrary<Write> = fc.record({
  operation: fc.constantFrom<Operation>("insert", "insertOrUpdate", "update", "delete"),
  by: fc.constantFrom("id", "name", "label"),
  slot: fc.integer({ min: 0, max: 5 }),
  name: fc.option(fc.constantFrom(...names), { nil: undefined }),
  label: fc.option(fc.constantFrom("x", "y", "z"), { nil: undefined }),
});

/** What the same writes do to a list in memory, one after the other; undefined when one of them is refused. */
function applyToModel(rows: readonly ModelRow[], writes: readonly Write[]): ModelRow[] | undefined {
  const table = rows.map((row) => ({ ...row }));
  for (const one of writes) if (!applyOne(table, one)) return undefined;
  return table;
}

function applyOne(table: ModelRow[], { operation, by, slot, name, label }: Write): boolean {
  const key = { id: slot, name, label }[by];
  if (operation !== "insert" && key === undefined) return false;
  const found =
    operation === "insert"
      ? undefined
      : table
          .filter((row) => (by === "id" ? row.slot === slot : by === "name" ? row.name === name : row.label === label))
          .toSorted((a, b) => a.slot - b.slot)[0];
  if (operation === "delete") {
    if (found !== undefined) table.splice(table.indexOf(found), 1);
    return true;
  }
  if (found === undefined) {
    if (operation === "update") return true;
    if (name === undefined || table.some((row) => row.name === name || row.slot === slot)) return false;
    table.push({ slot, name, label: label ?? "" });
    return true;
  }
  // Only the key by id says which row is meant without naming it.
  if (by !== "id" && found.slot !== slot) return false;
  if (name !== undefined && table.some((row) => row !== found && row.name === name)) return false;
  if (name !== undefined) found.name = name;
  if (label !== undefined) found.label = label;
  return true;
}

function toEntity(one: Write, firstId: number): EntityInput {
  return anEntity(
    "nms:service",
    {
      id: firstId + one.slot,
      ...(one.name === undefined ? {} : { name: one.name }),
      ...(one.label === undefined ? {} : { label: one.label }),
    },
    { operation: one.operation, key: [`@${one.by}`] },
  );
}

/** Two rows that meet in a key which the second gives up again in the same call. */
const insertA: Write = { operation: "insert", by: "id", slot: 0, name: "a", label: undefined };

test("any sequence of writes in one call leaves the table as if they were made one by one", async (t) => {
  const context = { ...(await aWriter(t)), rules: new Map() };
  const firstId = 2_000;
  await context.db.run`select setval('nms_service_service_id_seq', 5000)`;
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 8 }), fc.array(write, { maxLength: 12 }), async (before, writes) => {
      await context.db.run`delete from nms_service`;
      const start = before.reduce<ModelRow[]>((rows, one) => applyToModel(rows, [one]) ?? rows, []);
      await writeEntities(
        context,
        start.map((row) => toEntity({ ...row, operation: "insert", by: "id" }, firstId)),
      );
      const expected = applyToModel(start, writes);
      const outcome = await writeEntities(
        context,
        writes.map((one) => toEntity(one, firstId)),
      ).then(
        () => "written",
        (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "?"),
      );
      const rows = await tableRows(context.db, "nms_service", "service_id::int as id, name, label");
      const wanted = (expected ?? start).map(({ slot, name, label }) => [firstId + slot, name, label]);
      assert.deepEqual(
        rows,
        wanted.toSorted((a, b) => Number(a[0]) - Number(b[0])),
      );
      if (expected === undefined) assert.match(outcome, /^XTK-/);
      else assert.equal(outcome, "written");
    }),
    {
      numRuns: 300,
      examples: [
        // The later row is found first, by its id: a label that both have still means the first one.
        [
          [
            { ...insertA, slot: 4, label: "x" },
            { ...insertA, name: "c", label: "x" },
          ],
          [
            { ...insertA, operation: "insertOrUpdate", slot: 4, name: undefined },
            { ...insertA, operation: "delete", by: "label", name: undefined, label: "x" },
          ],
        ],
        [
          [insertA],
          [
            { ...insertA, slot: 4 },
            { ...insertA, operation: "insertOrUpdate", slot: 4, name: "d" },
          ],
        ],
      ],
    },
  );
});
