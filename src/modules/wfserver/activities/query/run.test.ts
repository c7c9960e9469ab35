import assert from "node:assert/strict";
import { test } from "node:test";

import { server, type Viewer } from "#datamodel/viewer.ts";
import { createWorkTable } from "#modules/wfserver/engine/work-table-store.ts";
import { aCall } from "#test/support/activity-call.ts";
import { aContext } from "#test/support/context.ts";
import { someRecipients } from "#test/support/workflows.ts";

import { runQuery } from "./run.ts";

/** The keys that a query puts into its table. */
async function result(
  t: { after(clean: () => void | Promise<void>): void },
  settings: { where: string; group: string },
  vars = {},
  viewer: Viewer = server,
): Promise<number[]> {
  const context = await aContext(t, { settings: 'instance.timezone = "Europe/Paris"' });
  const { db } = context;
  await someRecipients(db, 12);
  await db.run`insert into nms_group (group_id, name) values (5, 'spring')`;
  await db.run`insert into nms_rcp_grp_rel (group_id, recipient_id) values (5, 1), (5, 4), (5, 5)`;
  await db.run`update nms_recipient set created = '2026-01-31T23:30:00Z' where recipient_id = 9`;
  await db.run`insert into xtk_folder (folder_id, parent_id, name, label) values (77, 0, 'north', 'North')`;
  await db.run`update nms_recipient set folder_id = 77 where recipient_id = 3`;
  const outcome = await runQuery(aCall(settings, { context, task: { vars }, viewer }));
  assert.equal(outcome.kind, "done");
  const population = outcome.kind === "done" ? outcome.fired[0]?.population : undefined;
  return db.transaction(async (tx) => {
    await createWorkTable(tx, "wkf1_1");
    await population?.fill(tx, "wkf1_1");
    return tx.rows((row) => (row as { id: number }).id)`select recipient_id as id from wkf1_1 order by 1`;
  });
}

test("a query selects by its condition", async (t) => {
  assert.deepEqual(await result(t, { where: "@gender = 1 and @id > 4", group: "" }), [7, 10]);
});

test("a query finds only whom the author of the workflow may see (I10)", async (t) => {
  const author = { operatorId: 7, login: "nora", rights: [], groupIds: [], folderId: 77, timezone: "UTC" };
  assert.deepEqual(await result(t, { where: "", group: "" }, {}, author), [3]);
  assert.deepEqual(await result(t, { where: "@id > 3", group: "" }, {}, author), []);
  assert.deepEqual(await result(t, { where: "", group: "spring" }, {}, author), []);
});

test("a query selects the members of a group, and with a condition those of them that meet it", async (t) => {
  assert.deepEqual(await result(t, { where: "", group: "spring" }), [1, 4, 5]);
  assert.deepEqual(await result(t, { where: "@gender = 1", group: "spring" }), [1, 4]);
});

test("a query reads the instance's time zone and the variables that travelled to it", async (t) => {
  assert.deepEqual(
    await result(t, { where: "Month(@created) = 2 and Year(@created) = $(vars/@year)", group: "" }, { year: 2026 }),
    [9],
  );
});

test("a query refuses a group that does not exist, and names it", async (t) => {
  await assert.rejects(result(t, { where: "", group: "autumn" }), /WKF-200008|There is no group 'autumn'/);
});
