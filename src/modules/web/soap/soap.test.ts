import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { childrenOf } from "#protocols/soap/xml-element.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { until } from "#test/support/until.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { aWeb, faultOf, outputsOf } from "#test/support/web.ts";

const logonParameters = (login: string, password: string, more = "<parameters/>"): string =>
  `<login>${login}</login><password>${password}</password>${more}`;

test("Logon answers two tokens and who the operator is, packages last", async (t) => {
  const web = await aWeb(t);
  const answer = await web.call("Logon", logonParameters("admin", adminPassword));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], "text/xml;charset=utf-8");
  assert.match(
    answer.text,
    /<pstrSessionToken xsi:type='xsd:string'>___[0-9A-F-]{36}<\/pstrSessionToken><pSessionInfo xsi:type='ns:Element'/,
  );
  assert.match(answer.text, /<pstrSecurityToken xsi:type='xsd:string'>@[^<]{40,}==<\/pstrSecurityToken>/);
  const [, info] = outputsOf(answer);
  const [sessionInfo] = info === undefined ? [] : childrenOf(info);
  const [server, user] = sessionInfo === undefined ? [] : childrenOf(sessionInfo);
  assert.deepEqual([server?.attributes.get("instanceName"), server?.attributes.get("majNumber")], ["main", "7"]);
  assert.deepEqual(
    [user?.attributes.get("login"), user?.attributes.get("loginCS")],
    ["admin", "Administrator (admin)"],
  );
  assert.deepEqual(user === undefined ? [] : childrenOf(user).map(({ name }) => name), [
    "login-right",
    "installed-package",
    "installed-package",
  ]);
});

test("GetServerTime answers anyone to the millisecond; everything else wants a session", async (t) => {
  const web = await aWeb(t);
  const answer = await web.call("GetServerTime");
  const time = /<ptmServerTime xsi:type='xsd:dateTime'>([^<]+)</.exec(answer.text)?.[1] ?? "";
  assert.ok(Math.abs(Date.now() - Date.parse(time)) < 5_000, time);
  for (const method of ["TestCnx", "Logoff", "GetUserInfo"]) {
    const refusal = await web.call(method);
    assert.equal(refusal.status, 200);
    assert.match(
      faultOf(refusal)["faultstring"] ?? "",
      /^XSV-350008 Session has expired or is invalid\. Please reconnect\.$/,
    );
  }
});

