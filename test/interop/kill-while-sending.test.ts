/** F1 and I2 against Postfix's smtp-sink, whose files are the ledger. `POSTRIDER_FULL=1` sends 20,000 mails and kills 20 times. */

import { test } from "node:test";

import { inReverse } from "#test/support/endings.ts";
import { assertExactLedger, untilFinished } from "#test/support/exact-ledger.ts";
import { chooseSeed, seeded } from "#test/support/seeded.ts";
import { aRequestedDelivery, aSendingPlatform, killSenders } from "#test/support/sending-platform.ts";
import { allowSessions, insertRecipients } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";

import { aPostfixSink, countMails, readMails } from "./postfix-sink.ts";

const isFull = process.env["POSTRIDER_FULL"] === "1";
const [recipients, kills] = isFull ? [20_000, 20] : [6_000, 8];
const sessions = 200;

test("F1: mta and its children killed again and again lose nobody, and cost at most a copy for each session", async (hooks) => {
  const t = inReverse(hooks);
  const seed = chooseSeed();
  hooks.diagnostic(`POSTRIDER_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const sink = await aPostfixSink(t);
  const { db, mta, start } = await aSendingPlatform(t, {
    before: async (given) => {
      await insertRecipients(given, recipients, 20);
      await allowSessions(given, sessions);
    },
    settings: { POSTRIDER_INBOX_PORT: String(sink.port) },
  });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 250 });
  let running = mta;
  for (let kill = 1; kill <= kills; kill += 1) {
    const wanted = recipients * ((kill - 0.9 + 0.8 * random()) / (kills + 0.5));
    await until(() => countMails(sink) >= wanted, `${Math.round(wanted)} mails`, { limitMs: 120_000, stepMs: 5 });
    await killSenders(running);
    running = start("mta", "-instance:main");
  }
  await untilFinished(db, deliveryId, 300_000);
  const taken = { messages: readMails(sink) };
  const { doubled, inDoubt } = await assertExactLedger(db, taken, deliveryId, {
    recipients,
    mostDoubled: kills * sessions,
  });
  hooks.diagnostic(
    `${kills} kills: ${doubled} copies, ${(doubled / kills).toFixed(1)} in the mean; ${inDoubt} in doubt`,
  );
  await killSenders(running);
});
