import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import type { ProcessEntry } from "#channels/control/control-messages.ts";
import { inReverse } from "#test/support/endings.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { aPlatform, type Platform } from "#test/support/platform.ts";
import { isAlive, processesOf } from "#test/support/processes.ts";
import { slownessNow } from "#test/support/slowness.ts";
import { until } from "#test/support/until.ts";

type Running = ProcessEntry & { readonly pid: number };

/** The processes that the watchdog started, without itself and without those that these started. */
async function listRunning(platform: Platform): Promise<Running[]> {
  const { processes } = await platform.status();
  return processes.filter(
    (entry): entry is Running => entry.pid !== undefined && entry.parent === undefined && entry.module !== "watchdog",
  );
}

const nameOf = ({ module, instance }: ProcessEntry): string => `${module}@${instance}`;

test("a module that is killed is back within 2 s, and no other is disturbed", { timeout: 300_000 }, async (hooks) => {
  const t = inReverse(hooks);
  const platform = await aPlatform(t);
  for (const victim of await listRunning(platform)) {
    const before = await listRunning(platform);
    const killedAt = Date.now();
    process.kill(victim.pid, "SIGKILL");
    const back = await until(
      async () =>
        (await listRunning(platform)).find((entry) => nameOf(entry) === nameOf(victim) && entry.pid !== victim.pid),
      `${nameOf(victim)} to be started again`,
      { limitMs: 60_000 },
    );
    const awayMs = Date.parse(back.startedAt ?? "") - killedAt;
    assert.ok(
      awayMs < 2_000 * (awayMs < 2_000 ? 1 : await slownessNow()),
      `${nameOf(victim)} was away for ${awayMs} ms`,
    );
    await platform.ready(victim.module);
    const others = (entries: readonly Running[]): string[] =>
      entries.filter((entry) => nameOf(entry) !== nameOf(victim)).map((entry) => `${nameOf(entry)} ${entry.pid}`);
    assert.deepEqual(others(await listRunning(platform)), others(before));
  }

  const all = await listRunning(platform);
  for (const { pid } of all) process.kill(pid, "SIGKILL");
  await until(
    async () => {
      const now = await listRunning(platform);
      return (
        now.length === all.length &&
        now.every((entry) => entry.state === "ready" && !all.some(({ pid }) => pid === entry.pid))
      );
    },
    "all modules to be back after all were killed at once",
    { limitMs: 60_000 },
  );
});

test("a module that hangs and one that holds too much memory are restarted", { timeout: 180_000 }, async (hooks) => {
  const t = inReverse(hooks);
  const platform = await aPlatform(t, {
    POSTRIDER_WATCHDOG_SILENCE_LIMIT_SEC: "10",
    POSTRIDER_STAT_MAX_PROCESS_MEMORY_WARNING_MB: "50",
    POSTRIDER_STAT_MAX_PROCESS_MEMORY_ALERT_MB: "51",
  });
  const hung = await platform.ready("tracking");
  process.kill(hung.pid, "SIGSTOP");
  const back = await until(
    async () => (await listRunning(platform)).find(({ module, pid }) => module === "tracking" && pid !== hung.pid),
    "the hung module to be started again",
    { limitMs: 30_000 },
  );
  assert.match(back.lastError ?? "", /no sign of life for 10 s/);
  assert.equal(isAlive(hung.pid), false);
  const heavy = await until(
    async () => (await listRunning(platform)).find(({ module, restarts }) => module === "stat" && restarts > 0),
    "the module above the alert to be restarted",
  );
  assert.match(heavy.lastError ?? "", /^restarted at \d+ MB of memory$/);
});

test("the operator's commands act on one process, and say what is missing", { timeout: 180_000 }, async (hooks) => {
  const t = inReverse(hooks);
  const platform = await aPlatform(t);
  const before = await listRunning(platform);

  const listed = await platform.run("pdump", "-noconsole");
  assert.match(listed.output, /^watchdog \(\d+\) - \d+\.\d MB$/m);
  for (const entry of before)
    assert.match(listed.output, new RegExp(`^${nameOf(entry)} \\(${entry.pid}\\) - \\d+\\.\\d MB$`, "m"));
  const who = await platform.run("pdump", "-who", "-noconsole");
  assert.match(who.output, /^Connections -+\nLast Access IP Instance Login$/m);
  assert.match(who.output, /^Connection pool -+\nDatasource Server Provider Login$/m);
  assert.match(who.output, /^\w+@main .* PostgreSQL /m);

  assert.deepEqual(await platform.run("monitor", "-missing", "-noconsole"), { code: 0, output: "" });
  assert.equal((await platform.run("status", "-noconsole")).code, 0);

  const stopped = await platform.run("stop", "inMail@main", "-noconsole");
  assert.deepEqual(stopped, { code: 0, output: "" });
  assert.deepEqual(await platform.run("monitor", "-missing", "-noconsole"), { code: 1, output: "inMail@main\n" });
  assert.equal((await platform.run("status", "-noconsole")).code, 1);
  const again = await platform.run("stop", "inMail");
  assert.equal(again.code, 2);
  assert.match(again.output, /No task corresponds to the mask inMail/);
  const unknown = await platform.run("restart", "mta@nowhere");
  assert.equal(unknown.code, 2);
  assert.match(unknown.output, /No task corresponds to the mask mta@nowhere/);
  assert.deepEqual(await platform.run("start", "inMail@main"), { code: 0, output: "inMail@main started\n" });
  await platform.ready("inMail");

  const tracking = before.find(({ module }) => module === "trackinglogd");
  const restarted = await platform.run("restart", "trackinglogd", "-verbose", "-tracefilter:timing");
  assert.deepEqual(restarted, { code: 0, output: "trackinglogd@default restarted\n" });
  const fresh = await platform.ready("trackinglogd");
  assert.notEqual(fresh.pid, tracking?.pid);
  assert.match(readFileSync(`/proc/${fresh.pid}/cmdline`, "utf8"), /-verbose\0-tracefilter:timing/);

  const report = await platform.run("monitor", "-noconsole");
  assert.equal(report.code, 0);
  assert.match(
    report.output,
    /^<\?xml version='1\.0' encoding='UTF-8'\?>\n<monitor host='[^']+' version='[^']+' date='[^']+' status='ready'/,
  );
  assert.match(
    report.output,
    new RegExp(`<process name='trackinglogd' pid='${fresh.pid}' state='ready' memoryMb='[\\d.]+'`),
  );
  assert.match(report.output, /<indicator name='Memory'>/);
});

