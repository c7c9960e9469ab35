import assert from "node:assert/strict";
import { test } from "node:test";

import { createApiToken } from "#campaign/access/api-tokens/create-api-token.ts";
import { commandLine, requireOperator } from "#campaign/access/operators/administration.ts";
import { changeRights } from "#campaign/access/operators/change-rights.ts";
import { createOperator } from "#campaign/access/operators/create-operator.ts";
import { disableOperator } from "#campaign/access/operators/disable-operator.ts";
import { setOperatorPassword } from "#campaign/access/set-operator-password.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { type Answer, aWeb, faultOf, type RunningWeb, type Tokens } from "#test/support/web.ts";
import { stretched } from "#test/support/slowness.ts";

/** Outside of every zone that trusts: no sessionTokenOnly, no login/password. */
const strictZone = '[[web.securityZones]]\nname = "public"\nnetworks = ["*"]\nallowHTTP = true\n';
/** Carries no session: the cookie alone would have to be it. */
const logoff =
  '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><m:Logoff xmlns:m="urn:xtk:session"><sessiontoken/></m:Logoff></S:Body></S:Envelope>';
const logonPath = "/nl/jsp/logon.jsp";

async function anOperator(web: RunningWeb, login = "ann"): Promise<void> {
  await createOperator(
    { db: web.context.db, by: commandLine },
    {
      login,
      label: "",
      password: adminPassword,
      rights: ["workflow"],
      groups: [],
      securityZone: undefined,
      folderId: undefined,
    },
  );
}

/** Whether a session is alive, on each road: SOAP, REST, pages, plain pages. */
async function livesOn(web: RunningWeb, { session, security }: Tokens): Promise<readonly boolean[]> {
  const headers = { "x-session-token": session, "x-security-token": security };
  const soap = await web.call("TestCnx", "", { session, security });
  const rest = await web.get("/api/v1/session", headers);
  const page = await web.get("/modules", { cookie: `__sessiontoken=${session}` });
  const plain = await web.get("/nl/jsp/ping.jsp", headers);
  return [soap.text.includes("TestCnxResponse"), rest.status === 200, page.status === 200, plain.status === 200];
}

const everywhere = [true, true, true, true];
const nowhere = [false, false, false, false];

test("S-17: a cookie that was set before logon is never the session, by form or by SOAP", async (t) => {
  const web = await aWeb(t);
  const planted = "___01234567-89AB-CDEF-0123-456789ABCDEF";
  const answer = await web.post(
    logonPath,
    { login: "admin", password: adminPassword },
    { cookie: `__sessiontoken=${planted}` },
  );
  const cookie = String(answer.headers["set-cookie"]);
  assert.ok(
    !cookie.includes(planted) && /__sessiontoken=___[0-9A-F-]{36}; Path=\/; HttpOnly; SameSite=Lax/.test(cookie),
  );
  assert.equal((await web.get("/modules", { cookie: `__sessiontoken=${planted}` })).status, 303);
  assert.notEqual((await web.logOn()).session, planted);
});

test("S-18: with another site's origin nothing is done on any road, whatever token comes along", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const cookie = `__sessiontoken=${tokens.session}`;
  for (const elsewhere of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ]) {
    const headers = { cookie, "x-security-token": tokens.security, ...elsewhere };
    const answers: Answer[] = [
      await web.soap(logoff, headers),
      await web.post("/logoff", { securityToken: tokens.security }, headers),
      await web.post("/nl/jsp/uploadFile.jsp", {}, headers),
      await web.post("/api/v1/recipients", {}, headers),
    ];
    for (const { status, text } of answers) assert.ok(status === 403 || status === 400, `${status} ${text}`);
  }
  assert.deepEqual(await livesOn(web, tokens), everywhere);
});

test("S-18: a session's cookie alone calls nothing: without, with a wrong and with another session's security token", async (t) => {
  for (const settings of [strictZone, ""]) {
    const web = await aWeb(t, { settings });
    const [one, other] = [await web.logOn(), await web.logOn()];
    for (const proof of ["", "@wrong", other.security]) {
      const headers = { cookie: `__sessiontoken=${one.session}`, "x-security-token": proof };
      assert.match((await web.soap(logoff, headers)).text, /XSV-350008/, `${settings} ${proof}`);
    }
    assert.deepEqual(await livesOn(web, one), everywhere);
  }
});

test("S-18: bodies that a form of another site could send are read by no road but forms; a GET changes nothing", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const headers = { "x-session-token": tokens.session, "x-security-token": tokens.security };
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    const soap = await web.soap("<Envelope/>", { ...headers, "content-type": type });
    assert.ok(soap.status >= 400 && soap.status < 500, `SOAP takes ${type}: ${soap.status}`);
    const rest = await web.post("/api/v1/recipients", {}, { ...headers, "content-type": type });
    assert.ok(rest.status >= 400 && rest.status < 500, `REST takes ${type}: ${rest.status}`);
  }
  for (const path of ["/logoff", "/account", "/nl/jsp/soaprouter.jsp", "/nl/jsp/uploadFile.jsp"])
    await web.get(path, { ...headers, cookie: `__sessiontoken=${tokens.session}` });
  assert.deepEqual(await livesOn(web, tokens), everywhere);
});

