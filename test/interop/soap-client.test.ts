import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { type Client, createClientAsync } from "soap";

import { at } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { aWeb, type RunningWeb, type Tokens } from "#test/support/web.ts";

let web: RunningWeb;
let tokens: Tokens;
const ending = inReverse({ after });

before(async () => {
  web = await aWeb(ending);
  tokens = await web.logOn();
});

/** A client that the toolkit generates from the WSDL of a schema. */
async function generate(schema: string): Promise<Client> {
  const client = await createClientAsync(`${web.url}/nl/jsp/schemawsdl.jsp?schema=${schema}`, {
    wsdl_headers: { cookie: `__sessiontoken=${tokens.session}` },
  });
  client.addHttpHeader("X-Security-Token", tokens.security);
  return client;
}

async function call(client: Client, method: string, input: object): Promise<unknown> {
  const run: unknown = client[`${method}Async`];
  assert.ok(typeof run === "function", `the WSDL offers ${method}`);
  const [answer] = (await (run as (input: object) => Promise<unknown[]>).call(client, input)) ?? [];
  return answer;
}

test("a toolkit logs on, reads an option and logs off, from the WSDL of sessions alone", async () => {
  const client = await generate("xtk:session");
  const opened = await call(client, "Logon", {
    sessiontoken: "",
    login: "admin",
    password: adminPassword,
    parameters: {},
  });
  const [session, security] = [at(opened, "pstrSessionToken", "$value"), at(opened, "pstrSecurityToken", "$value")];
  assert.match(String(session), /^___/);
  assert.match(JSON.stringify(at(opened, "pSessionInfo")), /"login":"admin"/);
  client.addHttpHeader("X-Security-Token", String(security));
  const option = await call(client, "GetOption", { sessiontoken: session, name: "noSuchOption" });
  assert.equal(Number(at(option, "pbtType", "$value") ?? at(option, "pbtType")), 0);
  const time = await call(client, "GetServerTime", { sessiontoken: "" });
  assert.match(JSON.stringify(time), new RegExp(String(new Date().getUTCFullYear())));
  await call(client, "Logoff", { sessiontoken: session });
  await assert.rejects(call(client, "TestCnx", { sessiontoken: session }), /XSV-350008/);
});

test("a toolkit writes an entity and finds it again", async () => {
  const persist = await generate("xtk:persist");
  await call(persist, "Write", {
    sessiontoken: tokens.session,
    doc: {
      $xml: '<recipient xtkschema="nms:recipient" xmlns="" email="toolkit@soap.example" lastName="&lt;Kit&gt;"/>',
    },
  });
  const queries = await generate("xtk:queryDef");
  const answer = await call(queries, "ExecuteQuery", {
    sessiontoken: tokens.session,
    document: {
      $xml: `<queryDef xmlns="" schema="nms:recipient" operation="select"><select><node expr="@email"/><node expr="@lastName"/></select><where><condition expr="@email='toolkit@soap.example'"/></where></queryDef>`,
    },
  });
  assert.deepEqual(at(answer, "pdomOutput", "recipient-collection", "recipient", "attributes"), {
    email: "toolkit@soap.example",
    lastName: "<Kit>",
  });
});

test("a schema's own WSDL offers its methods and those of every entity", async () => {
  const client = await generate("nms:recipient");
  await call(client, "Write", {
    sessiontoken: tokens.session,
    doc: { $xml: '<recipient xmlns="" xtkschema="nms:recipient" email="own@soap.example"/>' },
  });
  const made = await call(client, "NewInstance", {
    sessiontoken: tokens.session,
    document: { $xml: '<recipient xmlns="" xtkschema="nms:recipient"/>' },
  });
  assert.match(String(at(made, "entity", "recipient", "attributes", "id")), /^\d+$/);
});

test("what goes wrong is a fault to the toolkit, with code and causes", async () => {
  const client = await generate("xtk:persist");
  const write = call(client, "Write", {
    sessiontoken: tokens.session,
    doc: { $xml: '<recipient xmlns="" xtkschema="nms:recipient" noSuchField="1"/>' },
  });
  await assert.rejects(write, (error: unknown) => {
    const fault = at(error, "root", "Envelope", "Body", "Fault");
    assert.match(String(at(fault, "faultstring")), /^SOP-330011 /);
    assert.match(JSON.stringify(at(fault, "detail")), /noSuchField/);
    return true;
  });
});

test("without a session the WSDL is not shown: a browser is sent to log on; what is no schema is not found", async () => {
  const stranger = await web.get("/nl/jsp/schemawsdl.jsp?schema=xtk:session");
  assert.equal(stranger.status, 303);
  assert.match(String(stranger.headers["location"]), /^\/nl\/jsp\/logon\.jsp\?next=/);
  const headers = { cookie: `__sessiontoken=${tokens.session}` };
  for (const schema of ["nms:nowhere", "xtk:logonGuard", "", "../etc"])
    assert.equal((await web.get(`/nl/jsp/schemawsdl.jsp?schema=${schema}`, headers)).status, 404, schema);
});
