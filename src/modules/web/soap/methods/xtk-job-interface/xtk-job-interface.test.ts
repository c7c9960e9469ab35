import assert from "node:assert/strict";
import { test } from "node:test";

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { readDelivery } from "#campaign/delivery/delivery-store.ts";
import { prepareDelivery } from "#campaign/delivery/prepare-delivery.ts";
import { insertCallJob } from "#campaign/transfer/call-job-store.ts";
import { childrenOf, textOf, type XmlElement } from "#protocols/soap/xml-element.ts";
import { endLeases } from "#test/support/job-store.ts";
import { anOperator } from "#test/support/operators.ts";
import { until } from "#test/support/until.ts";
import { aWeb, type Answer, faultOf, outputsOf, type RunningWeb, type Tokens } from "#test/support/web.ts";
import { someRecipients } from "#test/support/workflows.ts";

type Jobs = {
  readonly on: (method: string, document: string, parameters: string, schema?: string) => Promise<Answer>;
  readonly ask: (method: string, parameters: string) => Promise<Answer>;
};

function jobsOf(web: RunningWeb, tokens: Tokens): Jobs {
  return {
    on: (method, document, parameters, schema = "nms:delivery") =>
      web.call(method, `<document>${document}</document>${parameters}`, tokens, `xtk:jobInterface|${schema}`),
    ask: (method, parameters) => web.call(method, parameters, tokens, "xtk:jobInterface|xtk:job"),
  };
}

function output(answer: Answer, index = 0): XmlElement {
  assert.deepEqual(faultOf(answer)["detail"], undefined, answer.text);
  return outputsOf(answer)[index] ?? assert.fail(answer.text);
}

type Status = { readonly status: number; readonly lines: readonly XmlElement[]; readonly properties: XmlElement };

async function statusOf(jobs: Jobs, id: string, lastLogId = 0): Promise<Status> {
  const answer = await jobs.ask("GetStatus", `<id>${id}</id><lastLogId>${lastLogId}</lastLogId><max>100</max>`);
  const [status, logs, properties] = [output(answer), output(answer, 1), output(answer, 2)].map((one, index) =>
    index === 0 ? one : (childrenOf(one)[0] ?? assert.fail(answer.text)),
  );
  assert.ok(status && logs && properties);
  return { status: Number(textOf(status)), lines: childrenOf(logs), properties };
}

function ended(jobs: Jobs, id: string): Promise<Status> {
  return until(async () => {
    const status = await statusOf(jobs, id);
    return [4, 5, 6].includes(status.status) ? status : undefined;
  }, "the job to end");
}

const messages = ({ lines }: Status): string[] => lines.map(({ attributes }) => attributes.get("message") ?? "");

async function aDraft(web: RunningWeb, html = "<p>Hello</p>"): Promise<number> {
  await someRecipients(web.context.db, 5);
  const { deliveryId } = await createDelivery(web.context.db, {
    label: "A delivery",
    internalName: "d1",
    subject: "Hello",
    fromAddress: "news@example.org",
    htmlSource: html,
    target: { all: true },
  });
  return deliveryId;
}

const document = (id: number): string => `<delivery xtkschema="nms:delivery" id="${id}"/>`;

test("a job answers its id at once, and follows the preparation to its end", async (t) => {
  const web = await aWeb(t);
  const jobs = jobsOf(web, await web.logOn());
  const delivery = await aDraft(web);
  const id = textOf(output(await jobs.on("Submit", document(delivery), "<methodName>Prepare</methodName>")));
  assert.match(id, /^\d+$/);
  await until(async () => (await readDelivery(web.context.db, delivery))?.state === "targetingPending", "the request");
  assert.equal((await statusOf(jobs, id)).status, 2);
  await prepareDelivery(web.context, delivery);
  const status = await ended(jobs, id);
  assert.equal(status.status, 5, messages(status).join("\n"));
  const progress = childrenOf(status.properties)[0]?.attributes;
  assert.equal(progress?.get("current"), progress?.get("max"));
  assert.ok(messages(status).length > 1, "the delivery's journal is the job's");
  const lastId = Number(status.lines.at(-2)?.attributes.get("id"));
  assert.equal((await statusOf(jobs, id, lastId)).lines.length, 1);
  assert.match(textOf(output(await jobs.ask("GetResult", `<id>${id}</id>`))), /^<delivery /);
});

test("a preparation that fails ends the job in error, and the journal says why", async (t) => {
  const web = await aWeb(t);
  const jobs = jobsOf(web, await web.logOn());
  const delivery = await aDraft(web, "<p><%= recipient.</p>");
  const id = textOf(output(await jobs.on("Submit", document(delivery), "<methodName>Prepare</methodName>")));
  await until(async () => (await readDelivery(web.context.db, delivery))?.state === "targetingPending", "the request");
  await prepareDelivery(web.context, delivery);
  const status = await ended(jobs, id);
  assert.equal(status.status, 6);
  const last = status.lines.at(-1)?.attributes;
  assert.match(last?.get("message") ?? "", /DLV-100013 Delivery \d+ could not be prepared/);
  assert.deepEqual([last?.get("iRc"), status.properties.attributes.get("warning")], ["1", "1"]);
  assert.equal(textOf(output(await jobs.ask("HasWarning", `<id>${id}</id>`))), "true");
  assert.match(faultOf(await jobs.ask("GetResult", `<id>${id}</id>`))["detail"] ?? "", /TRF-100024/);
});

