import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { requestSend } from "#campaign/delivery/request-send.ts";
import { deliveryStates } from "#schemas/codes.ts";
import { inReverse } from "#test/support/endings.ts";
import { aPlatform, type Platform } from "#test/support/platform.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { countKept, countRows, readState } from "./kill-each-module-store.ts";

const recipients = 6_000;

/** In the order of their death; each dies while messages are on their way. */
const victims = [
  "mtachild",
  "stat",
  "inbox",
  "mta",
  "trackinglogd",
  "inMail",
  "web",
  "tracking",
  "wfserver",
  "syslogd",
  "mtachild",
];

test("each module is killed in turn while a delivery is sent, and no recipient is lost", {
  timeout: 300_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const platform = await aPlatform(t, {
    // The demands of one message are slowed down, so that the deaths fall into the sending.
    POSTRIDER_MTA_CHILD_MAX_SESSIONS_PER_CHILD: "4",
    POSTRIDER_MTA_RETRY_COUNT: "1000",
  });
  const file = join(aFolder(t), "list.csv");
  writeFileSync(
    file,
    `email\n${Array.from({ length: recipients }, (_, index) => `person${index}@example.com\n`).join("")}`,
  );
  const imported = await platform.run("import", "-instance:main", `-file:${file}`, "-group:all", "-noconsole");
  assert.equal(imported.code, 0, imported.output);

  const { deliveryId } = await createDelivery(platform.db, {
    label: "Killed on the way",
    subject: "Hello <%= recipient.email %>",
    fromAddress: "news@shop.example",
    textSource: "Hello <%= recipient.email %>, see https://shop.example/\n<%@ include view='UnsubscriptionLink' %>",
    target: { group: "all" },
  });
  await requestSend(platform.db, deliveryId);
  await until(async () => ((await readState(platform.db, deliveryId))?.processed ?? 0) > 0, "the first messages", {
    limitMs: 60_000,
  });

  const killed: string[] = [];
  for (const module of victims) {
    const before = (await readState(platform.db, deliveryId))?.processed ?? 0;
    if (await kill(platform, module)) killed.push(`${module} at ${before}`);
    await until(
      async () => {
        const state = await readState(platform.db, deliveryId);
        return (
          state?.state === deliveryStates.finished || (state?.processed ?? 0) >= Math.min(recipients, before + 300)
        );
      },
      `progress after the death of ${module}`,
      { limitMs: 60_000 },
    );
  }
  await until(
    async () => (await readState(platform.db, deliveryId))?.state === deliveryStates.finished,
    "the end of the delivery",
    { limitMs: 120_000 },
  );

  const delivery = await readState(platform.db, deliveryId);
  const rows = await countRows(platform.db, deliveryId);
  const kept = await countKept(platform.db);
  assert.deepEqual(
    rows,
    [{ status: 1, count: recipients }],
    `every recipient has one row, sent; killed: ${killed.join(", ")}`,
  );
  assert.equal(delivery?.success, recipients, "the delivery's counter equals its rows");
  assert.equal(kept?.distinct, recipients, "the inbox has each message");
  // At most one more copy for each session of a process that was killed: two mtachilds of four sessions, the mta's two, the inbox's eight.
  assert.ok((kept?.copies ?? 0) - recipients <= 24, `${(kept?.copies ?? 0) - recipients} copies too many`);
  assert.ok(killed.length >= 8, `killed while sending: ${killed.join(", ")}`);
  for (const module of new Set(victims.filter((name) => name !== "mtachild"))) await platform.ready(module);
});

/** Kills a process of a module, unless the delivery is over or none runs. */
async function kill(platform: Platform, module: string): Promise<boolean> {
  const found = (await platform.status()).processes.find((entry) => entry.module === module && entry.pid !== undefined);
  if (found?.pid === undefined) return false;
  process.kill(found.pid, "SIGKILL");
  return true;
}
