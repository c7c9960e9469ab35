import assert from "node:assert/strict";
import { test } from "node:test";

import type { Context } from "#foundation/module.ts";
import { aContext } from "#test/support/context.ts";
import { insertRecipients, readFailure, setView } from "#test/support/sending-store.ts";

import { createDelivery } from "./create-delivery.ts";
import { loadDelivery } from "./load-delivery.ts";
import { type Preparation, prepareDelivery } from "./prepare-delivery.ts";
import { requestPreparation } from "./request-preparation.ts";

async function prepare(
  context: Context,
  content: { htmlSource?: string; textSource?: string },
): Promise<{ deliveryId: number; preparation: Preparation }> {
  const { deliveryId } = await createDelivery(context.db, {
    label: "Scripts",
    subject: "Hello",
    fromAddress: "news@example.org",
    target: { all: true },
    ...content,
  });
  await requestPreparation(context.db, deliveryId);
  return { deliveryId, preparation: await prepareDelivery(context, deliveryId) };
}

test("a preparation fails with the line of a script that does not compile, or fails for the first recipient", async (t) => {
  const context = await aContext(t, { settings: "[personalization]\ntimeLimitSec = 1\n" });
  await insertRecipients(context.db, 2, 1);
  const problemsOf = async (htmlSource: string): Promise<string> => {
    const { deliveryId, preparation } = await prepare(context, { htmlSource });
    assert.equal(preparation.kind, "failed");
    return (await readFailure(context.db, deliveryId)).text;
  };
  assert.match(await problemsOf("<p>\n  <% var = 1 %></p>"), /^HTML, line 2, column \d+: SyntaxError/);
  assert.match(
    await problemsOf("<p>\n<%= recipient.firstName.nope.more %></p>"),
    /^HTML, line 2, column \d+: TypeError/,
  );
  assert.match(
    await problemsOf("<p><% for (;;) { %>x<% } %></p>"),
    /^HTML, line 1, column \d+: It (ran longer|needs more)/,
  );
  const { preparation } = await prepare(context, { htmlSource: "<p><% if (recipient.firstName) { %>x<% } %></p>" });
  assert.equal(preparation.kind, "ready", JSON.stringify(preparation));
});

test("a script is only compiled when nobody is in the target", async (t) => {
  const context = await aContext(t);
  assert.equal(
    (await prepare(context, { textSource: "<%= recipient.firstName.nope.more %>" })).preparation.kind,
    "ready",
  );
  assert.equal((await prepare(context, { textSource: "<% if ( { %>x<% } %>" })).preparation.kind, "failed");
});

test("a delivery keeps the blocks that it was prepared with", async (t) => {
  const context = await aContext(t);
  await insertRecipients(context.db, 1, 1);
  await setView(context.db, "Inner", "<i>inner</i>", "inner");
  await setView(context.db, "Outer", "<b>outer <%@ include view='Inner' %></b>", "outer");
  const { deliveryId, preparation } = await prepare(context, { htmlSource: "<p><%@ include view='Outer' %></p>" });
  assert.equal(preparation.kind, "ready", JSON.stringify(preparation));
  await setView(context.db, "Inner", "<a href='https://late.test/'>late</a>", "late");
  const delivery = await loadDelivery(context, deliveryId);
  const body = delivery.chooseBody({ address: "a@b.test", emailFormat: 2 });
  const text = body.slices.map(({ wire }) => wire.toString("latin1")).join("");
  assert.ok(text.includes("outer <i>inner</i>"), text);
});