test("a job that is cancelled stops the preparation it waits for", async (t) => {
  const web = await aWeb(t);
  const jobs = jobsOf(web, await web.logOn());
  const delivery = await aDraft(web);
  const id = textOf(output(await jobs.on("Submit", document(delivery), "<methodName>Prepare</methodName>")));
  await until(async () => (await readDelivery(web.context.db, delivery))?.state === "targetingPending", "the request");
  output(await jobs.ask("GetJobsInProcess", ""));
  assert.deepEqual(faultOf(await jobs.ask("Cancel", `<id>${id}</id>`)), {});
  assert.deepEqual(faultOf(await jobs.ask("WaitJobCancelled", `<id>${id}</id><timeout>20</timeout>`)), {});
  assert.equal((await statusOf(jobs, id)).status, 4);
  assert.equal((await readDelivery(web.context.db, delivery))?.state, "edited");
});

test("any method runs as a job with its parameters; what it throws is in the journal with its code", async (t) => {
  const web = await aWeb(t);
  const jobs = jobsOf(web, await web.logOn());
  const delivery = await aDraft(web);
  const submit = (command: string): Promise<Answer> =>
    jobs.on(
      "SubmitSoapCall",
      '<delivery xtkschema="nms:delivery" doNotPersist="true"/>',
      `<soapCall><soapCall name="ExecCommand" service="nms:delivery"><param name="id" value="${delivery}"/><param name="command"><value>${command}</value></param></soapCall></soapCall>`,
    );
  const played = textOf(output(await submit("play")));
  assert.equal((await ended(jobs, played)).status, 5);
  assert.equal(textOf(output(await jobs.ask("GetResult", `<id>${played}</id>`))), "11");
  const failed = await ended(jobs, textOf(output(await submit("pause"))));
  assert.equal(failed.status, 6);
  assert.match(messages(failed).at(-1) ?? "", /DLV-100004 .*\nSOP-330011/);
  const empty = `<soapCall><soapCall name="Write" service="xtk:persist"/></soapCall>`;
  const unreadable = await ended(jobs, textOf(output(await jobs.on("SubmitSoapCall", "<delivery/>", empty))));
  assert.match(messages(unreadable).at(-1) ?? "", /^SOP-330104 .*the parameter 'doc' holds no element/);
});

test("Execute answers when the work has ended", async (t) => {
  const web = await aWeb(t);
  const jobs = jobsOf(web, await web.logOn());
  const id = textOf(output(await jobs.on("Execute", document(4711), "<methodName>Prepare</methodName>")));
  assert.equal((await statusOf(jobs, id)).status, 6);
});

test("a job needs the right that its method needs, and its journal is its owner's", async (t) => {
  const web = await aWeb(t);
  const delivery = await aDraft(web);
  const admin = jobsOf(web, await web.logOn());
  const preparer = jobsOf(web, await anOperator(web, "preparer", ["delivery"]));
  const nobody = jobsOf(web, await anOperator(web, "nobody", ["workflow"]));
  const prepare = "<methodName>Prepare</methodName>";
  assert.match(faultOf(await nobody.on("Submit", document(delivery), prepare))["detail"] ?? "", /SOP-330110/);
  const id = textOf(output(await preparer.on("Submit", document(delivery), prepare)));
  for (const method of ["GetStatus", "GetResult", "HasWarning", "Cancel", "WaitJobCancelled"])
    assert.match(faultOf(await nobody.ask(method, `<id>${id}</id>`))["detail"] ?? "", /TRF-100023/);
  assert.equal((await statusOf(admin, id)).status, 2);
  await preparer.ask("Cancel", `<id>${id}</id>`);
  await ended(preparer, id);
});

test("what cannot be a job is a fault at once", async (t) => {
  const web = await aWeb(t);
  const jobs = jobsOf(web, await web.logOn());
  const submit = async (schema: string, method: string): Promise<string> =>
    faultOf(await jobs.on("Submit", "<x/>", `<methodName>${method}</methodName>`, schema))["detail"] ?? "";
  assert.match(await submit("nms:delivery", "Nothing"), /SOP-330006/);
  assert.match(await submit("nms:delivery", "PrepareProof"), /SOP-330005/);
  assert.match(await submit("xtk:session", "Logoff"), /SOP-330113/);
  assert.match(await submit("xtk:jobInterface", "Submit"), /SOP-330113/);
  assert.match(faultOf(await jobs.ask("GetStatus", "<id>x' or 1=1</id>"))["detail"] ?? "", /TRF-100023/);
});

test("a job whose process was killed ends in error, and says so", async (t) => {
  const web = await aWeb(t);
  const jobs = jobsOf(web, await web.logOn());
  const lost = await insertCallJob(
    web.context.db,
    {
      label: "lost",
      parameters: {},
      objectSchema: "",
      objectId: 0,
      createdBy: 0,
      host: "h",
      processId: 1,
      owner: "h:1:dead",
    },
    1,
  );
  assert.equal((await statusOf(jobs, String(lost))).status, 2);
  await endLeases(web.context.db);
  const status = await statusOf(jobs, String(lost));
  assert.equal(status.status, 6);
  assert.match(messages(status).at(-1) ?? "", /The process ended in the middle of the work/);
});
