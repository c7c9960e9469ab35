import assert from "node:assert/strict";
import { test } from "node:test";

import { builtInSchemas } from "#schemas/schema-set.ts";
import { aDatabase } from "#test/support/database.ts";

import { runQuery } from "../query-def/run-query.ts";
import type { Viewer } from "../viewer.ts";

test("an operator sees his own jobs with their journal, an administrator all, each with its status", async (t) => {
  const db = await aDatabase(t);
  await db.run`
    insert into xtk_job (job_id, kind, state, created_by) values
      (1, 'import', 'interrupted', 21), (2, 'import', 'paused', 22), (3, 'export', 'finished_with_rejects', 0)`;
  await db.run`insert into xtk_job_log (job_id, message) values (1, 'one'), (2, 'two'), (3, 'three')`;
  const read = async (viewer: Viewer, schema: string, expr: string): Promise<unknown> => {
    const result = await runQuery(
      { db, schemas: builtInSchemas, viewer },
      { schema, operation: "select", select: [{ expr }], orderBy: [{ expr: "@id" }] },
    );
    return result.kind === "rows" && result.rows.map(([value]) => value);
  };
  const anOperator: Viewer = {
    operatorId: 21,
    login: "ann",
    rights: ["import"],
    groupIds: [],
    folderId: 0,
    timezone: "UTC",
  };
  assert.deepEqual(await read(anOperator, "xtk:job", "@status"), [6]);
  assert.deepEqual(await read(anOperator, "xtk:jobLog", "@message"), ["one"]);
  const anAdministrator = { ...anOperator, operatorId: 22, rights: ["admin"] };
  assert.deepEqual(await read(anAdministrator, "xtk:job", "@status"), [6, 8, 5]);
  assert.deepEqual(await read(anAdministrator, "xtk:jobLog", "@message"), ["one", "two", "three"]);
});
