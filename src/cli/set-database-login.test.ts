import assert from "node:assert/strict";
import { test } from "node:test";

import { parseDatabaseLogin } from "./set-database-login.ts";

test("account, database, password and server are read from Classic's form", () => {
  assert.deepEqual(parseDatabaseLogin("PostgreSQL:rider:campaigns/pa55@db.example.org"), {
    url: "postgres://rider@db.example.org/campaigns",
    password: "pa55",
  });
  assert.deepEqual(parseDatabaseLogin("rider@db:5433"), { url: "postgres://rider@db:5433/rider", password: "" });
});

test("a password may hold at signs, slashes and colons", () => {
  assert.deepEqual(parseDatabaseLogin("rider:campaigns/p@ss/w:rd@127.0.0.1"), {
    url: "postgres://rider@127.0.0.1/campaigns",
    password: "p@ss/w:rd",
  });
});

test("a folder as server means a Unix socket", () => {
  assert.equal(
    parseDatabaseLogin("rider@/var/run/postgresql").url,
    "postgres://rider@localhost/rider?host=%2Fvar%2Frun%2Fpostgresql",
  );
});

test("what lacks a part or names another engine is refused", () => {
  for (const text of ["", "@", "rider", "@db", "rider@", ":db@host", "Oracle:rider:db@host", "rider:@host"]) {
    assert.throws(() => parseDatabaseLogin(text), { code: "CLI-100007" }, text);
  }
});
