import assert from "node:assert/strict";
import { test } from "node:test";

import { aRest } from "#test/support/rest.ts";

test("a recipient is created, read, changed and deleted", async (t) => {
  const { call } = await aRest(t);
  const made = await call("POST", "/recipients", {
    email: "Ann@example.com",
    firstName: "Ann",
    location: { city: "Ghent" },
  });
  assert.equal(made.status, 201, made.text);
  const address = String(made.headers["location"]);
  assert.match(address, /^\/api\/v1\/recipients\/\d+$/);
  assert.equal(made.json["email"], "Ann@example.com");
  assert.deepEqual(made.json["location"], { ...(made.json["location"] as object), city: "Ghent" });
  assert.equal(made.json["gender"], "unknown");
  assert.match(String(made.json["created"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  const read = await call("GET", address.replace("/api/v1", ""));
  assert.equal(read.status, 200);
  assert.deepEqual(read.json, made.json);

  const changed = await call("PATCH", address.replace("/api/v1", ""), {
    firstName: "Anna",
    gender: "female",
    company: null,
  });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual(
    [changed.json["firstName"], changed.json["gender"], changed.json["email"]],
    ["Anna", "female", "Ann@example.com"],
  );

  assert.equal((await call("DELETE", address.replace("/api/v1", ""))).status, 204);
  assert.equal((await call("GET", address.replace("/api/v1", ""))).status, 404);
  assert.equal((await call("DELETE", address.replace("/api/v1", ""))).status, 404);
});

test("whole numbers beyond what JavaScript holds exactly are read as they were stored, by SOAP and REST", async (t) => {
  const { call, web, tokens } = await aRest(t);
  const large = "9007199254740993";
  await web.call(
    "Write",
    `<doc><option xtkschema="xtk:option" name="large" dataType="3" longValue="${large}"/></doc>`,
    tokens,
    "xtk:persist|xtk:session",
  );
  const query = `<document><queryDef schema="xtk:option" operation="get"><select><node expr="@longValue"/></select><where><condition expr="@name = 'large'"/></where></queryDef></document>`;
  assert.match((await web.call("ExecuteQuery", query, tokens, "xtk:queryDef")).text, /longValue="9007199254740993"/);
  assert.match((await call("GET", "/options/name=large")).text, /"longValue":9007199254740993[,}]/);
});
