import assert from "node:assert/strict";
import { test } from "node:test";

import { Validator } from "@seriousme/openapi-schema-validator";

import { aRest } from "#test/support/rest.ts";

test("the description is OpenAPI 3.1 that a validator accepts, with every entity and every method", async (t) => {
  const { call } = await aRest(t);
  const { status, json } = await call("GET", "/openapi.json");
  assert.equal(status, 200);
  const validator = new Validator();
  const result = await validator.validate(structuredClone(json));
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(result.valid, true);
  assert.equal(validator.version, "3.1");

  const paths = json["paths"] as Record<string, Record<string, { operationId?: string }>>;
  const index = (await call("GET", "")).json as {
    entities: { name: string; methods: { href: string }[] }[];
    services: { methods: { href: string }[] }[];
  };
  for (const { name } of index.entities) assert.ok(paths[`/api/v1/${name}`]?.["get"], name);
  for (const { href } of [...index.entities, ...index.services].flatMap(({ methods }) => methods))
    assert.ok(paths[href]?.["post"], href);
  const ids = Object.values(paths).flatMap((item) =>
    Object.values(item).flatMap(({ operationId }) => operationId ?? []),
  );
  assert.equal(new Set(ids).size, ids.length, "operation ids are unique");
});

test("the same description is made once, and a client that has it gets no second copy", async (t) => {
  const { call } = await aRest(t);
  const first = await call("GET", "/openapi.json");
  const etag = String(first.headers["etag"]);
  const again = await call("GET", "/openapi.json", undefined, { "if-none-match": etag });
  assert.deepEqual([again.status, again.text], [304, ""]);
});

test("the page to try it holds no script of its own, and its files are there", async (t) => {
  const { web } = await aRest(t);
  const page = await web.get("/api/v1/docs");
  assert.equal(page.status, 200);
  assert.match(String(page.headers["content-security-policy"]), /script-src 'self';/);
  assert.doesNotMatch(page.text, /<script(?![^>]*\bsrc=)|\son\w+=|style=/);
  for (const [, address = ""] of page.text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)) {
    const file = await web.get(address);
    assert.equal(file.status, 200, address);
    assert.match(String(file.headers["content-type"]), /^text\/(javascript|css)/);
    assert.equal(file.headers["x-content-type-options"], "nosniff");
  }
});
