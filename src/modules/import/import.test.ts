import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { aFalteringDatabase, type FalteringDatabase } from "#test/support/faltering-database.ts";
import { aJobHost, type JobHost } from "#test/support/job-process.ts";
import {
  aList,
  aLongList,
  connectionsOf,
  countRecipients,
  jobsOf,
  linesOf,
  membersOf,
  waitingForLocks,
} from "#test/support/lists.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";
import { within } from "#test/support/within.ts";

test("an import prints its report and ends with 0 when all lines were taken, with 1 when some were rejected", async (t) => {
  const host = await aJobHost(t);
  const good = await host.run(
    "import",
    `-file:${aList(t, "email,first name\nann@example.com,Ann\nbob@example.com,Bob\n")}`,
    "-group:readers",
  );
  assert.equal(good.code, 0, good.errors);
  assert.match(good.output, /^ +2 {2}recipients inserted$/m);
  assert.deepEqual(await membersOf(host.db, "readers"), ["ann@example.com", "bob@example.com"]);

  const rejects = join(aFolder(t), "rejects.csv");
  const some = await host.run(
    "import",
    "--file",
    aList(t, "email;x\nann@example.com;1\nnobody;2\n"),
    `--rejects=${rejects}`,
  );
  assert.equal(some.code, 1, some.errors);
  assert.match(some.output, /^ +1 {2}rejected, see .*rejects\.csv$/m);
  assert.match(some.output, /^ +1 {2}address_without_at: The address has no @\.$/m);
  assert.match(some.output, /columns not imported: x/);
  assert.equal(linesOf(rejects).length, 2);
  assert.equal(good.errors + some.errors, "");
});

test("an import that fails prints one sentence, without a stack, and ends with 2", async (t) => {
  const host = await aJobHost(t);
  for (const [words, expected] of [
    [["import"], /^postrider: postrider import needs -file:PATH\. See: postrider import -\?\n$/],
    [["import", "-file:"], /needs -file:PATH/],
    [["import", "-file:/nowhere/list.csv"], /^postrider: There is no file \/nowhere\/list\.csv\..*\n$/],
    [["import", `-file:${aFolder(t)}`], /^postrider: .* is a directory, not a file\..*\n$/],
    [["import", `-file:${aList(t, "")}`], /^postrider: .* is empty\..*\n$/],
    [["import", `-file:${aList(t, "name\nAnn\n")}`], /^postrider: No column of .*\n$/],
    [
      ["import", `-file:${aList(t, "email\na@example.com\n")}`, "-encoding:utf-16"],
      /^postrider: 'utf-16' is no encoding/,
    ],
    [["import", `-file:${aList(t, "email\na@example.com\n")}`, "-separator:%"], /^postrider: '%' separates no cells/],
    [
      ["import", `-file:${aList(t, "email\na@example.com\n")}`, "-rejects:/nowhere/x.csv"],
      /^postrider: The file \/nowhere\/x\.csv cannot be written: its folder does not exist\.\n$/,
    ],
  ] as const) {
    const { code, output, errors } = await host.run(...words);
    assert.equal(code, 2, words.join(" "));
    assert.match(errors, expected);
    assert.equal(output, "");
  }
  assert.equal(await countRecipients(host.db), 0);
});

test("a database that is not there is one sentence and 2, not 1, which would mean rejects", async (t) => {
  const host = await aJobHost(t, {
    POSTRIDER_DATABASE_URL: "postgres://postrider@127.0.0.1:1/x",
    POSTRIDER_IMPORT_RETRY_FOR_SEC: "0",
  });
  const { code, errors } = await host.run("import", `-file:${aList(t, "email\nann@example.com\n")}`);
  assert.equal(code, 2);
  assert.match(errors, /^postrider: The database at 127\.0\.0\.1:1\/x cannot be reached/m);
});

/** Kills the import in the state it is in, waits until the server has noticed, and looks at what is left. */
async function killAndLook(
  host: JobHost,
  child: { kill(signal: NodeJS.Signals): boolean },
  ended: Promise<unknown>,
): Promise<void> {
  child.kill("SIGKILL");
  await ended;
  await until(
    async () => (await connectionsOf(host.db, "import@main")) === 0,
    "the server to notice that the import is dead",
  );
  assert.equal(await countRecipients(host.db), 0);
  assert.deepEqual(await host.db.rows((row) => row)`select * from nms_group`, []);
  assert.deepEqual(await host.db.rows((row) => row)`select * from xtk_reject`, []);
  assert.deepEqual(await host.db.rows((row) => row)`select * from pg_class where relname like 'staged%'`, []);
  assert.equal((await jobsOf(host.db)).at(-1)?.state, "running");
}

async function isCopying(db: Database): Promise<boolean> {
  const count = await db.first((row) => (row as { n: number }).n)`
    select count(*)::int as n from pg_stat_progress_copy where datname = current_database() and tuples_processed > 0`;
  return count === 1;
}

