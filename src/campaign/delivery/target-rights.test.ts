import assert from "node:assert/strict";
import { test } from "node:test";

import { createOperator } from "#campaign/access/operators/create-operator.ts";
import { commandLine } from "#campaign/access/operators/administration.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { findViewer } from "#campaign/access/find-viewer.ts";
import type { Database } from "#foundation/database.ts";
import { aContext } from "#test/support/context.ts";

import { createDelivery } from "./create-delivery.ts";
import { prepareDelivery } from "./prepare-delivery.ts";
import { requestPreparation } from "./request-preparation.ts";
import { resolveTarget } from "./resolve-target.ts";
import type { Target } from "./target.ts";

test("a delivery reaches whom its author may see, whatever its target says (I10)", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const author = await anAuthorConfinedToFolder(db);
  assert.equal(await toDeliver(context, { createdBy: author, label: "all" }), 2);
  assert.equal(
    await toDeliver(context, { createdBy: author, label: "where", target: { where: "@firstName IS NULL" } }),
    2,
  );
  assert.equal(await toDeliver(context, { createdBy: author, label: "group", target: { group: "everyone" } }), 2);
  assert.equal(await toDeliver(context, { createdBy: 0, label: "server" }), 5);
});

test("a delivery whose author is gone is not prepared", async (t) => {
  const context = await aContext(t);
  const { deliveryId } = await createDelivery(context.db, {
    label: "a",
    subject: "s",
    fromAddress: "news@a.test",
    textSource: content,
    target: { all: true },
    createdBy: 4_711,
  });
  await requestPreparation(context.db, deliveryId);
  const preparation = await prepareDelivery(context, deliveryId);
  assert.equal(preparation.kind, "failed");
  assert.match(JSON.stringify(preparation), /XSV-350110|operator 4711/);
});

test("a target of an administrator is compiled without any rights", async (t) => {
  const context = await aContext(t);
  const target = { where: "@firstName = 'A'" };
  const admin = { ...(await findViewer(context.db, 0, "UTC")), operatorId: 1 };
  const compiled = await resolveTarget(context.db, target, { timezone: "UTC", schemas: builtInSchemas, viewer: admin });
  assert.doesNotMatch(JSON.stringify(compiled.where), /folder/);
});

const content = "Hello <%@ include view='UnsubscriptionLink' %>";

async function anAuthorConfinedToFolder(db: Database): Promise<number> {
  await db.run`insert into xtk_folder (folder_id, parent_id, name, label) values (2000, 0, 'north', 'North'), (2001, 2000, 'city', 'City')`;
  await db.run`
    insert into nms_recipient (recipient_id, folder_id, email, email_key)
    select 5000 + n, case n when 1 then 2000 when 2 then 2001 else 0 end, 'r' || n || '@a.test', 'r' || n || '@a.test'
      from generate_series(1, 5) n`;
  await db.run`insert into nms_group (group_id, name) values (3000, 'everyone')`;
  await db.run`insert into nms_rcp_grp_rel (group_id, recipient_id) select 3000, recipient_id from nms_recipient`;
  const { operatorId } = await createOperator(
    { db, by: commandLine },
    {
      login: "nora",
      label: "",
      password: "a long enough password",
      rights: ["delivery"],
      groups: [],
      securityZone: undefined,
      folderId: 2000,
    },
  );
  return operatorId;
}

async function toDeliver(
  context: Awaited<ReturnType<typeof aContext>>,
  given: { createdBy: number; label: string; target?: Target },
): Promise<number> {
  const { db } = context;
  const { deliveryId } = await createDelivery(db, {
    subject: "s",
    fromAddress: "news@a.test",
    textSource: content,
    target: { all: true },
    ...given,
  });
  await requestPreparation(db, deliveryId);
  const preparation = await prepareDelivery(context, deliveryId);
  assert.equal(preparation.kind, "ready", JSON.stringify(preparation));
  return (
    (await db.first(
      (row) => (row as { n: number }).n,
    )`select to_deliver as n from nms_delivery where delivery_id = ${deliveryId}`) ?? -1
  );
}
