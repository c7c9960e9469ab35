import assert from "node:assert/strict";
import { test } from "node:test";

import type { RawValue } from "#datamodel/write/entity-input.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";
import { anEntity } from "#test/support/entity.ts";
import { aWriter, tableRows } from "#test/support/writer.ts";

const refused: readonly (readonly [schema: string, field: string, value: RawValue])[] = [
  ["nms:mxRule", "publicIds", "1;2"],
  ["nms:mxRule", "publicIds", "1,"],
  ["nms:mxRule", "maxConnections", 0],
  ["nms:mxRule", "maxMessagesPerHour", -1],
  ["nms:mxRule", "dataTimeoutSec", 0],
  ["nms:warmUp", "publicIds", "one"],
  ["nms:warmUp", "allowances", "50,many"],
  ["nms:warmUp", "allowances", "50,-1"],
  ["nms:warmUp", "growthFactor", 0.5],
  ["nms:warmUp", "days", 0],
];

const complete: Readonly<Record<string, Record<string, RawValue>>> = {
  "nms:mxRule": { mask: "*.limits.example" },
  "nms:warmUp": { startDate: "2026-11-21" },
};

test("limits that stat could not follow are refused with the name of the field", async (t) => {
  const context = await aWriter(t);
  for (const [schema, field, value] of refused)
    await assert.rejects(writeEntities(context, [anEntity(schema, { ...complete[schema], [field]: value })]), {
      code: "XTK-170933",
      message: new RegExp(`'${field}' of ${schema}`),
    });
});

test("limits that stat can follow are taken, their defaults too", async (t) => {
  const context = await aWriter(t);
  await writeEntities(context, [
    anEntity("nms:mxRule", { ...complete["nms:mxRule"], publicIds: "1, 3-5" }),
    anEntity("nms:warmUp", { ...complete["nms:warmUp"], allowances: "50, 100,500" }),
    anEntity("nms:warmUp", { ...complete["nms:warmUp"] }),
  ]);
  assert.deepEqual(await tableRows(context.db, "nms_warm_up", "allowances, days"), [
    ["", 30],
    ["50, 100,500", 30],
  ]);
});
