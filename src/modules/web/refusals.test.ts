import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { after, before, test } from "node:test";

import { makeSessionToken } from "#campaign/access/tokens.ts";
import { services } from "#schemas/services.ts";
import { expireSession } from "#test/support/access-store.ts";
import { inReverse } from "#test/support/endings.ts";
import { aRest, type JsonAnswer, type Rest } from "#test/support/rest.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { type Answer, aWeb, type RunningWeb, type Tokens } from "#test/support/web.ts";

/** What anyone may call: a new one fails these tests until it is written down here. */
const openMethods = [
  "xtk:persist#GetEntityIfMoreRecent",
  "xtk:session#BearerTokenLogon",
  "xtk:session#GetServerTime",
  "xtk:session#Logon",
];

/** What anyone may ask for by HTTP beside these. */
const openRoutes = [
  "GET /api/v1/docs",
  "GET /api/v1/docs/docs.css",
  "GET /api/v1/docs/docs.js",
  "GET /api/v1/docs/swagger-ui-bundle.js",
  "GET /api/v1/docs/swagger-ui.css",
  "GET /assets/console.css",
  "GET /assets/icon.svg",
  "GET /assets/refresh.js",
  "GET /health",
  "GET /nl/jsp/logon.jsp",
  "GET /ready",
  "GET /xtk/jsp/zoneinfo.jsp",
  "POST /nl/jsp/logon.jsp",
];

/** Loopback as the whole world sees it: no token is spared, no password stands for one. */
const asPublic = `web.securityZones = [{ name = "public", networks = ["*"], allowHTTP = true, showErrors = true }]`;

let rest: Rest;
let web: RunningWeb;
let strangers: Readonly<Record<string, Tokens | undefined>>;
const routes: { readonly method: string; readonly url: string }[] = [];
const ending = inReverse({ after });

before(async () => {
  const watch = (message: unknown): void => {
    const { fastify } = message as { fastify: { addHook(name: "onRoute", note: (route: Route) => void): void } };
    fastify.addHook("onRoute", ({ method, url }) => {
      for (const name of [method].flat()) routes.push({ method: name, url });
    });
  };
  subscribe("fastify.initialization", watch);
  rest = await aRest(ending, { settings: asPublic });
  unsubscribe("fastify.initialization", watch);
  web = rest.web;
  strangers = await makeStrangers();
});

type Route = { readonly method: string | readonly string[]; readonly url: string };

/** Everyone who has something that looks like a session, and has none. */
async function makeStrangers(): Promise<Record<string, Tokens | undefined>> {
  const [mine, another, expired, ended] = [await web.logOn(), await web.logOn(), await web.logOn(), await web.logOn()];
  await expireSession(web.context.db, expired.session);
  await web.call("Logoff", "", ended);
  const elsewhere = await aWeb(ending, { settings: asPublic, context: { secrets: web.context.secrets } });
  return {
    "no session": undefined,
    "a text that is no token": { session: "%00' or 1=1 --", security: "@x" },
    "a made-up token": { session: makeSessionToken(), security: mine.security },
    "the token of another instance": await elsewhere.logOn(),
    "an expired session": expired,
    "a session that was logged off": ended,
    "a session without its security token": { session: mine.session, security: "" },
    "a session with another's security token": { session: mine.session, security: another.security },
    "a session with a forged security token": {
      session: mine.session,
      security: mine.security.replace(/.{8}==$/, "AAAAAAAA=="),
    },
    "login and password for a token": { session: `admin/${adminPassword}`, security: "" },
    "a login for a token": { session: "admin", security: "" },
  };
}

const methods = services.flatMap(({ name, methods: declared }) =>
  declared.map((method) => ({ service: name, name: method.name, id: `${name}#${method.name}` })),
);

/** A document as methods take one, and the key of a document that is public. */
const bodies = [
  `<document><x xtkschema="nms:recipient" id="1"/></document>`,
  `<pk>xtk:schema|xtk:session</pk><md5/><mustExist>false</mustExist>`,
];

async function forEachStranger<T>(
  all: Readonly<Record<string, T>>,
  visit: (one: T, who: string) => Promise<void>,
): Promise<void> {
  await Promise.all(Object.entries(all).map(([who, one]) => visit(one, who)));
}

const sessionEnded = /XSV-350008 Session has expired or is invalid\. Please reconnect\./;

test("S-16: every SOAP method is refused to whoever has no session, but those that are listed as open", async () => {
  const open = new Set<string>();
  for (const { service, name, id } of methods)
    for (const body of bodies)
      await forEachStranger(strangers, async (tokens, who) => {
        const answer = await web.call(name, body, tokens, service);
        if (!sessionEnded.test(answer.text)) open.add(id);
        else assert.doesNotMatch(answer.text, /Response/, `${id} for ${who}`);
      });
  assert.deepEqual([...open].toSorted(), openMethods);
  assert.ok(methods.length > 90, String(methods.length));
});