test("kill -9 while the list is read, while it is reconciled and after all was written leaves nothing; a relaunch imports it once", async (t) => {
  const host = await aJobHost(t);
  const folder = aFolder(t);
  const rejects = join(folder, "rejects.csv");
  const file = aLongList(t, 60_000);
  const words = ["import", `-file:${file}`, "-group:readers", `-rejects:${rejects}`];

  const reading = host.start(...words);
  await until(() => isCopying(host.db), "lines to be copied", { stepMs: 1 });
  await killAndLook(host, reading.child, reading.ended);

  await host.db.transaction(async (tx) => {
    await tx.run`select pg_advisory_xact_lock(hashtextextended('nms_recipient.reconciliation', 0))`;
    const reconciling = host.start(...words);
    await until(async () => (await waitingForLocks(host.db)) === 1, "the import to wait for its turn");
    await killAndLook(host, reconciling.child, reconciling.ended);
  });

  // The recipients are written when the group is made: another who is just making it holds the import there.
  const undone = new Error("undone");
  await assert.rejects(
    host.db.transaction(async (tx) => {
      await tx.run`insert into nms_group (name) values ('readers')`;
      const grouping = host.start(...words);
      await until(async () => (await waitingForLocks(host.db)) === 1, "the import to wait for the group");
      await killAndLook(host, grouping.child, grouping.ended);
      throw undone;
    }),
    undone,
  );

  assert.ok(!existsSync(rejects));
  const last = await host.run(...words);
  assert.equal(last.code, 0, last.errors);
  assert.equal(await countRecipients(host.db), 60_000);
  assert.equal(
    await host.db.first(
      (row) => (row as { n: number }).n,
    )`select count(distinct email_key)::int as n from nms_recipient`,
    60_000,
  );
  assert.equal((await membersOf(host.db, "readers")).length, 60_000);
  assert.deepEqual(
    (await jobsOf(host.db)).map(({ state }) => state),
    ["interrupted", "interrupted", "interrupted", "finished"],
  );
  assert.deepEqual(readdirSync(folder), ["rejects.csv"], "the drafts of the dead are gone");
});

test("SIGTERM ends an import at once, also one that waits for another, with 2 and a sentence; nothing is left", async (t) => {
  const host = await aJobHost(t);
  const file = aLongList(t, 10_000);
  const { child, ended } = host.start("import", `-file:${file}`);
  await host.db.transaction(async (tx) => {
    await tx.run`select pg_advisory_xact_lock(hashtextextended('nms_recipient.reconciliation', 0))`;
    await until(async () => (await waitingForLocks(host.db)) === 1, "the import to wait for its turn");
    child.kill("SIGTERM");
    // The other import still holds the lock: it is not waited for.
    await ended;
  });
  const { code, errors } = await ended;
  assert.equal(code, 2);
  assert.match(errors, /^postrider: The import was interrupted\. It left nothing half done: start it again\./m);
  assert.equal(await countRecipients(host.db), 0);
  assert.equal((await jobsOf(host.db))[0]?.state, "interrupted");
});

test("an import whose database restarts in the middle starts again by itself, and makes no duplicates", async (t) => {
  const host = await aJobHost(t);
  const file = aLongList(t, 10_000);
  const importing = await host.db.transaction(async (tx) => {
    await tx.run`select pg_advisory_xact_lock(hashtextextended('nms_recipient.reconciliation', 0))`;
    const { ended } = host.start("import", `-file:${file}`);
    await until(async () => (await waitingForLocks(host.db)) === 1, "the import to wait for its turn");
    await tx.run`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'import@main'`;
    return { ended };
  });
  const { code, errors } = await importing.ended;
  assert.equal(code, 0, errors);
  assert.equal(await countRecipients(host.db), 10_000);
  assert.deepEqual(
    (await jobsOf(host.db)).map(({ state }) => state),
    ["interrupted", "finished"],
  );
});

/** `POSTRIDER_FULL=1` keeps the database away for as long as the catalogue says. */
const awayMs = process.env["POSTRIDER_FULL"] === "1" ? 60_000 : 2_000;

test("F11: an import whose database goes away while lines are copied ends well once it is back, each line once", async (t) => {
  let way: FalteringDatabase | undefined;
  const host = await aJobHost(t, {}, async (address) => {
    way = await aFalteringDatabase(t, address);
    return way.address;
  });
  const rows = 40_000;
  const { child, ended } = host.start("import", `-file:${aLongList(t, rows)}`, "-group:readers");
  await until(() => isCopying(host.db), "lines to be copied", { stepMs: 1 });
  way?.refuse();
  await within(awayMs, new Promise<never>(() => undefined));
  assert.equal(child.exitCode, null, "the process stays");
  assert.equal(await countRecipients(host.db), 0, "nothing is half done");
  way?.comeBack();
  const { code, errors } = await ended;
  assert.equal(code, 0, errors);
  assert.equal(await countRecipients(host.db), rows);
  assert.equal((await membersOf(host.db, "readers")).length, rows);
  assert.equal((await jobsOf(host.db)).at(-1)?.state, "finished");
});