test("S-19: 1,000 wrong passwords are slowed whatever address a client claims, and each is logged", async (t) => {
  const web = await aWeb(t);
  const statuses = new Map<number, number>();
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        web.post(
          logonPath,
          { login: "admin", password: `guess ${round} ${index}` },
          { "x-forwarded-for": `198.51.${round}.${index}` },
        ),
      ),
    );
    for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  const checked = statuses.get(403) ?? 0;
  assert.ok(checked <= 12, `${checked} passwords were checked`);
  assert.equal(checked + (statuses.get(429) ?? 0), 1_000);
  const lines = web.records.filter(({ event }) => event === "session.logon");
  assert.equal(lines.length, 1_000);
  assert.ok(lines.every(({ fields }) => fields["address"] === "127.0.0.1" && fields["login"] === "admin"));
  assert.ok(!JSON.stringify(web.records).includes("guess"));
});

test("S-22: a session is dead on every road after logoff, another password, disabling, and the loss of all rights", async (t) => {
  const web = await aWeb(t, { settings: strictZone });
  const administration = { db: web.context.db, by: commandLine };
  await anOperator(web);
  const ends: readonly ((tokens: Tokens) => Promise<unknown>)[] = [
    (tokens) => web.call("Logoff", "", tokens),
    () => setOperatorPassword(web.context.db, "ann", adminPassword),
    () => changeRights(administration, "ann", { revoke: ["workflow"] }),
    () => disableOperator(administration, "ann"),
  ];
  for (const end of ends) {
    await changeRights(administration, "ann", { grant: ["workflow"] });
    const tokens = await web.logOn("ann");
    assert.deepEqual(await livesOn(web, tokens), everywhere);
    await end(tokens);
    const start = performance.now();
    assert.deepEqual(await livesOn(web, tokens), nowhere, String(end));
    const tookMs = performance.now() - start;
    assert.ok(tookMs < (await stretched(1_000, tookMs)), `${tookMs} ms`);
  }
});

test("S-22: an API token is dead when its operator is disabled", async (t) => {
  const web = await aWeb(t);
  await anOperator(web);
  const operator = await requireOperator(web.context.db, "ann");
  const { text } = await createApiToken(web.context, { operator, label: "", scopes: ["*"] });
  const status = async (): Promise<number> =>
    (await web.get("/api/v1/deliveries?limit=1", { authorization: `Bearer ${text}` })).status;
  assert.equal(await status(), 200);
  await disableOperator({ db: web.context.db, by: commandLine }, "ann");
  assert.equal(await status(), 401);
});

test("S-23: no default, empty or endless password works, and login/password is no token over plain HTTP", async (t) => {
  const web = await aWeb(t, { settings: `authentication.freeLogonFailures = 100\n${strictZone}` });
  for (const password of ["", "admin", "internal", "neolane", "password", "x".repeat(60_000)]) {
    for (const login of ["admin", "internal"]) {
      assert.equal((await web.post(logonPath, { login, password })).status, 403, `${login} ${password.slice(0, 20)}`);
      const answer = await web.call("Logon", `<login>${login}</login><password>${password}</password><parameters/>`);
      assert.match(answer.text, /^XSV-350012 /);
    }
  }
  const huge = "x".repeat(5_000_000);
  assert.match((await web.call("Logon", `<login>admin</login><password>${huge}</password>`)).text, /^XSV-350012 /);
  const tokens: Tokens = { session: `admin/${adminPassword}`, security: "" };
  assert.match(faultOf(await web.call("TestCnx", "", tokens))["faultstring"] ?? "", /^XSV-350008 /);
});

test("behaviours 14 and 15: logging on is refused with 403 from outside of the zone, and without TLS where it is needed", async (t) => {
  const settings = 'web.trustedProxies = ["127.0.0.1"]\n';
  const web = await aWeb(t, { settings });
  await restrict(web, "lan");
  const from = (address: string, proto = "https"): Record<string, string> => ({
    "x-forwarded-for": address,
    "x-forwarded-proto": proto,
  });
  const form = { login: "admin", password: adminPassword };
  assert.equal((await web.post(logonPath, form, from("203.0.113.1"))).status, 403);
  assert.equal((await web.post(logonPath, form, from("203.0.113.1", "http"))).status, 403);
  assert.equal((await web.post(logonPath, form, from("10.0.0.1", "http"))).status, 303);
  const spoofing = await aWeb(t);
  await restrict(spoofing, "vpn");
  assert.equal(
    (await spoofing.post(logonPath, form, from("203.0.113.1"))).status,
    303,
    "an unlisted proxy is not heard",
  );
});

async function restrict(web: RunningWeb, zone: string): Promise<void> {
  const { restrictOperator } = await import("#campaign/access/operators/restrict-operator.ts");
  await restrictOperator({ db: web.context.db, by: commandLine }, "admin", { securityZone: zone, folderId: undefined });
}
