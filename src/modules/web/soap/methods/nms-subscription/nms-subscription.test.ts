import assert from "node:assert/strict";
import { test } from "node:test";

import { anOperator } from "#test/support/operators.ts";
import {
  forbidWriting,
  insertService,
  listHistory,
  listSubscriptions,
  readOptOut,
} from "#test/support/subscription-store.ts";
import { aWeb, type Answer, faultOf, type RunningWeb, type Tokens } from "#test/support/web.ts";

const someone = (attributes = ""): string =>
  `<recipient><recipient _key="@email" email="a@example.org" ${attributes}/></recipient>`;

function ask(web: RunningWeb, tokens: Tokens, method: string, services: string, more: string): Promise<Answer> {
  return web.call(method, `<services>${services}</services>${more}`, tokens, "nms:subscription");
}

test("a recipient subscribes once, is made where that is wished, and his profile is brought up to date", async (t) => {
  const web = await aWeb(t);
  const { db } = web.context;
  const tokens = await web.logOn();
  await insertService(db, "news", 0);
  await insertService(db, "trial", 30);
  const unknown = await ask(web, tokens, "Subscribe", "news", `${someone()}<create>false</create>`);
  assert.deepEqual([faultOf(unknown), await listSubscriptions(db)], [{}, []]);
  for (const name of ["Ada", "Grace"]) {
    const answer = await ask(
      web,
      tokens,
      "Subscribe",
      "news, trial",
      `${someone(`firstName="${name}"`)}<create>true</create>`,
    );
    assert.deepEqual(faultOf(answer), {});
  }
  assert.deepEqual(await listSubscriptions(db), [
    { email: "a@example.org", first_name: "Grace", service: "news", expires_in_days: null },
    { email: "a@example.org", first_name: "Grace", service: "trial", expires_in_days: 30 },
  ]);
  assert.deepEqual(await listHistory(db), ["news:1", "trial:1"]);
});

test("unsubscribing ends the subscriptions that are named, and again is no error", async (t) => {
  const web = await aWeb(t);
  const { db } = web.context;
  const tokens = await web.logOn();
  await insertService(db, "news", 0);
  await insertService(db, "trial", 0);
  await ask(web, tokens, "Subscribe", "news,trial", `${someone()}<create>true</create>`);
  for (let times = 0; times < 2; times += 1)
    assert.deepEqual(faultOf(await ask(web, tokens, "Unsubscribe", "news", someone())), {});
  assert.deepEqual(
    (await listSubscriptions(db)).map(({ service }) => service),
    ["trial"],
  );
  assert.deepEqual(await listHistory(db), ["news:1", "trial:1", "news:0"]);
  assert.equal(await readOptOut(db, "a@example.org"), false);
});

test("without a service a recipient is sent nothing more; one who is unknown is no error", async (t) => {
  const web = await aWeb(t);
  const { db } = web.context;
  const tokens = await web.logOn();
  await insertService(db, "news", 0);
  assert.deepEqual(faultOf(await ask(web, tokens, "Unsubscribe", "", someone())), {});
  assert.equal(await readOptOut(db, "a@example.org"), undefined);
  await ask(web, tokens, "Subscribe", "news", `${someone()}<create>true</create>`);
  assert.deepEqual(faultOf(await ask(web, tokens, "Unsubscribe", "", someone())), {});
  assert.equal(await readOptOut(db, "a@example.org"), true);
});

test("an unknown service is a fault, and nothing is written", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const answer = await ask(web, tokens, "Subscribe", "nothing", `${someone()}<create>true</create>`);
  assert.match(faultOf(answer)["detail"] ?? "", /AUD-100002/);
  assert.equal(await readOptOut(web.context.db, "a@example.org"), undefined);
});

test("who may not write in the folder of the recipients subscribes nobody", async (t) => {
  const web = await aWeb(t);
  await insertService(web.context.db, "news", 0);
  await forbidWriting(web.context.db);
  const tokens = await anOperator(web, "reader", ["workflow"]);
  const answer = await ask(web, tokens, "Subscribe", "news", `${someone()}<create>true</create>`);
  assert.notDeepEqual(faultOf(answer), {});
  assert.deepEqual(await listSubscriptions(web.context.db), []);
});
