import assert from "node:assert/strict";
import { test } from "node:test";

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { readDelivery } from "#campaign/delivery/delivery-store.ts";
import { childOf, textOf, type XmlElement } from "#protocols/soap/xml-element.ts";
import { anOperator } from "#test/support/operators.ts";
import { aWeb, type Answer, faultOf, outputsOf, type RunningWeb, type Tokens } from "#test/support/web.ts";

type Call = (method: string, parameters?: string) => Promise<Answer>;

function callerOf(web: RunningWeb, tokens: Tokens): Call {
  return (method, parameters = "") => web.call(method, parameters, tokens, "nms:delivery");
}

async function aDraft(web: RunningWeb, internalName = "d1"): Promise<number> {
  const { deliveryId } = await createDelivery(web.context.db, {
    label: "A delivery",
    internalName,
    subject: "Hello",
    fromAddress: "news@example.org",
    htmlSource: "<p>Hello</p>",
    target: { all: true },
  });
  return deliveryId;
}

function first(answer: Answer): XmlElement {
  assert.deepEqual(faultOf(answer)["detail"], undefined, answer.text);
  return outputsOf(answer)[0] ?? assert.fail(answer.text);
}

async function stateOf(web: RunningWeb, id: number): Promise<string | undefined> {
  return (await readDelivery(web.context.db, id))?.state;
}

const thisOne = (attributes: string, content = ""): string =>
  `<document><delivery xtkschema="nms:delivery" ${attributes}>${content}</delivery></document>`;

test("a delivery is prepared as its document says, and comes back as it is now", async (t) => {
  const web = await aWeb(t);
  const call = callerOf(web, await web.logOn());
  const id = await aDraft(web);
  const entity = childOf(first(await call("Prepare", thisOne(`id="${id}" state="0" label="Changed"`))), "delivery");
  assert.deepEqual([entity?.attributes.get("label"), entity?.attributes.get("state")], ["Changed", "11"]);
  assert.equal(entity?.attributes.get("xtkschema"), "nms:delivery");
  assert.equal(await stateOf(web, id), "targetingPending");
});

test("a document that only says which delivery it is changes nothing of it", async (t) => {
  const web = await aWeb(t);
  const call = callerOf(web, await web.logOn());
  const id = await aDraft(web);
  first(await call("PrepareAndStart", thisOne('internalName="d1"')));
  const delivery = await readDelivery(web.context.db, id);
  assert.deepEqual([delivery?.label, delivery?.isStartRequested], ["A delivery", true]);
});

test("a delivery that is not stored yet is stored, prepared and sent by one call", async (t) => {
  const web = await aWeb(t);
  const call = callerOf(web, await web.logOn());
  const content =
    '<mailParameters senderAddress="news@example.org"><subject>Hi</subject></mailParameters><content><html><source>&lt;p&gt;Hi&lt;/p&gt;</source></html></content>' +
    '<targets><deliveryTarget><targetPart type="query"><where><condition expr="@gender = 1"/></where></targetPart></deliveryTarget></targets>';
  const entity = childOf(
    first(await call("PrepareAndStart", thisOne('label="New" internalName="d9"', content))),
    "delivery",
  );
  const delivery = await readDelivery(web.context.db, Number(entity?.attributes.get("id")));
  assert.deepEqual(
    [delivery?.internalName, delivery?.subject, delivery?.target, delivery?.isStartRequested],
    ["d9", "Hi", { where: "@gender = 1" }, true],
  );
});

test("play, pause and stop answer the state; play after a pause goes on", async (t) => {
  const web = await aWeb(t);
  const call = callerOf(web, await web.logOn());
  const id = await aDraft(web);
  const command = (word: string): Promise<Answer> =>
    call("ExecCommand", `<deliveryId>${id}</deliveryId><command>${word}</command>`);
  assert.equal(textOf(first(await command("play"))), "11");
  for (const word of ["pause", "resume", "retry"])
    assert.match(faultOf(await command(word))["detail"] ?? "", /DLV-100004/);
  assert.equal(textOf(first(await command("stop"))), "0");
  assert.match(faultOf(await command("destroy"))["detail"] ?? "", /DLV-100011/);
  assert.match(faultOf(await call("Stop", "<id>nothing</id>"))["detail"] ?? "", /ENT-100003/);
  assert.match(faultOf(await call("Resume", `<id>${id}</id>`))["detail"] ?? "", /DLV-100004/);
  assert.match(faultOf(await call("Retry", `<id>${id}</id>`))["detail"] ?? "", /DLV-100004/);
  assert.equal(await stateOf(web, id), "edited");
});

test("a delivery made of a template has the patch over it, and is stored by nobody", async (t) => {
  const web = await aWeb(t);
  const call = callerOf(web, await web.logOn());
  await aDraft(web, "template");
  const patch =
    '<patch><delivery xtkschema="nms:delivery" label="Patched"><mailParameters><subject>New</subject></mailParameters></delivery></patch>';
  const made = childOf(first(await call("CreateFromModel", `<model>template</model>${patch}`)), "delivery");
  assert.equal(made?.attributes.get("label"), "Patched");
  assert.ok(Number(made?.attributes.get("id")) > 0);
  const mail = childOf(made ?? assert.fail(), "mailParameters");
  assert.equal(mail?.attributes.get("senderAddress"), "news@example.org");
  assert.equal(textOf(childOf(mail ?? assert.fail(), "subject") ?? assert.fail()), "New");
  assert.equal(await stateOf(web, Number(made?.attributes.get("id"))), undefined);
});

test("a submitted delivery is stored and waits to be sent, until too many wait", async (t) => {
  const web = await aWeb(t, { settings: "web.deliveries.maxDeliveryQueueSize = 2" });
  const call = callerOf(web, await web.logOn());
  await aDraft(web, "template");
  const submit = (name: string): Promise<Answer> =>
    call("SubmitDelivery", `<scenario>template</scenario><content><delivery internalName="${name}"/></content>`);
  for (const name of ["s1", "s2"]) assert.deepEqual(faultOf(await submit(name)), {});
  assert.match(faultOf(await submit("s3"))["detail"] ?? "", /DLV-100012/);
});

test("preparing and starting need a right each, and a folder's rights besides", async (t) => {
  const web = await aWeb(t);
  const id = await aDraft(web);
  const preparer = callerOf(web, await anOperator(web, "preparer", ["delivery"]));
  const starter = callerOf(web, await anOperator(web, "starter", ["deliveryStart"]));
  const nobody = callerOf(web, await anOperator(web, "nobody", ["workflow"]));
  for (const method of ["Prepare", "PrepareAndStart"])
    assert.match(faultOf(await nobody(method, thisOne(`id="${id}"`)))["faultstring"] ?? "", /SOP-330110/);
  assert.match(faultOf(await preparer("PrepareAndStart", thisOne(`id="${id}"`)))["faultstring"] ?? "", /SOP-330110/);
  assert.match(faultOf(await preparer("Start", `<id>${id}</id>`))["faultstring"] ?? "", /SOP-330110/);
  // Who may start may not change.
  assert.notDeepEqual(faultOf(await starter("PrepareAndStart", thisOne(`id="${id}" label="Changed"`))), {});
  assert.equal(await stateOf(web, id), "edited");
  assert.deepEqual(faultOf(await starter("Start", `<id>${id}</id>`)), {});
  assert.equal(await stateOf(web, id), "targetingPending");
});
