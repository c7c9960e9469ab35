import assert from "node:assert/strict";
import { request as sendRequest } from "node:http";
import { test } from "node:test";

import { aDatabaseAddress } from "#test/support/database.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aRest } from "#test/support/rest.ts";

const problemType = "application/problem+json; charset=utf-8";

test("every refusal is a problem document with a code, and tells nothing of the inside", async (t) => {
  const rest = await aRest(t);
  const id = String((await rest.call("POST", "/recipients", { email: "a@example.com" })).json["id"]);
  const filter = (text: string): string => `/recipients?filter=${encodeURIComponent(text)}`;
  const cases: readonly [
    status: number,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ][] = [
    [404, "GET", "/unicorns"],
    [404, "GET", "/recipients/999999999"],
    [404, "GET", "/recipients/1/2/3"],
    [404, "GET", "//recipients"],
    [404, "GET", "/__proto__"],
    [404, "GET", "/constructor/1"],
    [404, "POST", `/recipients/${id}/explode`],
    [405, "PUT", "/recipients", {}],
    [405, "PATCH", "/recipients", {}],
    [405, "GET", "/recipients/bulk/"],
    [405, "POST", `/recipients/${id}`, {}],
    [405, "TRACE", "/recipients"],
    [406, "GET", "/recipients", undefined, { accept: "text/html" }],
    [415, "POST", "/recipients", "<a/>", { "content-type": "text/xml" }],
    [415, "POST", "/recipients", "{}", { "content-type": "application/json; charset=latin1" }],
    [415, "POST", "/recipients", "{}", { "content-encoding": "gzip" }],
    [400, "POST", "/recipients", "{"],
    [400, "POST", "/recipients", ""],
    [400, "POST", "/recipients", "[]"],
    [400, "POST", "/recipients", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    [400, "POST", "/recipients", '{"email":"a","email":"b"}'],
    [400, "POST", "/recipients", '{"email":"a\\u0000b"}'],
    [400, "POST", "/recipients?x=1", {}],
    [413, "POST", "/recipients", `{"text1":"${"x".repeat(11_000_000)}"}`],
    [400, "GET", "/recipients?limit=0"],
    [400, "GET", "/recipients?limit=10001"],
    [400, "GET", "/recipients?limit=1&limit=2"],
    [400, "GET", "/recipients?count=maybe"],
    [400, "GET", "/recipients?nothing=1"],
    [400, "GET", "/recipients?sort=nothing"],
    [400, "GET", "/recipients?birthDate=yesterday"],
    [400, "GET", filter("@email = 'x' OR 1=1 --'")],
    [400, "GET", filter("pg_sleep(10)")],
    [400, "GET", filter("@nothing = 1")],
    [400, "GET", filter("@email = '\0'")],
    [400, "GET", `/recipients?filter=${"(".repeat(5_000)}`],
    [400, "POST", "/recipients", {}, { "idempotency-key": "" }],
  ];
  for (const [status, method, path, body, headers] of cases) {
    const what = `${method} ${path.slice(0, 80)} ${String(body).slice(0, 40)}`;
    const answer = await rest.call(method, path, body, headers);
    assert.equal(answer.status, status, `${what}: ${answer.text.slice(0, 300)}`);
    assert.equal(answer.headers["content-type"], problemType, what);
    assert.deepEqual(
      [answer.json["status"], answer.json["type"], typeof answer.json["code"]],
      [status, "about:blank", "string"],
      what,
    );
    assert.equal(answer.json["requestId"], answer.headers["x-request-id"], what);
    assert.doesNotMatch(answer.text, /nms_|xtk_|select |node_modules|\.ts:|at \w+ \(|\/src\//i, what);
    if (status === 405) assert.match(String(answer.headers["allow"]), /OPTIONS/, what);
  }
});

test("HEAD answers what GET would, OPTIONS answers everyone the same, and a request keeps its client's id", async (t) => {
  const rest = await aRest(t);
  const get = await rest.call("GET", "/recipients", undefined, { "x-request-id": "my-request.1" });
  assert.equal(get.headers["x-request-id"], "my-request.1");
  const head = await rest.call("HEAD", "/recipients");
  assert.deepEqual([head.status, head.text, head.headers["etag"]], [200, "", get.headers["etag"]]);
  for (const path of ["/recipients", "/unicorns"]) {
    const options = await rest.call("OPTIONS", path, undefined, { "x-session-token": undefined });
    assert.deepEqual(
      [options.status, options.headers["allow"], options.headers["access-control-allow-origin"]],
      [204, "GET, HEAD, POST, PATCH, DELETE, OPTIONS", undefined],
    );
  }
  const odd = await rest.call("GET", "/recipients", undefined, { "x-request-id": "a b<script>" });
  assert.match(String(odd.headers["x-request-id"]), /^[0-9a-f-]{36}$/);
});

test("scripts of other sites may call only when their site is listed, and never with the cookie", async (t) => {
  const closed = await aRest(t);
  const origin = "https://shop.example";
  const plain = await closed.call("GET", "/recipients", undefined, { origin });
  assert.equal(plain.headers["access-control-allow-origin"], undefined);
  const open = await aRest(t, { settings: `web.rest.allowedOrigins = ["${origin}"]` });
  const preflight = await open.call("OPTIONS", "/recipients", undefined, {
    origin,
    "access-control-request-method": "POST",
    "x-session-token": undefined,
  });
  assert.deepEqual(
    [
      preflight.status,
      preflight.headers["access-control-allow-origin"],
      preflight.headers["access-control-allow-credentials"],
    ],
    [204, origin, undefined],
  );
  assert.match(String(preflight.headers["access-control-allow-headers"]), /authorization/);
  assert.doesNotMatch(String(preflight.headers["access-control-allow-headers"]), /x-security-token|cookie/);
  const other = await open.call("GET", "/recipients", undefined, { origin: "https://evil.example" });
  assert.equal(other.headers["access-control-allow-origin"], undefined);
});

test("a request sent twice with one key is carried out once", async (t) => {
  const rest = await aRest(t);
  const key = { "idempotency-key": "order-17" };
  const first = await rest.call("POST", "/recipients", { email: "ann@example.com" }, key);
  const again = await rest.call("POST", "/recipients", { email: "ann@example.com" }, key);
  assert.deepEqual([again.status, again.text, again.headers["location"]], [201, first.text, first.headers["location"]]);
  assert.deepEqual([first.headers["idempotency-replayed"], again.headers["idempotency-replayed"]], [undefined, "true"]);
  const other = await rest.call("POST", "/recipients", { email: "bob@example.com" }, key);
  assert.deepEqual([other.status, other.json["code"]], [422, "WEB-100124"]);
  assert.equal((await rest.call("GET", "/recipients?count=true")).json["count"], 1);

  const race = await Promise.all(
    Array.from({ length: 8 }, () =>
      rest.call("POST", "/recipients", { email: "cy@example.com" }, { "idempotency-key": "race" }),
    ),
  );
  for (const { status } of race) assert.ok(status === 201 || status === 409, String(status));
  assert.equal((await rest.call("GET", "/recipients?email=cy@example.com&count=true")).json["count"], 1);

  const wrong = { "idempotency-key": "mended" };
  assert.equal((await rest.call("POST", "/groups", { name: 5 }, wrong)).status, 400);
  assert.equal((await rest.call("POST", "/groups", { name: "n" }, wrong)).status, 201, "a refusal keeps no key");
});

test("methods are called by their names, static ones, those of a row and those without a table, as SOAP would", async (t) => {
  const rest = await aRest(t);
  const info = await rest.call("POST", "/session/get-user-info");
  assert.equal(info.status, 200, info.text);
  assert.match(String(info.json["userInfo"]), /^<userInfo .*login="admin"/);
  assert.equal((await rest.call("POST", "/session/test-cnx", {})).status, 204);
  const query = '<queryDef schema="xtk:option" operation="count"/>';
  const counted = await rest.call("POST", "/query-def/execute-query", { document: query });
  assert.match(String(counted.json["output"]), /count="\d+"/, counted.text);
  const unknown = await rest.call("POST", "/session/test-cnx", { parameter: 1 });
  assert.deepEqual([unknown.status, (unknown.json["errors"] as object[]).length], [400, 1]);
  const notXml = await rest.call("POST", "/query-def/execute-query", { document: "<a" });
  assert.equal(notXml.status, 400, notXml.text);
  const notYet = await rest.call("POST", "/session/decrypt-password", { password: "x" });
  assert.equal(notYet.status, 422, notYet.text);
  assert.match(notYet.text, /SOP-330005/);
  const index = (await rest.call("GET", "")).json["services"] as {
    name: string;
    methods: { name: string; isAvailable: boolean; reason?: string }[];
  }[];
  const listed = index.find(({ name }) => name === "session")?.methods.find(({ name }) => name === "decrypt-password");
  assert.deepEqual([listed?.isAvailable, typeof listed?.reason], [false, "string"]);

  const made = await rest.call("POST", "/workflows", { internalName: "wkf1", label: "One" });
  assert.equal(made.status, 201, made.text);
  const stopped = await rest.call("POST", `/workflows/internalName=wkf1/stop`);
  assert.ok(stopped.status < 500, stopped.text);
  assert.equal((await rest.call("POST", "/workflows/internalName=nothing/stop")).status, 404);
  assert.equal((await rest.call("POST", `/workflows/internalName=wkf1/stop`, { workflowId: "2" })).status, 400);
});

test("someone logs on over REST, from no other site's page", async (t) => {
  const rest = await aRest(t);
  const nobody = { "x-session-token": undefined, "x-security-token": undefined };
  const right = { login: "admin", password: "correct horse battery" };
  const made = await rest.call("POST", "/session/logon", right, nobody);
  assert.equal(made.status, 200, made.text);
  const tokens = {
    "x-session-token": String(made.json["sessionToken"]),
    "x-security-token": String(made.json["securityToken"]),
  };
  assert.equal((await rest.call("GET", "/recipients", undefined, tokens)).status, 200);
  assert.equal((await rest.call("POST", "/session/logon", { ...right, password: "wrong" }, nobody)).status, 403);
  assert.equal(
    (await rest.call("POST", "/session/logon", right, { ...nobody, origin: "https://evil.example" })).status,
    403,
  );
  assert.equal((await rest.call("POST", "/session/logoff", {}, tokens)).status, 204);
  assert.equal((await rest.call("GET", "/recipients", undefined, tokens)).status, 401);
  assert.equal(
    (await rest.call("POST", "/session/logon", right, tokens)).status,
    200,
    "whatever is left of a former one",
  );
});

test("a stranger's body is not read before he is refused", async (t) => {
  const { web } = await aRest(t);
  const status = await new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": "10000000" };
    const request = sendRequest(
      { host: "127.0.0.1", port: web.port, method: "POST", path: "/api/v1/recipients", headers },
      (response) => {
        resolve(response.statusCode);
        request.destroy();
      },
    );
    request.on("error", reject);
    request.write("{");
  });
  assert.equal(status, 401);
});

test("without a database the answer is 503 within two seconds, and all is well when it is back", async (t) => {
  const { db, fallSilent, comeBack } = await aFalteringDatabase(t, await aDatabaseAddress(t));
  const rest = await aRest(t, { db });
  assert.equal((await rest.call("GET", "/recipients")).status, 200);
  fallSilent();
  const begun = performance.now();
  const away = await rest.call("GET", "/recipients");
  assert.deepEqual([away.status, away.headers["retry-after"], away.json["code"]], [503, "5", "WEB-100003"]);
  assert.ok(performance.now() - begun < 2_500);
  comeBack();
  let status = 0;
  for (let turn = 0; turn < 100 && status !== 200; turn += 1) ({ status } = await rest.call("GET", "/recipients"));
  assert.equal(status, 200);
});
