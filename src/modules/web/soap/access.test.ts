import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { commandLine } from "#campaign/access/operators/administration.ts";
import { createOperator } from "#campaign/access/operators/create-operator.ts";
import { makeSessionToken } from "#campaign/access/tokens.ts";
import { schemaId } from "#schemas/schema.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { services } from "#schemas/services.ts";
import { inReverse } from "#test/support/endings.ts";
import { type Answer, aWeb, faultOf, type RunningWeb, type Tokens } from "#test/support/web.ts";

/** Loopback as the whole world sees it: no token is spared, and no cause is shown. */
const asPublic = `web.securityZones = [{ name = "public", networks = ["*"], allowHTTP = true }]`;

let web: RunningWeb;
let admin: Tokens;
let few: Tokens;
const ending = inReverse({ after });

before(async () => {
  web = await aWeb(ending, { settings: asPublic });
  admin = await web.logOn();
  await createOperator(
    { db: web.context.db, by: commandLine },
    {
      login: "few",
      label: "Few",
      password: "a password of his own",
      rights: ["export"],
      groups: [],
      securityZone: undefined,
      folderId: undefined,
    },
  );
  few = await web.logOn("few", "a password of his own");
});

const methods = services.flatMap((service) => service.methods.map((method) => ({ service: service.name, method })));
const guarded = methods.filter(({ method }) => method.access !== "anonymous");

/** What anyone may call: to log on, to ask the time, and to learn what services offer. */
const open = [
  "xtk:session#Logon",
  "xtk:session#BearerTokenLogon",
  "xtk:session#GetServerTime",
  "xtk:persist#GetEntityIfMoreRecent",
];

const document = `<document><x xtkschema="nms:recipient"/></document>`;

test("S-16: what is open to everyone is a short list", () => {
  const anonymous = methods.filter(({ method }) => method.access === "anonymous");
  assert.deepEqual(anonymous.map(({ service, method }) => `${service}#${method.name}`).toSorted(), open.toSorted());
  assert.ok(guarded.length > 40);
});

test("S-16: every other method is refused without a session, with one that is none, and with another's proof", async () => {
  const unknown = { session: makeSessionToken(), security: admin.security };
  const mixed = { session: few.session, security: admin.security };
  const bare = { session: few.session, security: "" };
  for (const { service, method } of guarded)
    for (const tokens of [undefined, unknown, mixed, bare]) {
      const answer = await web.call(method.name, document, tokens, service);
      assert.equal(answer.status, 200);
      assert.match(
        answer.text,
        /XSV-350008 Session has expired or is invalid\. Please reconnect\./,
        `${service}#${method.name}`,
      );
      assert.doesNotMatch(answer.text, /Response/);
    }
});

test("S-16: a method that needs a right is refused to who lacks it, and says which", async () => {
  const needing = guarded.filter(({ method }) => method.access !== "session");
  assert.ok(needing.length > 5);
  for (const { service, method } of needing) {
    const fault = faultOf(await web.call(method.name, document, few, service));
    assert.match(fault["faultstring"] ?? "", /^SOP-330110 .* needs the right '/, `${service}#${method.name}`);
  }
});

test("S-16: documents of schemas need a session, and those of the machinery are nobody's", async () => {
  const ask = (schema: string, tokens?: Tokens): Promise<Answer> =>
    web.call("GetEntityIfMoreRecent", `<pk>xtk:schema|${schema}</pk><md5/><b>false</b>`, tokens, "xtk:persist");
  for (const schema of builtInSchemas.all()) {
    const id = schemaId(schema);
    assert.match((await ask(id)).text, /XSV-350008/, id);
    const answer = (await ask(id, few)).text;
    if (schema.isHidden === true) assert.match(answer, /<pdomDoc [^>]*><\/pdomDoc>/, id);
  }
  assert.match((await ask("xtk:session")).text, /<schema namespace="xtk" name="session"/);
});

test("the causes of a fault are masked outside of zones that show errors, its code is not", async () => {
  const query = `<document><queryDef schema="nms:recipient"><select><node expr="@nope"/></select></queryDef></document>`;
  const fault = faultOf(await web.call("ExecuteQuery", query, few, "xtk:queryDef"));
  assert.match(fault["faultstring"] ?? "", /^SOP-330011 /);
  assert.equal(fault["detail"], "The details of this error are shown only in security zones with showErrors.");
});

test("the code that makes clients log on again is in no other fault, not even where one quotes it", async () => {
  const write = `<doc><recipient xtkschema="XSV-350008"/></doc>`;
  const answer = await web.call("Write", write, admin, "xtk:persist");
  assert.match(answer.text, /SOP-330011/);
  assert.doesNotMatch(answer.text, /XSV-350008/);
  assert.doesNotMatch((await web.call("XSV-350008", "", admin)).text, /XSV-350008/);
});

test("a system that sends events without a session is told so in the words that it knows", async () => {
  const fault = faultOf(await web.call("PushEvent", "<event/>", undefined, "nms:rtEvent"));
  assert.equal(fault["faultcode"], "SOAP-ENV:Client");
  assert.match(
    fault["faultstring"] ?? "",
    /Error while reading parameters of method 'PushEvent' of service 'nms:rtEvent'\.$/,
  );
  assert.match(fault["detail"] ?? "", /^XSV-350008 /);
});

test("a cookie alone opens nothing: another site could send it", async () => {
  const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><TestCnx xmlns="urn:xtk:session"><t/></TestCnx></e:Body></e:Envelope>`;
  const cookie = `__sessiontoken=${few.session}`;
  assert.match((await web.soap(body, { cookie })).text, /XSV-350008/);
  assert.match((await web.soap(body, { cookie, "x-security-token": few.security })).text, /<TestCnxResponse/);
  assert.equal((await web.soap(body, { cookie, origin: "https://evil.example" })).status, 403);
});
