import assert from "node:assert/strict";
import { test } from "node:test";

import { commandLine } from "#campaign/access/operators/administration.ts";
import { createOperator } from "#campaign/access/operators/create-operator.ts";
import { aRest, type Rest } from "#test/support/rest.ts";

const noSession = { "x-session-token": undefined, "x-security-token": undefined };

async function aToken(
  rest: Rest,
  scopes: readonly string[],
  more: object = {},
): Promise<Record<string, string | undefined>> {
  const made = await rest.call("POST", "/api-tokens", { label: "Test", scopes, ...more });
  assert.equal(made.status, 201, made.text);
  return { ...noSession, authorization: `Bearer ${String(made.json["token"])}` };
}

async function anOperator(rest: Rest, login: string, rights: readonly string[]): Promise<Record<string, string>> {
  const password = "a long enough password";
  await createOperator(
    { db: rest.web.context.db, by: commandLine },
    { login, label: login, password, rights, groups: [], securityZone: undefined, folderId: undefined },
  );
  const tokens = await rest.web.logOn(login, password);
  return { "x-session-token": tokens.session, "x-security-token": tokens.security };
}

test("every operation of the description is refused to whoever has no session, a wrong one, or another one's proof", async (t) => {
  const rest = await aRest(t);
  const other = await rest.web.logOn();
  const { paths } = (await rest.call("GET", "/openapi.json")).json as {
    paths: Record<string, Record<string, { security?: object[] }>>;
  };
  let count = 0;
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, { security }] of Object.entries(item)) {
      if (method === "parameters" || security !== undefined) continue;
      const address = path.replace("/api/v1", "").replace("{id}", "1");
      const ways: Record<string, string | undefined>[] = [
        noSession,
        { ...noSession, authorization: `Bearer pr_${"x".repeat(32)}` },
        { ...noSession, authorization: "Basic YWRtaW46eA==" },
        { "x-security-token": other.security },
      ];
      for (const headers of count % 7 === 0 ? ways : ways.slice(0, 1)) {
        const answer = await rest.call(
          method.toUpperCase(),
          address,
          method === "get" || method === "delete" ? undefined : {},
          headers,
        );
        assert.equal(answer.status, 401, `${method} ${path} ${JSON.stringify(headers)}`);
        assert.match(String(answer.headers["www-authenticate"]), /^Bearer realm="postrider"/);
      }
      count += 1;
    }
  }
  assert.ok(count > 200, String(count));
  const stranger = await rest.call("GET", "/nothing/of/the/kind/here", undefined, noSession);
  assert.equal(stranger.status, 401, "what exists is nobody's business");
});

test("a cookie reads; a change by cookie needs the security token, a JSON body and a page of this host", async (t) => {
  const rest = await aRest(t);
  const cookie = await rest.web.logOnInBrowser();
  const session = await rest.call("GET", "/session", undefined, { ...noSession, cookie });
  assert.deepEqual([session.status, session.json["login"]], [200, "admin"]);
  const proof = String(session.json["securityToken"]);
  const post = (
    headers: Record<string, string>,
    body: unknown = { email: "a@example.com" },
  ): Promise<{ status: number }> => rest.call("POST", "/recipients", body, { ...noSession, cookie, ...headers });
  assert.equal((await post({})).status, 403);
  assert.equal((await post({ "x-security-token": "@x" })).status, 403);
  assert.equal((await post({ "x-security-token": (await rest.web.logOn()).security })).status, 403);
  assert.equal((await post({ "x-security-token": proof, origin: "https://evil.example" })).status, 403);
  assert.equal((await post({ "x-security-token": proof, "sec-fetch-site": "cross-site" })).status, 403);
  assert.equal(
    (await post({ "x-security-token": proof, "content-type": "text/plain" }, '{"email":"a@example.com"}')).status,
    415,
  );
  assert.equal(
    (await post({ "x-security-token": proof, "content-type": "application/x-www-form-urlencoded" }, "email=a")).status,
    415,
  );
  assert.equal((await post({ "x-security-token": proof })).status, 201);
  assert.equal((await rest.call("DELETE", "/recipients/1", undefined, { ...noSession, cookie })).status, 403);
});

