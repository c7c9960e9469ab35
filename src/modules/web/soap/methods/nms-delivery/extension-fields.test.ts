import assert from "node:assert/strict";
import { test } from "node:test";

import { prepareDelivery } from "#campaign/delivery/prepare-delivery.ts";
import { updateStructure } from "#campaign/structure/update-structure.ts";
import { requestCommand } from "#campaign/workflow/request-command.ts";
import { findWorkflowId } from "#campaign/workflow/workflow-store.ts";
import { insertLoyal, storeSource } from "#test/support/schema-store.ts";
import { serve } from "#test/support/serve-workflow.ts";
import { aWeb, faultOf } from "#test/support/web.ts";
import { historyOf } from "#test/support/workflows.ts";

const extension = `<srcSchema namespace="cus" name="recipient" extendedSchema="nms:recipient" label="Recipients of ours">
  <element name="recipient"><attribute name="loyaltyLevel" label="Loyalty" type="byte"/></element></srcSchema>`;

test("targets of deliveries and queries of workflows may name what operators have added", async (t) => {
  const web = await aWeb(t);
  const { context } = web;
  const { db } = context;
  await storeSource(db, "recipient", extension);
  await updateStructure(db, { mayLose: false });
  await insertLoyal(db, [0, 1, 2, 2]);
  const tokens = await web.logOn();
  const write = (document: string) => web.call("Write", `<doc>${document}</doc>`, tokens, "xtk:persist|xtk:session");
  const delivery = `<delivery xtkschema="nms:delivery" internalName="d" label="d"><mailParameters senderAddress="news@example.org"><subject>Hi</subject></mailParameters>
    <content><html><source>&lt;p&gt;Hi&lt;/p&gt;</source></html></content>
    <targets><deliveryTarget><where><condition expr="@loyaltyLevel = 2"/></where></deliveryTarget></targets></delivery>`;
  assert.deepEqual(faultOf(await write(delivery)), {});
  assert.match(faultOf(await write(delivery.replace("@loyaltyLevel", "@noSuchField")))["detail"] ?? "", /noSuchField/);
  const answer = await web.call(
    "Prepare",
    '<document><delivery xtkschema="nms:delivery" internalName="d"/></document>',
    tokens,
    "nms:delivery",
  );
  const id = Number(/ id="(\d+)"/.exec(answer.text)?.[1]);
  const preparation = await prepareDelivery(context, id);
  assert.deepEqual([preparation.kind, "toDeliver" in preparation ? preparation.toDeliver : 0], ["ready", 2]);

  const activities =
    '<query name="query"><where><condition expr="@loyaltyLevel &gt; 0"/></where><transitions><result target="end"/></transitions></query><end name="end"/>';
  assert.deepEqual(
    faultOf(
      await write(
        `<workflow xtkschema="xtk:workflow" internalName="w"><activities>${activities}</activities></workflow>`,
      ),
    ),
    {},
  );
  await requestCommand(db, { workflow: "w", command: "start" });
  const workflowId = (await findWorkflowId(db, "w")) ?? 0;
  await serve(context, workflowId);
  const { journal } = await historyOf(db, workflowId);
  assert.ok(journal.includes("Done (result: 3 rows)."), journal.join("\n"));
});
