import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { aFolder } from "#test/support/temporary-folder.ts";
import { inReverse } from "#test/support/endings.ts";
import { until } from "#test/support/until.ts";

import { openDatabase } from "./database.ts";
import { type EmbeddedOptions, startEmbeddedPostgres } from "./embedded-postgres.ts";

function optionsIn(folder: string): EmbeddedOptions {
  const socketFolder = join(folder, "s");
  return {
    dataFolder: join(folder, "data"),
    socketFolder,
    databaseName: "postrider_main",
    maintenanceAddress: { url: `postgres://postrider@localhost/postgres?host=${encodeURIComponent(socketFolder)}` },
    sharedBuffersMb: 16,
    onLine: () => undefined,
    isDurable: false,
  };
}

function openMain(options: EmbeddedOptions): ReturnType<typeof openDatabase> {
  return openDatabase({
    address: { url: options.maintenanceAddress.url.replace("/postgres?", "/postrider_main?") },
    applicationName: "test",
    maxConnections: 1,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a server is made once, keeps its data, and takes over what a crash left behind", async (t) => {
  const options = optionsIn(aFolder(t));
  const first = await startEmbeddedPostgres(options);
  const db = openMain(options);
  await db.run`create table kept (n int)`;
  await db.close();
  await first.stop();
  assert.equal(isAlive(first.pid), false);

  // As after a power cut: the file names a pid that lives, but belongs to another program by now.
  writeFileSync(join(options.dataFolder, "postmaster.pid"), `${process.pid}\n${options.dataFolder}\n`);
  writeFileSync(join(options.socketFolder, ".s.PGSQL.5432.lock"), `${process.pid}\n`);
  const second = await startEmbeddedPostgres(options);
  const again = openMain(options);
  assert.equal(await again.run`select 1 from kept`, 0);
  await again.close();
  await second.stop();
});

test("files of the write-ahead log that a burst has needed are kept for the next one", async (test) => {
  const t = inReverse(test);
  const options = optionsIn(aFolder(t));
  const server = await startEmbeddedPostgres(options);
  t.after(() => server.stop());
  const db = openMain(options);
  t.after(() => db.close());
  const countFiles = (): number =>
    readdirSync(join(options.dataFolder, "pg_wal")).filter((name) => /^[0-9A-F]{24}$/.test(name)).length;
  await db.run`select pg_logical_emit_message(false, 'test', repeat('x', 1000000)) from generate_series(1, 160)`;
  await db.run`checkpoint`;
  const files = countFiles();
  for (let checkpoint = 0; checkpoint < 16; checkpoint += 1) {
    await db.run`select pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()`;
    await db.run`checkpoint`;
  }
  assert.ok(countFiles() >= files, `${countFiles()} of ${files}`);
});

test("a server ends with the process that started it, also when that is killed, and a new start takes its place", async (t) => {
  const options = optionsIn(aFolder(t));
  const program = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(join(import.meta.dirname, "embedded-postgres.ts"))});
    const server = await startEmbeddedPostgres({ ...${JSON.stringify(options)}, onLine: () => undefined });
    process.stdout.write(server.pid + "\\n");
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => parent.kill("SIGKILL"));
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  assert.ok(isAlive(pid));
  parent.kill("SIGKILL");
  // Not waiting for the old server: the new start must cope with one that is still stopping.
  const next = await startEmbeddedPostgres(options);
  assert.notEqual(next.pid, pid);
  await until(() => !isAlive(pid), "the end of the former server");
  await next.stop();
});

test("a folder that holds something else is left as it is", async (t) => {
  const folder = aFolder(t);
  const options = { ...optionsIn(folder), dataFolder: folder };
  writeFileSync(join(folder, "letter.txt"), "keep me");
  await assert.rejects(startEmbeddedPostgres(options), /no PostgreSQL data/);
  assert.equal(readFileSync(join(folder, "letter.txt"), "utf8"), "keep me");
});

test("as root, a server whose folder nobody else can reach gets its data elsewhere", {
  skip: process.getuid?.() !== 0,
}, async (test) => {
  const t = inReverse(test);
  const folder = aFolder(t);
  chmodSync(folder, 0o700);
  const open = aFolder(t);
  const options = { ...optionsIn(open), dataFolder: join(folder, "data") };
  const server = await startEmbeddedPostgres(options);
  const place = readFileSync(`/proc/${server.pid}/cmdline`, "utf8").split("\0")[2] ?? "";
  assert.match(place, /^\/var\/lib\/postrider\//);
  await server.stop();
  const { rmSync } = await import("node:fs");
  rmSync(place, { recursive: true });
  assert.ok(!existsSync(place));
});
