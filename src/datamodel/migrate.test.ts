import assert from "node:assert/strict";
import { test } from "node:test";

import { openDatabase } from "#foundation/database.ts";
import { anEmptyDatabaseAddress } from "#test/support/database.ts";

import { checkVersion } from "./check-version.ts";
import { listMigrations } from "./list-migrations.ts";
import { migrate } from "./migrate.ts";

const one = { name: "0001-one", text: "-- one\ncreate table one (a int); create table two (b int);" };
const broken = { name: "0002-broken", text: "-- two\ncreate table three (a int); select nonsense;" };

test("migrations run once, in order, also when two processes start at the same time", async (t) => {
  const address = await anEmptyDatabaseAddress(t);
  const runs = await Promise.all([migrate(address, [one]), migrate(address, [one])]);
  assert.deepEqual(runs.flat(), ["0001-one"]);
  assert.deepEqual(await migrate(address, [one]), []);
});

test("a migration that fails is undone and named", async (t) => {
  const address = await anEmptyDatabaseAddress(t);
  await assert.rejects(migrate(address, [one, broken]), /0002-broken failed and was undone/);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 1 });
  t.after(() => db.close());
  assert.deepEqual(await db.first((row) => row)`select to_regclass('three') as t`, { t: null });
});

test("a database of a newer version is refused before anything is touched", async (t) => {
  const address = await anEmptyDatabaseAddress(t);
  await migrate(address, [one, { name: "0002-more", text: "-- more\ncreate table more (a int);" }]);
  await assert.rejects(migrate(address, [one]), /newer Postrider .*0002-more/);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 1 });
  t.after(() => db.close());
  await assert.rejects(checkVersion(db, "main", [one]), /newer Postrider/);
});

test("a database that lacks migrations is told apart from one that is right", async (t) => {
  const address = await anEmptyDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 1 });
  t.after(() => db.close());
  await assert.rejects(checkVersion(db, "main", [one]), /-updatedb -instance:main/);
  await migrate(address, [one]);
  await checkVersion(db, "main", [one]);
});

test("every migration says why in its first line, and the numbers have no gap", () => {
  const migrations = listMigrations();
  migrations.forEach(({ name, text }, index) => {
    assert.equal(Number(name.slice(0, 4)), index + 1);
    assert.match(text, /^-- \S/);
  });
});
