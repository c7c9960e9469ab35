import assert from "node:assert/strict";
import { test } from "node:test";

import { permitPeer } from "#channels/permits/permit-peer.ts";
import { openPermits } from "#channels/permits/permits.ts";
import type { Waiting } from "#channels/permits/permit-messages.ts";
import { silentLog } from "#foundation/log.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { inReverse } from "#test/support/endings.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { makeContext } from "#test/support/make-context.ts";
import { aTenure } from "#test/support/stat-tenure.ts";
import { until } from "#test/support/until.ts";

import { serveStat } from "../serve-stat.ts";
import { checkWaits } from "./waits.ts";

const paths = ["one", "two", "three"].map((name, index) => ({
  host: `mx.${name}.test`,
  address: `192.0.2.${index + 1}`,
  publicId: 1,
}));

function aWait(reason: Waiting["reason"], place = 0): Waiting {
  const path = paths[place];
  const destination = `${place}.test`;
  return { destination, ...(path === undefined ? {} : { path }), messages: 10, reason, sinceMs: 5_000, forMs: 60_000 };
}

test("each reason for which messages wait is told, and that all servers are out of reach", async (test) => {
  const t = inReverse(test);
  const visit = await aVisit(t, { settings: `stat.port = ${await aUdpPort()}` });
  assert.deepEqual(problemsOf(await checkWaits(visit)), ["obstacle platform"]);
  const server = await serveStat(makeContext({ ...visit, log: silentLog, flags: {} }), await aTenure(visit.db));
  t.after(() => server.stop());
  let waiting: readonly Waiting[] = [];
  const permits = openPermits({
    ...permitPeer(visit),
    client: "testhost:1:a",
    elapsedMs: () => performance.now(),
    describeWaits: () => waiting,
  });
  t.after(() => permits.close(0));
  const asking = new AbortController();
  t.after(() => asking.abort());
  const told = async (waits: readonly Waiting[], expected: readonly string[]): Promise<void> => {
    waiting = waits;
    await until(async () => {
      const found = problemsOf(await checkWaits(visit)).toSorted();
      return JSON.stringify(found) === JSON.stringify(expected);
    }, expected.join(", "));
  };
  const [path] = paths;
  assert.ok(path !== undefined);
  await until(async () => (await permits.connect(path, asking.signal))?.kind === "granted", "a connection");
  await told(
    [
      aWait("warmUp"),
      aWait("connections"),
      aWait("flow", 1),
      aWait("unreachable", 2),
      aWait("room", 1),
      aWait("quota"),
    ],
    [
      "note waits.connections",
      "note waits.quota",
      "note waits.room",
      "note waits.warmUp",
      "warning waits.flow",
      "warning waits.unreachable",
    ],
  );
  const outOfReach = [0, 1, 2].map((place) => aWait("unreachable", place));
  // With a connection open, the way out is not closed.
  await told(outOfReach, ["warning waits.unreachable"]);
  permits.release(path, undefined);
  await told(outOfReach, ["error waits.noWayOut"]);
});
