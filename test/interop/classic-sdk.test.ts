import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import sdk, { type Client } from "@adobe/acc-js-sdk";

import { createOperator } from "#campaign/access/operators/create-operator.ts";
import { createApiToken } from "#campaign/access/api-tokens/create-api-token.ts";
import { findCredentials } from "#campaign/access/operator-store.ts";
import { commandLine } from "#campaign/access/operators/administration.ts";
import { expireSessions } from "#test/support/access-store.ts";
import { aClient, at, query, type Refusal } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { aPlatform } from "#test/support/platform.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { aWeb, type RunningWeb } from "#test/support/web.ts";

let web: RunningWeb;
const ending = inReverse({ after });
const { ConnectionParameters } = sdk;

before(async () => {
  web = await aWeb(ending);
});

const has =
  (statusCode: number, text: RegExp) =>
  (error: Refusal): boolean => {
    assert.equal(error.statusCode, statusCode);
    assert.match(`${error.message} ${error.detail ?? ""}`, text);
    return true;
  };

test("the SDK logs on to a whole platform, asks for the time, and logs off", { timeout: 120_000 }, async (hooks) => {
  const platform = await aPlatform(inReverse(hooks));
  const client = await aClient(platform.webUrl, { password: "a long enough first password" });
  const time = await client.NLWS.xtkSession.getServerTime();
  assert.ok(time instanceof Date && Math.abs(time.getTime() - Date.now()) < 60_000);
  assert.equal(at(await client.test(), "status"), "OK");
  await client.logoff();
});

test("logging on tells who the operator is, what he may do and what the server is", async () => {
  const client = await aClient(web.url, { options: { rememberMe: true, clientApp: "interop" } });
  assert.equal(client.getSessionInfo().userInfo["login"], "admin");
  assert.deepEqual([client.application.operator.login, client.application.operator.hasRight("admin")], ["admin", true]);
  assert.match(client.application.version, /^\d+\.\d+\.\d+$/);
  assert.equal(client.application.instanceName, "main");
  assert.equal(client.hasPackage("nms:core"), true);
  assert.equal(at(await client.NLWS.xtkSession.getUserInfo(), "login"), "admin");
  assert.equal(await client.NLWS.xtkSession.testCnx(), null);
  assert.equal(at(await client.ping(), "status"), "OK");
  assert.deepEqual([at(await client.mcPing(), "status"), at(await client.mcPing(), "eventQueueSize")], ["Ok", "0"]);
});

test("logging off ends this session and leaves the operator's others alive", async () => {
  const [one, other] = [await aClient(web.url), await aClient(web.url)];
  const { _sessionToken: session, _securityToken: security } = one;
  await one.logoff();
  await other.NLWS.xtkSession.testCnx();
  const dead = await sdk.init(ConnectionParameters.ofSessionAndSecurityToken(web.url, session, security, {}));
  await dead.logon();
  await assert.rejects(dead.NLWS.xtkSession.testCnx(), has(401, /SDK-000012|XSV-350008/));
});

test("wrong password and unknown login are refused with the same words and code", async () => {
  for (const [login, password] of [
    ["admin", "a wrong password"],
    ["nobody", adminPassword],
  ] as const)
    await assert.rejects(aClient(web.url, { login, password }), has(403, /XSV-350012 Invalid login or password/));
});

test("session and security token, or either where the zone allows it, work without a logon", async () => {
  const client = await aClient(web.url);
  const { _sessionToken: session, _securityToken: security } = client;
  const ways = [
    ConnectionParameters.ofSessionAndSecurityToken(web.url, session, security, {}),
    ConnectionParameters.ofSessionToken(web.url, session, {}),
  ];
  for (const way of ways) {
    const borrowed = await sdk.init(way);
    await borrowed.logon();
    assert.equal(at(await borrowed.NLWS.xtkSession.getUserInfo(), "login"), "admin");
  }
  const forged = await sdk.init(ConnectionParameters.ofSessionAndSecurityToken(web.url, session, "@forged", {}));
  await forged.logon();
  await assert.rejects(forged.NLWS.xtkSession.getUserInfo(), has(401, /SDK-000012|XSV-350008/));
  const cookieless = await sdk.init(ConnectionParameters.ofSecurityToken(web.url, security, {}));
  await cookieless.logon();
  await assert.rejects(cookieless.NLWS.xtkSession.getUserInfo(), has(401, /SDK-000012|XSV-350008/));
});