test("the session is found in the body, in a header or in the cookie; the security token must fit", async (t) => {
  const web = await aWeb(t);
  const [one, other] = [await web.logOn(), await web.logOn()];
  assert.deepEqual(outputsOf(await web.call("TestCnx", "", one)), []);
  assert.match((await web.call("TestCnx", "", one)).text, /<TestCnxResponse xmlns='urn:xtk:session'/);

  const bare = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><X-Security-Token>SECURITY</X-Security-Token></e:Header><e:Body><TestCnx xmlns="urn:xtk:session"><__sessiontoken/></TestCnx></e:Body></e:Envelope>`;
  const isRefused = async (body: string, headers: Record<string, string>): Promise<boolean> =>
    /XSV-350008/.test((await web.soap(body, headers)).text);
  assert.equal(await isRefused(bare, { "x-session-token": one.session, "x-security-token": one.security }), false);
  assert.equal(
    await isRefused(bare.replace("SECURITY", one.security), { cookie: `__sessiontoken=${one.session}` }),
    false,
  );
  assert.equal(await isRefused(bare, { cookie: `__sessiontoken=${one.session}` }), true);
  assert.equal(
    await isRefused(bare, { cookie: `__sessiontoken=${one.session}`, "x-security-token": other.security }),
    true,
  );
  assert.equal(await isRefused(bare, { "x-session-token": one.session }), true);
  assert.equal(
    await isRefused(bare, {
      "x-session-token": one.session.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
      "x-security-token": one.security,
    }),
    true,
  );
});

test("Logoff ends its session and no other", async (t) => {
  const web = await aWeb(t);
  const [one, other] = [await web.logOn(), await web.logOn()];
  assert.match((await web.call("Logoff", "", one)).text, /<LogoffResponse/);
  assert.match((await web.call("TestCnx", "", one)).text, /XSV-350008/);
  assert.match((await web.call("TestCnx", "", other)).text, /<TestCnxResponse/);
});

test("a wrong password and an unknown login are refused with the same words, and slowed after some", async (t) => {
  const web = await aWeb(t);
  const wrong = await web.call("Logon", logonParameters("admin", "wrong password"));
  const unknown = await web.call("Logon", logonParameters("nobody", "wrong password"));
  for (const answer of [wrong, unknown]) {
    assert.equal(answer.status, 403);
    assert.equal(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(answer.text, "XSV-350012 Invalid login or password. Connection denied.");
  }
  const slowed = await until(async () => {
    const answer = await web.call("Logon", logonParameters("admin", "wrong password"));
    return answer.status === 429 && answer;
  }, "the login to be slowed");
  assert.match(slowed.text, /^XSV-350100 /);
  assert.match(String(slowed.headers["retry-after"]), /^\d+$/);
  const results = web.records
    .filter(({ event }) => event === "session.logon")
    .map(({ fields }) => `${String(fields["login"])} ${String(fields["result"])}`);
  assert.deepEqual(results.slice(0, 2), ["admin refused", "nobody refused"]);
  assert.ok(results.includes("admin slowed"));
});

test("unknown methods and services are faults of the client with Classic's codes", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const method = faultOf(await web.call("DropEverything", "", tokens));
  assert.deepEqual(
    [method["faultcode"], method["faultstring"]],
    ["SOAP-ENV:Client", "SOP-330006 The method 'DropEverything' is not defined in SOAP service 'xtk:session'."],
  );
  assert.match(faultOf(await web.call("Logon", "", tokens, "nms:nowhere"))["faultstring"] ?? "", /^SOP-330003 /);
  assert.match(faultOf(await web.call("constructor", "", tokens))["faultstring"] ?? "", /^SOP-330006 /);
});

test("a client learns a service's methods without a session; what is not public needs one", async (t) => {
  const web = await aWeb(t);
  const ask = (
    pk: string,
    md5 = "",
    mustExist = "false",
    tokens?: Awaited<ReturnType<typeof web.logOn>>,
  ): ReturnType<typeof web.call> =>
    web.call(
      "GetEntityIfMoreRecent",
      `<pk>${pk}</pk><md5>${md5}</md5><mustExist>${mustExist}</mustExist>`,
      tokens,
      "xtk:persist|xtk:session",
    );
  const answer = await ask("xtk:schema|xtk:session");
  assert.match(
    answer.text,
    /<pdomDoc xsi:type='ns:Element' SOAP-ENV:encodingStyle='[^']+'><schema namespace="xtk" name="session"/,
  );
  assert.match(answer.text, /<method name="GetServerTime"[^>]* static="true" access="anonymous">/);
  const md5 = /<schema[^>]* md5="([0-9A-F]{32})"/.exec(answer.text)?.[1] ?? "";
  assert.match((await ask("xtk:schema|xtk:session", md5)).text, /<pdomDoc [^>]*><\/pdomDoc>/);
  assert.match((await ask("xtk:schema|nms:secret")).text, /XSV-350008/);
  const tokens = await web.logOn();
  assert.match((await ask("xtk:schema|nms:nowhere", "", "false", tokens)).text, /<pdomDoc [^>]*><\/pdomDoc>/);
  const fault = faultOf(await ask("xtk:schema|nms:nowhere", "", "true", tokens));
  assert.match(fault["faultstring"] ?? "", /^SOP-330011 Error while executing the method 'GetEntityIfMoreRecent'/);
  assert.match(fault["detail"] ?? "", /^XFR-180000 [^\n]+\nSOP-330011 /);
});

test("whatever is sent, the answer is a fault or a refusal without stack, path or statement, and the server lives", async (t) => {
  const web = await aWeb(t);
  const inside = (text: string): string =>
    `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${text}</e:Body></e:Envelope>`;
  const bodies: (string | Buffer)[] = [
    "",
    "{",
    '{"method":"Logon"}',
    "<a>",
    Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    inside("<Logon/>"),
    inside("<Logon xmlns='urn:xtk:session'/>"),
    inside("<Logon xmlns='urn:xtk:session'><t/><login>a&#0;b</login></Logon>"),
    inside("<Logon xmlns='urn:xtk:session'><t/><login/><password/><parameters><a/><b/></parameters></Logon>"),
    inside(
      `<Logon xmlns='urn:xtk:session'><t/><login>${"x".repeat(100_000)}</login><password>${"y".repeat(100_000)}</password></Logon>`,
    ),
    inside(`<Logon xmlns='urn:xtk:session'><t/>${"<a>".repeat(100_000)}`),
    inside("<GetEntityIfMoreRecent xmlns='urn:xtk:persist'><t/><pk/><md5/><b>maybe</b></GetEntityIfMoreRecent>"),
    inside("<TestCnx xmlns='urn:xtk:session'><t>___00000000-0000-0000-0000-000000000000' or 1=1 --</t></TestCnx>"),
  ];
  for (const body of bodies) {
    const answer = await web.soap(body);
    assert.ok(
      answer.status === 200 || answer.status === 403 || answer.status === 429,
      `${answer.status} for ${String(body).slice(0, 80)}`,
    );
    if (answer.status === 200) assert.match(faultOf(answer)["faultstring"] ?? answer.text, /^[A-Z]{3}-\d{6} /);
    assert.doesNotMatch(answer.text, /at .+\.ts|node_modules|\/work|\/src\/|select |pg_|SyntaxError/);
  }
  assert.equal((await web.get("/health")).status, 200);
});

test("other types, encodings and sizes are refused by their HTTP status", async (t) => {
  const web = await aWeb(t, { settings: "web.soap.maxRequestMb = 1" });
  assert.equal((await web.soap("{}", { "content-type": "application/json" })).status, 415);
  assert.equal((await web.soap("a=b", { "content-type": "application/x-www-form-urlencoded" })).status, 415);
  assert.equal((await web.soap("x", { "content-type": "text/plain" })).status, 415);
  assert.equal((await web.soap(gzipSync("<a/>"), { "content-encoding": "gzip" })).status, 415);
  assert.equal((await web.soap("<a/>", { "content-type": ["text/xml", "application/json"] })).status, 415);
  assert.equal((await web.soap("x".repeat(1_100_000))).status, 413);
  assert.match((await web.soap("<a/>", { "content-type": "text/xml" })).text, /SOP-330100/);
});

test("with the database away Logon answers a fault within 2 s, says nothing of where it is, and works when it is back", async (t) => {
  const faltering = await aFalteringDatabase(t, await aDatabaseAddress(t));
  const web = await aWeb(t, { db: faltering.db });
  const tokens = await web.logOn();
  for (const falter of [faltering.fallSilent, faltering.refuse]) {
    falter();
    for (const ask of [
      () => web.call("Logon", logonParameters("admin", adminPassword)),
      () => web.call("TestCnx", "", tokens),
    ]) {
      const start = performance.now();
      const fault = faultOf(await ask());
      assert.ok(performance.now() - start < 2_000, `answered after ${Math.round(performance.now() - start)} ms`);
      assert.equal(fault["faultstring"], "WEB-100003 The database does not answer at the moment. Try again shortly.");
      assert.equal(fault["detail"], fault["faultstring"]);
    }
    assert.match((await web.call("GetServerTime")).text, /ptmServerTime/);
    faltering.comeBack();
    await until(
      async () => /<TestCnxResponse/.test((await web.call("TestCnx", "", tokens)).text),
      "TestCnx to work again",
    );
  }
});

test("a password in a request is in no log line", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  await web.call("Logon", logonParameters("admin", "canary-password"));
  await web.call("Logon", "<login>admin</login><password>canary-password</password><parameters><a/><b/></parameters>");
  const lines = JSON.stringify(web.records);
  for (const secret of ["canary-password", adminPassword, tokens.session, tokens.security])
    assert.ok(!lines.includes(secret));
});