test("S-16: of the method that is open for schemas, nothing is open but the documents of services without a table", async () => {
  const pks = [
    "xtk:schema|nms:recipient",
    "xtk:srcSchema|nms:recipient",
    "xtk:form|nms:recipient",
    "xtk:option|x",
    "x",
  ];
  for (const pk of pks)
    await forEachStranger(strangers, async (tokens, who) => {
      const answer = await web.call("GetEntityIfMoreRecent", `<pk>${pk}</pk><md5/><b>true</b>`, tokens, "xtk:persist");
      assert.match(answer.text, sessionEnded, `${pk} for ${who}`);
    });
});

test("S-16: every operation of the REST interface is refused to whoever has no session, but the methods that are open in SOAP", async () => {
  const { paths } = (await rest.call("GET", "/openapi.json")).json as {
    paths: Record<string, Record<string, Operation>>;
  };
  const open = new Set<string>();
  let count = 0;
  for (const [path, item] of Object.entries(paths))
    for (const [method, operation] of Object.entries(item).filter(([name]) => name !== "parameters"))
      await forEachStranger(restStrangers(), async (headers, who) => {
        const answer = await callOperation(method, path, headers);
        const what = `${method} ${path} for ${who}: ${answer.status} ${answer.text.slice(0, 200)}`;
        count += 1;
        if (answer.status === 401) assert.match(String(answer.headers["www-authenticate"]), /^Bearer /, what);
        else open.add(soapNameOf(operation) ?? what);
      });
  assert.deepEqual([...open].toSorted(), openMethods);
  assert.ok(count > 3_000, String(count));
});

type Operation = { readonly description?: string };
type Headers = Readonly<Record<string, string | undefined>>;

/** `In SOAP: xtk:session#Logon.` */
function soapNameOf({ description = "" }: Operation): string | undefined {
  return /In SOAP: (\S+#\w+)\./.exec(description)?.[1];
}

const nobody: Headers = { "x-session-token": undefined, "x-security-token": undefined };

function restStrangers(): Record<string, Headers> {
  const bySession = Object.entries(strangers).map(([who, tokens]): [string, Headers] => [
    who,
    tokens === undefined
      ? nobody
      : { "x-session-token": tokens.session, "x-security-token": tokens.security || undefined },
  ]);
  const byHeader = ["Bearer pr_" + "x".repeat(32), "Bearer ", "Basic YWRtaW46YWRtaW4="].map(
    (authorization): [string, Headers] => [authorization, { ...nobody, authorization }],
  );
  return Object.fromEntries([...bySession, ...byHeader]);
}

function callOperation(method: string, path: string, headers: Headers): Promise<JsonAnswer> {
  const content = path.endsWith("/bulk")
    ? [{}]
    : path.endsWith("-if-more-recent")
      ? { pk: "xtk:schema|xtk:session" }
      : {};
  const body = method === "get" || method === "delete" ? undefined : content;
  return rest.call(method.toUpperCase(), path.replace("/api/v1", "").replace("{id}", "1"), body, headers);
}

test("S-16: every other address is closed to whoever has no session, but those that are listed as open", async () => {
  const open = new Set<string>();
  const known = routes.filter(({ method, url }) => !/^\/api\/v1(\/\*)?$|soaprouter/.test(url) && method !== "OPTIONS");
  for (const { method, url } of known)
    for (const [who, tokens] of Object.entries(strangers)) {
      // What changes nothing is shown to a session that is alive, by its token alone.
      if (method !== "POST" && who.startsWith("a session with")) continue;
      for (const headers of tokens === undefined ? [{}] : [inHeaders(tokens), inCookie(tokens)]) {
        const path = url.replace(/:\w+|\*/g, "1");
        const answer = method === "POST" ? await web.post(path, {}, headers) : await web.get(path, headers);
        if (!isRefusal(answer)) open.add(`${method} ${url}`.replace("HEAD", "GET").replace(/assets\/\w+-/, "assets/"));
      }
    }
  assert.deepEqual([...open].toSorted(), openRoutes);
  assert.ok(known.length > 40, JSON.stringify(known));
});

function inHeaders({ session, security }: Tokens): Record<string, string> {
  return { "x-session-token": session, "x-security-token": security };
}

function inCookie({ session, security }: Tokens): Record<string, string> {
  return { cookie: `__sessiontoken=${encodeURIComponent(session)}`, "x-security-token": security };
}

function isRefusal({ status, headers }: Answer): boolean {
  const toLogon = String(headers["location"]).startsWith("/nl/jsp/logon.jsp");
  return [401, 403, 404].includes(status) || (status === 303 && toLogon);
}

test("S-18: a form of a page is taken only with the security token of its own session", async () => {
  const another = strangers["a made-up token"]?.security ?? "";
  assert.notEqual(another, "");
  const cookie = `__sessiontoken=${rest.tokens.session}`;
  for (const url of ["/account", "/logoff"])
    for (const securityToken of ["", "@x", another])
      assert.equal((await web.post(url, { securityToken }, { cookie })).status, 403, `${url} ${securityToken}`);
  assert.match((await web.call("TestCnx", "", rest.tokens)).text, /TestCnxResponse/);
});
