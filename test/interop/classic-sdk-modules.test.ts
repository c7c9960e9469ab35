import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Client, Job, JobStatus } from "@adobe/acc-js-sdk";

import { commandLine } from "#campaign/access/operators/administration.ts";
import { createOperator } from "#campaign/access/operators/create-operator.ts";
import { deliveryStates, workflowStates } from "#schemas/codes.ts";
import { aClient, at, query, type Refusal } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { aPlatform, type Platform } from "#test/support/platform.ts";
import { listSubscriptions } from "#test/support/subscription-store.ts";
import { until } from "#test/support/until.ts";

const ending = inReverse({ after });
const patient = { limitMs: 60_000 };
let platform: Platform;
let client: Client;

before(
  async () => {
    platform = await aPlatform(ending);
    client = await aClient(platform.webUrl, { password: "a long enough first password" });
  },
  { timeout: 120_000 },
);

const refusedWith =
  (expected: RegExp, code = "SOP-330011") =>
  (error: Refusal): boolean => {
    assert.equal(error.errorCode, code);
    assert.match(`${error.faultString ?? ""} ${error.detail ?? ""}`, expected);
    return true;
  };

async function one(schema: string, internalName: string, ...nodes: readonly string[]): Promise<unknown> {
  return query(client, {
    schema,
    operation: "getIfExists",
    select: { node: nodes.map((expr) => ({ expr })) },
    where: { condition: [{ expr: `@internalName = '${internalName}'` }] },
  });
}

async function stateOf(schema: string, internalName: string): Promise<number> {
  return Number(at(await one(schema, internalName, "@state"), "state"));
}

const activities = {
  start: {
    name: "start",
    label: "Start",
    x: "10",
    y: "20",
    transitions: { initial: { name: "initial", target: "signal" } },
  },
  signal: { name: "signal", label: "Signal", transitions: { done: { name: "done", target: "wait" } } },
  wait: {
    name: "wait",
    label: "Wait",
    duration: "1",
    unit: "h",
    transitions: { next: { name: "next", target: "end" } },
  },
  end: { name: "end", label: "End" },
};

test("a workflow is written, reads back, is started, told an event and stopped", { timeout: 120_000 }, async () => {
  await client.NLWS.xtkSession.write({
    xtkschema: "xtk:workflow",
    _operation: "insert",
    internalName: "sdkFlow",
    label: "From the SDK",
    activities,
  });
  const written = at(await one("xtk:workflow", "sdkFlow", "activities"), "activities");
  assert.deepEqual(
    [at(written, "start", "x"), at(written, "signal", "transitions", "done", "target"), at(written, "wait", "unit")],
    ["10", "wait", "h"],
  );
  assert.equal(await stateOf("xtk:workflow", "sdkFlow"), workflowStates.edited);
  await client.NLWS.xtkWorkflow.startWithParameters("sdkFlow", { greeting: "hello" });
  await until(async () => (await stateOf("xtk:workflow", "sdkFlow")) === workflowStates.started, "the start", patient);
  await client.NLWS.xtkWorkflow.postEvent("sdkFlow", "signal", "", { a: "1" }, true);
  const hasReached = async (): Promise<boolean> => {
    const tasks = await query(client, {
      schema: "xtk:workflowTask",
      operation: "count",
      where: { condition: [{ expr: "[workflow/@internalName] = 'sdkFlow'" }, { expr: "@activity = 'wait'" }] },
    });
    return Number(at(tasks, "count")) === 1;
  };
  await until(hasReached, "the event to pass", patient);
  const variables = at(await one("xtk:workflow", "sdkFlow", "variables"), "variables");
  assert.equal(at(variables, "greeting"), "hello");
  const id = at(await one("xtk:workflow", "sdkFlow", "@id"), "id");
  await client.NLWS.xtkWorkflow.stop(id);
  await until(async () => (await stateOf("xtk:workflow", "sdkFlow")) === workflowStates.finished, "the stop", patient);
});

test("an unknown workflow, a wrong diagram and a method that is not there yet are faults", async () => {
  await assert.rejects(client.NLWS.xtkWorkflow.start("nothing"), refusedWith(/ENT-100003/));
  await assert.rejects(client.NLWS.xtkWorkflow.start("999999"), refusedWith(/ENT-100003/));
  await assert.rejects(client.NLWS.xtkWorkflow.execute("sdkFlow"), refusedWith(/not available/, "SOP-330005"));
  const wrong = { start: { name: "start", transitions: { initial: { target: "nowhere" } } } };
  await assert.rejects(
    client.NLWS.xtkSession.write({ xtkschema: "xtk:workflow", internalName: "wrong", activities: wrong }),
    refusedWith(/WKF-100001[^]*nowhere/),
  );
});