test("an API token with every scope stands for a session; a narrower one, and one that is none, do not", async () => {
  const { context } = web;
  const admin = await findCredentials(context.db, "admin");
  assert.ok(admin !== undefined);
  const make = (scopes: readonly string[]): Promise<{ readonly text: string }> =>
    createApiToken(context, { operator: admin.operator, label: "interop", scopes });
  const connect = async (token: string): Promise<Client> => {
    const client = await sdk.init(ConnectionParameters.ofImsBearerToken(web.url, token, {}));
    await client.logon();
    return client;
  };
  const whole = await connect((await make(["*"])).text);
  assert.equal(at(await whole.NLWS.xtkSession.getUserInfo(), "login"), "admin");
  await whole.NLWS.xtkSession.write({ xtkschema: "nms:recipient", email: "token@sdk.example" });
  const narrow = await connect((await make(["recipient:read"])).text);
  await assert.rejects(narrow.NLWS.xtkSession.testCnx(), has(500, /SOP-330117/));
  await assert.rejects((await connect("pr_nonsense")).NLWS.xtkSession.testCnx(), has(401, /SDK-000012|XSV-350008/));
});

test("without a session the time is told and nothing else", async () => {
  const client = await sdk.init(ConnectionParameters.ofAnonymousUser(web.url, {}));
  await client.logon();
  assert.ok((await client.NLWS.xtkSession.getServerTime()) instanceof Date);
  for (const call of [
    () => client.NLWS.xtkSession.testCnx(),
    () => client.NLWS.xtkSession.getOption("any"),
    () => client.NLWS.xtkSession.write({ xtkschema: "nms:recipient" }),
  ])
    await assert.rejects(call(), has(401, /SDK-000012|XSV-350008/));
});

test("a session that has expired is refreshed by refreshClient, and the call is made again once", async () => {
  let refreshed = 0;
  const client = await aClient(web.url, {
    options: {
      refreshClient: async (stale: Client) => {
        refreshed += 1;
        await stale.logon();
        return stale;
      },
    },
  });
  await client.NLWS.xtkSession.testCnx();
  await expireSessions(web.context.db);
  assert.equal(at(await client.NLWS.xtkSession.getUserInfo(), "login"), "admin");
  assert.equal(refreshed, 1);
  const without = await aClient(web.url);
  await expireSessions(web.context.db);
  await assert.rejects(without.NLWS.xtkSession.testCnx(), has(401, /SDK-000012|XSV-350008/));
});

test("a session survives calls that fail", async () => {
  const client = await aClient(web.url);
  await assert.rejects(client.NLWS.xtkSession.write({ xtkschema: "nms:nowhere" }), has(500, /nms:nowhere/));
  await client.NLWS.xtkSession.testCnx();
});

test("methods that are unknown to the server, not offered or not there yet have their codes", async () => {
  const client = await aClient(web.url);
  await assert.rejects(client.NLWS.nmsDelivery.noSuchMethod(), has(400, /SDK-000009/));
  await assert.rejects(client.NLWS.nmsNowhere.write({}), has(400, /SDK-000009/));
  await assert.rejects(client.NLWS.xtkSession.decryptPassword("@x"), has(500, /SOP-330005/));
  // The SDK asks for changes of schemas as long as this method is not refused by this very code.
  const answer = await web.call("GetModifiedEntities", "<cache/>", {
    session: client._sessionToken,
    security: client._securityToken,
  });
  assert.match(answer.text, /SOP-330006 The method 'GetModifiedEntities' is not defined in SOAP service 'xtk:session'/);
});

test("the SDK works without its method in the address, in XML, and with its own headers", async () => {
  const client = await aClient(web.url, { options: { noMethodInURL: true, representation: "xml" } });
  const info = sdk.DomUtil.toXMLString(await client.NLWS.xtkSession.getUserInfo());
  assert.match(info, /login="admin"/);
  assert.equal(at(await client.NLWS.json.xtkSession.getUserInfo(), "login"), "admin");
});

test("an operator with few rights reads and writes what he may, and nothing that needs admin", async () => {
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
  const client = await aClient(web.url, { login: "few", password: "a password of his own" });
  await client.NLWS.xtkSession.write({ xtkschema: "nms:recipient", email: "few@rights.example" });
  assert.deepEqual(
    await query(client, {
      schema: "nms:recipient",
      operation: "select",
      select: { node: [{ expr: "@email" }] },
      where: { condition: [{ expr: "@email = 'few@rights.example'" }] },
    }),
    { recipient: [{ email: "few@rights.example" }] },
  );
  const source = { xtkschema: "xtk:srcSchema", namespace: "cus", name: "few", label: "Few" };
  await assert.rejects(client.NLWS.xtkSession.write(source), has(500, /SOP-330011/));
});
