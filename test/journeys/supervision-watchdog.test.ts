import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { controlSocketPath, readStatus } from "#channels/control/control.ts";
import type { PlatformStatus } from "#channels/control/control-messages.ts";
import { openDatabase } from "#foundation/database.ts";
import { startEmbeddedPostgres } from "#foundation/embedded-postgres.ts";
import { type Home, locateHome, programFolder } from "#foundation/home.ts";
import { anEmptyDatabaseAddress } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { runVerb, startWatchdog } from "#test/support/platform.ts";
import { isAlive, processesOf } from "#test/support/processes.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { slownessNow } from "#test/support/slowness.ts";
import { until } from "#test/support/until.ts";

import { createForeignTable, listHosts } from "./supervision-store.ts";

type Place = { readonly home: Home; readonly environment: NodeJS.ProcessEnv };

/** A data folder and ports for a platform with its own embedded database. */
async function aPlace(t: Ending, variables: Readonly<Record<string, string>> = {}): Promise<Place> {
  const root = aFolder(t);
  const environment = { ...process.env, ...(await freePorts()), POSTRIDER_HOME: root, ...variables };
  return { home: locateHome({ POSTRIDER_HOME: root }), environment };
}

/** Starts the watchdog of a place and waits until it is ready. */
async function start(
  t: Ending,
  { home, environment }: Place,
): Promise<{ watchdog: ChildProcess; status: PlatformStatus }> {
  const watchdog = startWatchdog(environment);
  let said = "";
  for (const stream of [watchdog.stdout, watchdog.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (said += text));
  t.after(async () => void (await end(watchdog)));
  const status = await until(
    async () => {
      assert.equal(watchdog.exitCode, null, said);
      const found = await readStatus(home).catch(() => undefined);
      return found?.phase === "ready" ? found : undefined;
    },
    "the platform to be ready",
    { limitMs: 150_000 },
  );
  return { watchdog, status };
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  return child.exitCode;
}

test("5 s after a watchdog is killed no process is left, PostgreSQL included, and the next start takes over what it left", {
  timeout: 300_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const place = await aPlace(t);
  const first = await start(t, place);
  assert.deepEqual(first.status.missing, []);
  assert.ok(
    processesOf(place.home.root).some(({ command }) => command.includes("postgres")),
    "the embedded PostgreSQL runs",
  );

  const limitMs = 5_000 * (await slownessNow());
  process.kill(first.status.pid, "SIGKILL");
  await until(() => processesOf(place.home.root).length === 0, "every process to end", { limitMs });
  assert.ok(existsSync(controlSocketPath(place.home)), "the socket is left behind");

  const second = await start(t, place);
  assert.deepEqual(second.status.missing, []);

  // Without a pause: the next watchdog waits for the orphans that still hold the ports.
  process.kill(second.status.pid, "SIGKILL");
  const third = await start(t, place);
  assert.deepEqual(third.status.missing, []);
  assert.deepEqual(
    third.status.processes.filter(({ restarts }) => restarts > 0).map(({ module }) => module),
    [],
  );
  assert.equal(await end(third.watchdog), 0);
  assert.deepEqual(processesOf(place.home.root), []);
  assert.equal(existsSync(controlSocketPath(place.home)), false);
});

test("a platform takes over a pid file that names another process by now, refuses a second watchdog, and starts its PostgreSQL again", {
  timeout: 300_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const place = await aPlace(t);
  mkdirSync(place.home.var, { recursive: true });
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  writeFileSync(join(place.home.var, "watchdog.pid"), JSON.stringify({ pid: process.pid, startTicks: "1", bootId }));
  const { status } = await start(t, place);
  assert.deepEqual(status.missing, []);

  const startedMs = performance.now();
  const { code, output } = await runVerb(["watchdog"], place.environment);
  const durationMs = performance.now() - startedMs;
  assert.equal(code, 2);
  assert.match(
    output,
    new RegExp(`^postrider: Postrider is already running on the data folder .* \\(pid ${status.pid}\\)`),
  );
  assert.equal(output.trim().split("\n").length, 1);
  // A second on an idle machine; other tests may run beside this one.
  assert.ok(durationMs < 3_000 * (durationMs < 3_000 ? 1 : await slownessNow()), `it took ${durationMs} ms`);
  assert.equal((await readStatus(place.home)).pid, status.pid);

  const { pid = 0 } = status.databases[0] ?? {};
  process.kill(pid, "SIGKILL");
  const after = await until(
    async () => {
      const found = await readStatus(place.home);
      const [database] = found.databases;
      return database?.isReady === true && database.pid !== pid ? found : undefined;
    },
    "the new server",
    { limitMs: 30_000 },
  );
  assert.deepEqual(after.missing, []);
  assert.deepEqual(
    after.processes.map(({ module, pid }) => [module, pid]),
    status.processes.map(({ module, pid }) => [module, pid]),
  );
});

test("Ctrl-C in a terminal ends a platform in order, also while it starts for the first time", {
  timeout: 180_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const place = await aPlace(t);
  // A group of its own, since a terminal sends the signal to the whole group.
  const watchdog = spawn(join(programFolder, "bin/postrider"), ["watchdog"], {
    env: place.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  t.after(async () => void (await end(watchdog)));
  let said = "";
  watchdog.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await until(
    () => processesOf(place.home.root).some(({ command }) => /initdb|postgres/.test(command)),
    "the database to be made",
    { limitMs: 30_000 },
  );
  const ended = once(watchdog, "exit");
  process.kill(-(watchdog.pid ?? 0), "SIGINT");
  const [code] = (await ended) as [number | null];
  assert.equal(code, 0);
  assert.match(said, /Server stopped/);
  await until(() => processesOf(place.home.root).length === 0, "no process to be left", {
    limitMs: 5_000 * (await slownessNow()),
  });

  const { status } = await start(t, place);
  assert.deepEqual(status.missing, []);
});

test("a known database that is away keeps only the instance's modules waiting, and they start when it is there", {
  timeout: 240_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const folder = aFolder(t);
  const address = (database: string): string =>
    `postgres://postrider@localhost/${database}?host=${encodeURIComponent(join(folder, "s"))}`;
  const startServer = (): ReturnType<typeof startEmbeddedPostgres> =>
    startEmbeddedPostgres({
      dataFolder: join(folder, "data"),
      socketFolder: join(folder, "s"),
      databaseName: "outside",
      maintenanceAddress: { url: address("postgres") },
      sharedBuffersMb: 32,
      onLine: () => undefined,
      isDurable: false,
    });
  let server = await startServer();
  t.after(() => server.stop());
  const place = await aPlace(t, { POSTRIDER_DATABASE_URL: address("outside") });
  const first = await start(t, place);
  assert.deepEqual(first.status.missing, []);
  assert.equal(first.status.databases[0]?.kind, "external");
  await end(first.watchdog);

  await server.stop();
  const watchdog = startWatchdog(place.environment);
  t.after(async () => void (await end(watchdog)));
  const waiting = await until(
    async () => {
      const found = await readStatus(place.home).catch(() => undefined);
      const isUp = (module: string): boolean =>
        found?.processes.some((entry) => entry.module === module && entry.state === "ready") ?? false;
      return isUp("trackinglogd") && isUp("web") ? found : undefined;
    },
    "the modules of the host",
    { limitMs: 60_000 },
  );
  const mta = waiting.processes.find(({ module }) => module === "mta");
  assert.equal(mta?.state, "waiting");
  assert.match(mta?.lastError ?? "", /it waits for its database: .*cannot be reached/);

  server = await startServer();
  await until(async () => (await readStatus(place.home)).missing.length === 0, "all modules", { limitMs: 60_000 });
  assert.equal(isAlive(watchdog.pid ?? 0), true);
});

test("an external database that holds tables but not ours is left alone until the operator says otherwise", {
  timeout: 180_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const address = await anEmptyDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "journey", maxConnections: 1 });
  t.after(() => db.close());
  await createForeignTable(db);
  const place = await aPlace(t, { POSTRIDER_DATABASE_URL: address.url });
  const watchdog = startWatchdog(place.environment);
  t.after(async () => void (await end(watchdog)));
  const waiting = await until(
    async () => {
      const found = await readStatus(place.home).catch(() => undefined);
      return found?.processes.some(({ module, state }) => module === "mta" && state === "waiting") ? found : undefined;
    },
    "the modules to wait",
    { limitMs: 60_000 },
  );
  const mta = waiting.processes.find(({ module }) => module === "mta");
  assert.match(mta?.lastError ?? "", /it waits for its database: .*postrider config -updatedb -instance:main/);

  const updated = await runVerb(["config", "-updatedb", "-instance:main"], place.environment);
  assert.equal(updated.code, 0, updated.output);
  assert.match(updated.output, /^main: ran 0001-/);
  await until(async () => (await readStatus(place.home)).missing.length === 0, "all modules", { limitMs: 60_000 });
  assert.deepEqual(
    await until(async () => ((await listHosts(db)).length > 0 ? listHosts(db) : undefined), "the host to register"),
    [hostname()],
  );
});

test("uninstalling the last instance stops the platform and leaves nothing behind, external data excepted", {
  timeout: 180_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const place = await aPlace(t);
  const { watchdog, status } = await start(t, place);
  const socket = status.databases[0]?.where ?? "";
  assert.ok(existsSync(socket));
  const unsure = await runVerb(["uninstall", "-instance:main"], place.environment);
  assert.equal(unsure.code, 2);
  assert.match(unsure.output, /Nothing was removed/);
  assert.equal((await readStatus(place.home)).pid, status.pid);

  const { code, output } = await runVerb(["uninstall", "-instance:main", "-force"], place.environment);
  assert.equal(code, 0, output);
  await end(watchdog);
  assert.deepEqual(processesOf(place.home.root), []);
  assert.equal(existsSync(place.home.root), false);
  assert.equal(existsSync(place.home.runtime), false);
  assert.equal(existsSync(socket), false);
});

test("an instance can be added and removed while another runs on undisturbed", { timeout: 180_000 }, async (hooks) => {
  const t = inReverse(hooks);
  const root = aFolder(t);
  // Ports in files, not in the environment: an environment holds for all instances alike.
  const {
    POSTRIDER_STAT_PORT: stat,
    POSTRIDER_INBOX_PORT: inbox,
    POSTRIDER_IN_MAIL_PORT: inMail,
    ...ofHost
  } = await freePorts();
  const environment = { ...process.env, ...ofHost, POSTRIDER_HOME: root };
  const place = { home: locateHome({ POSTRIDER_HOME: root }), environment };
  const config = async (...words: string[]): Promise<string> => {
    const { code, output } = await runVerb(["config", ...words], environment);
    assert.equal(code, 0, output);
    return output;
  };
  await config("-addinstance:main/*");
  await config("-instance:main", `stat.port=${stat ?? ""}`, `inbox.port=${inbox ?? ""}`, `inMail.port=${inMail ?? ""}`);
  const { status } = await start(t, place);
  const pidsOfMain = (found: PlatformStatus): string[] =>
    found.processes.filter(({ instance }) => instance !== "shop").map(({ module, pid }) => `${module} ${pid}`);

  await config("-addinstance:shop/*.shop.example/fr");
  const other = await freePorts();
  await config(
    "-instance:shop",
    `stat.port=${other["POSTRIDER_STAT_PORT"] ?? ""}`,
    `inbox.port=${other["POSTRIDER_INBOX_PORT"] ?? ""}`,
    `inMail.port=${other["POSTRIDER_IN_MAIL_PORT"] ?? ""}`,
  );
  assert.match(await config("-instance:shop", "instance.lang"), /instance\.lang = "fr"/);
  assert.match(await config("-reload"), /mta@shop/);
  const both = await until(
    async () => {
      const found = await readStatus(place.home);
      return found.databases.length === 2 && found.missing.length === 0 ? found : undefined;
    },
    "the second instance",
    { limitMs: 60_000 },
  );
  assert.deepEqual(pidsOfMain(both), pidsOfMain(status));

  const removed = await runVerb(["uninstall", "-instance:shop", "-force"], environment);
  assert.equal(removed.code, 0, removed.output);
  const after = await readStatus(place.home);
  assert.deepEqual(
    after.databases.map(({ instance }) => instance),
    ["main"],
  );
  assert.deepEqual(pidsOfMain(after), pidsOfMain(status));
  assert.equal(existsSync(join(place.home.var, "shop")), false);
  assert.equal(existsSync(join(place.home.conf, "instance-shop.toml")), false);
});