test("without the right to workflows a start is refused and the state stays", async () => {
  await client.NLWS.xtkSession.write({ xtkschema: "xtk:workflow", internalName: "guarded", activities });
  const password = "another correct horse";
  await createOperator(
    { db: platform.db, by: commandLine },
    {
      login: "noflow",
      label: "",
      password,
      rights: ["delivery"],
      groups: [],
      securityZone: undefined,
      folderId: undefined,
    },
  );
  const other = await aClient(platform.webUrl, { login: "noflow", password });
  await assert.rejects(other.NLWS.xtkWorkflow.start("guarded"), refusedWith(/workflow/, "SOP-330110"));
  await assert.rejects(
    other.NLWS.xtkBuilder.installPackage({ package: { name: "p", namespace: "cus" } }),
    refusedWith(/admin/, "SOP-330110"),
  );
  assert.equal(await stateOf("xtk:workflow", "guarded"), workflowStates.edited);
});

async function someRecipients(): Promise<void> {
  await client.NLWS.xtkSession.writeCollection({
    xtkschema: "nms:recipient",
    recipient: [1, 2, 3].map((number) => ({ _key: "@email", email: `r${number}@sdk.example`, lastName: `R${number}` })),
  });
}

const content = {
  label: "From the SDK",
  mailParameters: { senderAddress: "news@sdk.example", subject: { $: "Hello" } },
  content: { html: { source: { $: "<p>Hello <%= recipient.lastName %></p>" } } },
  targets: {
    deliveryTarget: {
      targetPart: { type: "query", where: { condition: { expr: "@email LIKE '%@sdk.example'" } } },
    },
  },
};

test("a delivery is made, stored, prepared and sent into the inbox", { timeout: 120_000 }, async () => {
  await someRecipients();
  const delivery = client.NLWS.nmsDelivery.create({ ...content, internalName: "sdkMail" });
  await delivery.newInstance();
  await delivery.save();
  await delivery.prepareAndStart();
  const { finished, failed, preparationFailed } = deliveryStates;
  const state = await until(
    async () => {
      const now = await stateOf("nms:delivery", "sdkMail");
      return [finished, failed, preparationFailed].some((end) => end === now) ? now : undefined;
    },
    "the delivery to end",
    patient,
  );
  assert.equal(state, finished);
  const counts = await one("nms:delivery", "sdkMail", "[properties/@toDeliver]", "[indicators/@success]");
  assert.deepEqual(
    [Number(at(counts, "properties", "toDeliver")), Number(at(counts, "indicators", "success"))],
    [3, 3],
  );
  await assert.rejects(client.NLWS.nmsDelivery.execCommand("sdkMail", "pause"), refusedWith(/DLV-100004/));
});

test("a delivery made of a template has the patch over it", async () => {
  await client.NLWS.xtkSession.write({
    xtkschema: "nms:delivery",
    internalName: "sdkModel",
    isModel: true,
    ...content,
  });
  const made = await client.NLWS.nmsDelivery.createFromModel("sdkModel", {
    xtkschema: "nms:delivery",
    label: "Patched",
  });
  assert.deepEqual([at(made, "label"), at(made, "mailParameters", "senderAddress")], ["Patched", "news@sdk.example"]);
  assert.equal(at(await one("nms:delivery", String(at(made, "internalName")), "@label"), "label"), undefined);
  await client.NLWS.xtkSession.write({ ...(made as object), xtkschema: "nms:delivery" });
  const stored = await one("nms:delivery", String(at(made, "internalName")), "@label", "@isModel", "targets");
  assert.equal(at(stored, "label"), "Patched");
  assert.equal(at(stored, "targets", "deliveryTarget", "targetPart", "type"), "query");
});

test("the template that every instance has makes an e-mail", async () => {
  const mail = await client.NLWS.nmsDelivery.createFromModel("mail", { xtkschema: "nms:delivery", label: "Hello" });
  await client.NLWS.xtkSession.write({ ...(mail as object), xtkschema: "nms:delivery" });
  const stored = await one("nms:delivery", String(at(mail, "internalName")), "@label", "@isModel");
  assert.deepEqual([at(stored, "label"), String(at(stored, "isModel"))], ["Hello", "0"]);
});

