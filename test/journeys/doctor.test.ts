import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";

import { permitPeer } from "#channels/permits/permit-peer.ts";
import { openPermits } from "#channels/permits/permits.ts";
import type { Waiting } from "#channels/permits/permit-messages.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { someSettings } from "#test/support/context.ts";
import { aPlatform, type Platform, runVerb } from "#test/support/platform.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { until } from "#test/support/until.ts";

const secret = "a secret that must not be shown";

type Found = {
  readonly exitCode: number;
  readonly findings: readonly { readonly problem: string; readonly cause: string; readonly remedy: string }[];
};

test("doctor names symptom, cause and remedy of what is done to a real platform, and status what waits", async (test) => {
  const t = inReverse(test);
  const platform = await aPlatform(t, { POSTRIDER_STAT_SHARED_SECRET: secret, LANG: "C" });
  const statPort = Number(platform.environment["POSTRIDER_STAT_PORT"]);

  const well = await until(async () => {
    const said = await platform.run("doctor");
    return said.code === 0 ? said : undefined;
  }, "nothing to be wrong");
  assert.match(well.output, /^Nothing is wrong\. Looked at:\n {2}settings: 2 files/);
  assert.match(well.output, /^ {2}statistics server \(main\): 127\.0\.0\.1:\d+ answers: /m);
  assert.match(well.output, /^NOTE {2}main: No message reaches anybody outside\.$/m);

  const stopWaiting = await aSenderThatWaits(t, platform);
  await until(
    async () => (await platform.run("status")).output.includes("1 open connection, 41 messages wait"),
    "status to tell",
  );
  await until(async () => (await findProblems(platform)).includes("waits.quota"), "doctor to tell");
  await stopWaiting();

  await platform.run("stop", "stat@main");
  const stopped = await platform.run("doctor", "-instance:main");
  assert.equal(stopped.code, 2);
  assert.match(
    stopped.output,
    /^ERROR {2}Mails no longer leave\.\n {2}Cause: stat@main does not run: it was stopped by a command\.\n {2}Remedy: postrider start stat@main$/m,
  );
  assert.match(
    (await platform.run("status")).output,
    /^statistics server of main: 127\.0\.0\.1:\d+, does not answer: no message leaves$/m,
  );
  assert.match((await platform.run("doctor", "-lang:fr")).output, /^ERREUR {2}/m);

  const taker = createSocket("udp4");
  taker.bind(statPort, "127.0.0.1");
  await once(taker, "listening");
  await platform.run("start", "stat@main");
  const taken = await until(async () => {
    const found = (await examine(platform)).findings.find(({ problem }) => problem === "platform.moduleDies");
    return found?.cause.includes("is taken by") === true ? found : undefined;
  }, "the port to be told as taken");
  assert.match(taken.cause, new RegExp(`UDP port ${statPort} of 127\\.0\\.0\\.1 is taken by .*pid ${process.pid}`));
  await new Promise<void>((resolve) => taker.close(() => resolve()));
  await platform.run("restart", "stat@main");
  await until(async () => (await examine(platform)).exitCode < 2, "all to be well again", { limitMs: 60_000 });

  const other = { ...platform, environment: { ...platform.environment, POSTRIDER_STAT_SHARED_SECRET: "another one" } };
  await until(async () => (await findProblems(other)).includes("stat.otherKey"), "the other key to be told");

  platform.watchdog.kill("SIGKILL");
  await until(
    async () => (await findProblems(platform)).includes("platform.died"),
    "the death of the watchdog to be told",
  );
  assert.ok(!(await platform.run("doctor", "-json")).output.includes(secret));
});

async function examine(platform: Pick<Platform, "environment">): Promise<Found> {
  const { output } = await runVerb(["doctor", "-json"], platform.environment);
  return JSON.parse(output) as Found;
}

async function findProblems(platform: Pick<Platform, "environment">): Promise<string[]> {
  return (await examine(platform)).findings.map(({ problem }) => problem);
}

/** Says to stat that messages wait, as a child does; the answer ends it. */
async function aSenderThatWaits(t: Ending, platform: Platform): Promise<() => Promise<void>> {
  const port = platform.environment["POSTRIDER_STAT_PORT"] ?? "";
  const secrets = loadSecrets(platform.home);
  const settings = someSettings(`[stat]\nport = ${port}\nsharedSecret = ${JSON.stringify(secret)}`, secrets);
  const path = { host: "mx1.example.test", address: "192.0.2.7", publicId: 3 };
  const waiting: readonly Waiting[] = [
    { destination: "shop.test", path, messages: 41, reason: "quota", sinceMs: 5_000, forMs: 90_000 },
  ];
  const permits = openPermits({
    ...permitPeer({ settings, secrets, instance: "main" }),
    client: "testhost:1:a",
    elapsedMs: () => performance.now(),
    describeWaits: () => waiting,
  });
  t.after(() => permits.close(0));
  const asking = AbortSignal.timeout(60_000);
  await until(async () => (await permits.connect(path, asking))?.kind === "granted", "a connection to be granted");
  return () => permits.close();
}