test("changed settings reach exactly the processes that read them, and faulty ones change nothing", {
  timeout: 180_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const platform = await aPlatform(t);
  const pids = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await listRunning(platform)).map((entry) => [nameOf(entry), entry.pid]));
  const before = await pids();

  const written = await platform.run("config", "-instance:main", "inbox.keepMessages=4321");
  assert.equal(written.code, 0, written.output);
  assert.match(
    (await platform.run("config", "-instance:main", "inbox.keepMessages")).output,
    /^inbox\.keepMessages = 4321 {2}\(.*instance-main\.toml:\d+\)$/m,
  );
  const reloaded = await platform.run("config", "-reload");
  assert.match(reloaded.output, /inbox@main$/m);
  const inbox = await until(
    async () => ((await pids())["inbox@main"] !== before["inbox@main"] ? await platform.ready("inbox") : undefined),
    "the inbox to be restarted",
  );
  assert.deepEqual(await pids(), { ...before, "inbox@main": inbox.pid });

  const file = join(platform.home.conf, "server.toml");
  writeFileSync(
    file,
    readFileSync(file, "utf8")
      .replace("[web]\n", "[web]\nport = 0.5\n")
      .replace("[inbox]\n", "[inbox]\nkeepMesages = 1\n"),
  );
  const refused = await platform.run("config", "-reload");
  assert.equal(refused.code, 2);
  assert.match(refused.output, /server\.toml:\d+: web\.port: 0\.5 is not accepted/);
  assert.match(
    refused.output,
    /server\.toml:\d+: inbox\.keepMesages: there is no such setting; did you mean inbox\.keepMessages\?/,
  );
  assert.deepEqual(await pids(), { ...before, "inbox@main": inbox.pid });
});

test("a port that is taken stops one module alone, which tries again less and less often and comes back by itself", {
  timeout: 180_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const ports = await freePorts();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(Number(ports["POSTRIDER_INBOX_PORT"]), "127.0.0.1", resolve));
  t.after(() => new Promise<void>((resolve) => void taken.close(() => resolve())));
  const platform = await aPlatform(t, ports);

  const starts = new Map<number, number>();
  const failing = await until(
    async () => {
      const entry = (await platform.status()).processes.find(({ module }) => module === "inbox");
      if (entry !== undefined && !starts.has(entry.restarts)) starts.set(entry.restarts, performance.now());
      return entry !== undefined && entry.restarts >= 5 ? entry : undefined;
    },
    "five further starts",
    { limitMs: 90_000 },
  );
  assert.match(failing.lastError ?? "", new RegExp(`^exit code 1: .*${ports["POSTRIDER_INBOX_PORT"] ?? ""}`));
  const pauseMs = (restart: number): number => (starts.get(restart) ?? 0) - (starts.get(restart - 1) ?? 0);
  assert.ok(pauseMs(5) >= 7_900, `the fifth start came after ${pauseMs(5)} ms`);
  assert.deepEqual((await platform.status()).missing, ["inbox@main"]);
  for (const entry of await listRunning(platform))
    if (entry.module !== "inbox") assert.equal(entry.restarts, 0, nameOf(entry));

  await new Promise<void>((resolve) => void taken.close(() => resolve()));
  await until(async () => (await platform.status()).missing.length === 0, "the inbox to come back", {
    limitMs: 30_000,
  });
});

test("shutdown ends everything in reverse order within 40 s, syslogd last", { timeout: 180_000 }, async (hooks) => {
  const t = inReverse(hooks);
  const platform = await aPlatform(t);
  const running = await listRunning(platform);
  const startedMs = performance.now();
  assert.deepEqual(await platform.run("shutdown"), { code: 0, output: "Postrider is stopped\n" });
  const tookMs = performance.now() - startedMs;
  await until(() => platform.watchdog.exitCode !== null, "the watchdog to end", { limitMs: 5_000 });
  const story = platform.said();
  if (tookMs > 20_000) hooks.diagnostic(`took ${Math.round(tookMs)} ms\n${story}`);
  assert.ok(tookMs < 40_000, story);
  // The watchdog tells of each end when it sees it, before it turns to the next run level.
  const ends = [...story.matchAll(/(\S+@\S+) stopped$/gm)].map(([, name]) => name ?? "");
  assert.deepEqual(ends.toSorted(), running.map(nameOf).toSorted(), story);
  assert.match(ends.at(-1) ?? "", /^syslogd@/, story);
  assert.ok(running.every(({ pid }) => !isAlive(pid)));
  await until(() => processesOf(platform.home.root).length === 0, "no process to be left", {
    limitMs: 2_000 * (await slownessNow()),
  });
  assert.equal((await platform.run("status", "-noconsole")).code, 2);
  assert.deepEqual(await platform.run("pdump", "-noconsole"), { code: 0, output: "No tasks\n" });
  const twice = await platform.run("shutdown");
  assert.equal(twice.code, 2);
  assert.match(twice.output, /The platform is not running/);
});