test("a token is shown once, works until it is revoked, and cannot make another", async (t) => {
  const rest = await aRest(t);
  const made = await rest.call("POST", "/api-tokens", {
    label: "Shop",
    scopes: ["recipients"],
    expires: "2999-01-01T00:00:00Z",
  });
  assert.match(String(made.json["token"]), /^pr_[\w-]{32}$/);
  const authorization = `Bearer ${String(made.json["token"])}`;
  const list = await rest.call("GET", "/api-tokens");
  assert.doesNotMatch(list.text, new RegExp(String(made.json["token"])));
  const [entry] = list.json["items"] as { id: number; label: string; scopes: string[]; isRevoked: boolean }[];
  assert.deepEqual([entry?.label, entry?.scopes, entry?.isRevoked], ["Shop", ["recipients"], false]);

  const asToken = { ...noSession, authorization };
  assert.equal((await rest.call("GET", "/recipients", undefined, asToken)).status, 200);
  assert.deepEqual((await rest.call("GET", "/session", undefined, asToken)).json["scopes"], ["recipients"]);
  for (const [method, path] of [
    ["POST", "/api-tokens"],
    ["GET", "/api-tokens"],
    ["DELETE", `/api-tokens/${entry?.id}`],
  ] as const) {
    const answer = await rest.call(
      method,
      path,
      method === "POST" ? { label: "x", scopes: ["*"] } : undefined,
      asToken,
    );
    assert.deepEqual([answer.status, answer.json["code"]], [403, "WEB-100120"], method);
  }
  assert.equal((await rest.call("DELETE", `/api-tokens/${entry?.id}`)).status, 204);
  assert.equal((await rest.call("GET", "/recipients", undefined, asToken)).status, 401);
  assert.equal((await rest.call("DELETE", `/api-tokens/${entry?.id}`)).status, 404);
  const wrong = await rest.call("POST", "/api-tokens", {
    label: " ",
    scopes: ["everything!"],
    expires: "2001-01-01T00:00:00Z",
    x: 1,
  });
  assert.deepEqual((wrong.json["errors"] as { field: string }[]).map(({ field }) => field).sort(), [
    "expires",
    "label",
    "scopes",
    "x",
  ]);
});

test("a token does what its scopes say and no more, also through links", async (t) => {
  const rest = await aRest(t);
  const made = await rest.call("POST", "/recipients", { email: "ann@example.com" });
  const path = String(made.headers["location"]).replace("/api/v1", "");
  const status = async (
    headers: Record<string, string | undefined>,
    method: string,
    address: string,
    body?: unknown,
  ): Promise<number> => (await rest.call(method, address, body, headers)).status;

  const reader = await aToken(rest, ["recipients:read"]);
  assert.equal(await status(reader, "GET", path), 200);
  assert.equal(await status(reader, "PATCH", path, { firstName: "A" }), 403);
  assert.equal(await status(reader, "DELETE", path), 403);
  assert.equal(await status(reader, "GET", "/folders"), 403);
  assert.equal(await status(reader, "GET", `${path}?fields=folder/name`), 400);
  assert.equal(await status(reader, "GET", "/recipients?sort=folder/name"), 400);
  assert.equal(await status(reader, "GET", "/recipients?folder/name=x"), 400);
  assert.equal(await status(reader, "GET", `/recipients?filter=${encodeURIComponent("[folder/@name] = 'x'")}`), 400);
  assert.equal(
    await status(reader, "GET", `/recipients?filter=${encodeURIComponent("Lower([folder/@name]) LIKE 'x'")}`),
    400,
  );
  assert.equal(await status(reader, "POST", "/session/test-cnx"), 403);
  const seen = (await rest.call("GET", "", undefined, reader)).json["entities"] as { name: string; links: object[] }[];
  assert.deepEqual(
    seen.map(({ name, links }) => [name, links]),
    [["recipients", []]],
  );
  const described = (await rest.call("GET", "/openapi.json", undefined, reader)).json["paths"] as object;
  assert.equal("/api/v1/recipients" in described, true);
  assert.equal("/api/v1/folders" in described || "/api/v1/recipients/bulk" in described, false);

  const writer = await aToken(rest, ["recipients:write"]);
  const written = await rest.call("POST", "/recipients", { email: "bob@example.com" }, writer);
  assert.deepEqual([written.status, written.text], [201, ""], "who may not read is told nothing but where it is");
  assert.equal(await status(writer, "GET", "/recipients"), 403);
  assert.equal(await status(writer, "POST", "/recipients", { email: "x@example.com", folder: { name: "x" } }), 400);

  const all = await aToken(rest, ["read", "methods"]);
  assert.equal(await status(all, "GET", `${path}?fields=folder/name`), 200);
  assert.equal(await status(all, "POST", "/session/test-cnx"), 204);
  assert.equal(await status(all, "POST", "/recipients", { email: "x@example.com" }), 403);
});