async function ended(job: Job): Promise<JobStatus> {
  return until(
    async () => {
      const status = await job.getStatus();
      return [4, 5, 6].includes(status.status) ? status : undefined;
    },
    "the job to end",
    patient,
  );
}

test("a job prepares a delivery, and tells state, progress, journal and result", { timeout: 120_000 }, async () => {
  await someRecipients();
  await client.NLWS.xtkSession.write({ xtkschema: "nms:delivery", internalName: "sdkJob", ...content });
  const id = at(await one("nms:delivery", "sdkJob", "@id"), "id");
  const object = { xtkschema: "nms:delivery", id };
  const job = client.jobInterface({ xtkschema: "nms:delivery", object, method: "Prepare" });
  assert.match(await job.submit(), /^\d+$/);
  const status = await ended(job);
  assert.equal(status.status, 5, JSON.stringify(status.logs));
  assert.deepEqual([job.getProgress(), job.iRc], [1, 0]);
  const ids = status.logs.map((line) => line.id);
  assert.ok(ids.length > 1 && new Set(ids).size === ids.length, "each line is told once");
  assert.match(String(await job.getResult()), /<delivery /);
  assert.equal(await stateOf("nms:delivery", "sdkJob"), deliveryStates.ready);
});

test("a job that fails says so with its code", { timeout: 60_000 }, async () => {
  const object = { xtkschema: "nms:delivery", id: "999999" };
  const job = client.jobInterface({ xtkschema: "nms:delivery", object, method: "Prepare" });
  await job.execute();
  assert.equal((await ended(job)).status, 6);
  assert.deepEqual([job.firstErrorCode, job.iRc, await job.hasWarning()], ["ENT-100003", 1, true]);
  await assert.rejects(job.getResult(), refusedWith(/TRF-100024/));
});

test("SOAP calls with parameters run as jobs, on an entity and without one", { timeout: 60_000 }, async () => {
  const object = { xtkschema: "nms:delivery", id: at(await one("nms:delivery", "sdkJob", "@id"), "id") };
  const prepare = client.jobInterface({ xtkschema: "nms:delivery", object, method: "Prepare" });
  await prepare.submitSoapCall();
  assert.equal((await ended(prepare)).status, 5);
  const count = client.jobInterface({
    xtkschema: "xtk:counter",
    method: "IncreaseValue",
    args: [{ type: "string", value: "xtkResource" }],
  });
  await count.submitSoapCall();
  assert.equal((await ended(count)).status, 5);
  assert.match(String(await count.getResult()), /^\d+$/);
});

test("an event is taken, with an id, and one that is wrong is the documented fault", async () => {
  const id = await client.NLWS.nmsRtEvent.pushEvent({
    type: "order",
    email: "r1@sdk.example",
    ctx: { order: { number: "7" } },
  });
  assert.match(String(id), /^[1-9]\d*$/);
  await assert.rejects(
    client.NLWS.nmsRtEvent.pushEvent({ type: "order", email: "nobody" }),
    (error: Refusal) =>
      /Error while reading parameters of method 'PushEvent' of service 'nms:rtEvent'\./.test(error.faultString ?? "") &&
      (error.faultCode ?? "").endsWith("Client"),
  );
});

test("recipients subscribe and leave", async () => {
  await client.NLWS.xtkSession.write({ xtkschema: "nms:service", name: "sdkNews", label: "News" });
  const recipient = { xtkschema: "nms:recipient", _key: "@email", email: "sub@sdk.example" };
  await client.NLWS.nmsSubscription.subscribe("sdkNews", recipient, true);
  assert.equal((await listSubscriptions(platform.db)).length, 1);
  await client.NLWS.nmsSubscription.unsubscribe("sdkNews", recipient);
  assert.equal((await listSubscriptions(platform.db)).length, 0);
});

test("a package is installed", async () => {
  await client.NLWS.xtkBuilder.installPackage({
    package: {
      namespace: "cus",
      name: "sdkPackage",
      label: "Of the SDK",
      buildVersion: "*",
      buildNumber: "*",
      entities: [{ schema: "xtk:option", option: [{ name: "cus:sdk", dataType: "6", stringValue: "installed" }] }],
    },
  });
  assert.equal(await client.getOption("cus:sdk"), "installed");
  await assert.rejects(client.NLWS.xtkBuilder.evaluateJavaScript("1"), refusedWith(/not available/, "SOP-330005"));
});

test("methods whose names begin with a small letter are found", async () => {
  await assert.rejects(client.NLWS.nmsSeedMember.getAsModel(1), refusedWith(/getAsModel/, "SOP-330005"));
});