test("an operator finds no entity that he may not read, and is told which he may not write", async (t) => {
  const rest = await aRest(t);
  const few = await anOperator(rest, "few", ["export"]);
  const missing = await rest.call("GET", "/nothing-of-the-kind", undefined, few);
  for (const [method, path] of [
    ["GET", "/audit-trail"],
    ["GET", "/audit-trail/1"],
    ["POST", "/audit-trail"],
  ] as const) {
    const answer = await rest.call(method, path, method === "GET" ? undefined : {}, few);
    assert.deepEqual({ ...answer.json, requestId: "" }, { ...missing.json, requestId: "" }, `${method} ${path}`);
    assert.equal(answer.status, 404);
  }
  const option = await rest.call("POST", "/options", { name: "x", stringValue: "y" }, few);
  assert.deepEqual([option.status, option.json["code"]], [403, "WEB-100127"], option.text);
  const method = await rest.call("POST", "/workflows/1/start", {}, few);
  assert.equal(method.status, 404, method.text);
});

test("rows of a folder that an operator may not read or write are as the rights of the folder say", async (t) => {
  const rest = await aRest(t);
  const few = await anOperator(rest, "few", ["export"]);
  const made = await rest.call("POST", "/folders", { name: "secret", label: "Secret" });
  const folder = Number(made.json["id"]);
  await rest.web.context.db
    .run`insert into xtk_folder_right (folder_id, operator_id, group_id, can_read, can_write, can_delete)
    select ${folder}, operator_id, 0, false, false, false from xtk_operator where name = 'few'`;
  const person = await rest.call("POST", "/recipients", { email: "ann@example.com", "folder-id": folder });
  const path = String(person.headers["location"]).replace("/api/v1", "");
  for (const [method, body] of [
    ["GET", undefined],
    ["PATCH", { firstName: "x" }],
    ["DELETE", undefined],
  ] as const)
    assert.equal((await rest.call(method, path, body, few)).status, 404, method);
  assert.deepEqual((await rest.call("GET", "/recipients?count=true&email=ann@example.com", undefined, few)).json, {
    items: [],
    count: 0,
  });
  const into = await rest.call("POST", "/recipients", { email: "bob@example.com", "folder-id": folder }, few);
  assert.ok(into.status >= 400 && into.status < 500, into.text);

  await rest.web.context.db.run`update xtk_folder_right set can_read = true where folder_id = ${folder}`;
  assert.equal((await rest.call("GET", path, undefined, few)).status, 200);
  const change = await rest.call("PATCH", path, { firstName: "x" }, few);
  assert.equal(change.status, 403, change.text);
  const removal = await rest.call("DELETE", path, undefined, few);
  assert.equal(removal.status, 403, removal.text);
});

test("every operation that needs more than an operator has is refused to him, and none fails", async (t) => {
  const rest = await aRest(t);
  const few = await anOperator(rest, "few", ["export"]);
  type Paths = Record<string, Record<string, { description?: string }>>;
  const pathsFor = async (headers?: Record<string, string>): Promise<Paths> =>
    (await rest.call("GET", "/openapi.json", undefined, headers)).json["paths"] as Paths;
  const [all, his] = [await pathsFor(), await pathsFor(few)];
  let count = 0;
  for (const [path, item] of Object.entries(all)) {
    for (const [method, operation] of Object.entries(item)) {
      const needsRight = /Needs the right/.test(operation.description ?? "");
      if (method === "parameters" || (his[path]?.[method] !== undefined && !needsRight)) continue;
      const address = path.replace("/api/v1", "").replace("{id}", "1");
      const body = path.endsWith("/bulk") ? [{}] : {};
      const answer = await rest.call(
        method.toUpperCase(),
        address,
        method === "get" || method === "delete" ? undefined : body,
        few,
      );
      assert.ok([403, 404, 422].includes(answer.status), `${method} ${path}: ${answer.status} ${answer.text}`);
      assert.ok(answer.status !== 422 || answer.json["code"] === "SOP-330005", `${method} ${path}: ${answer.text}`);
      count += 1;
    }
  }
  t.diagnostic(`${count} operations`);
  assert.ok(count > 100, String(count));
});
