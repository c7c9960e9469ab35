/** What comes back: the built-in mailbox and inMail as processes of their own, killed while they work. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import test, { type TestContext } from "node:test";

import { createTransport } from "nodemailer";

import { listInboxMessages } from "#campaign/inbox/list-inbox-messages.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import { instanceSettingsFile } from "#foundation/home.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { type IdentityMaker, makeMessageId, makeReturnPath } from "#protocols/message-identity/message-identity.ts";
import { addressStatuses, broadLogStatuses, failureReasons, failureTypes } from "#schemas/codes.ts";
import { aHome } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { inReverse } from "#test/support/endings.ts";
import { freePorts } from "#test/support/free-ports.ts";
import {
  aSentDelivery,
  readCounters,
  readLedger,
  readMailKinds,
  type SentMessage,
} from "#test/support/ledger-store.ts";
import { type ModuleProcess, startModule } from "#test/support/module-process.ts";
import { until } from "#test/support/until.ts";

test("each test domain has its effect in the ledger, and a kill of either process loses and doubles nothing", async (t) => {
  const { db, send, start } = await aMailLoop(t);
  const addresses = ["bounce", "ooo", "complaint", "plain"].flatMap((domain) =>
    Array.from({ length: 25 }, (_, index) => `r${index}@${domain}.postrider.test`),
  );
  const messages = await aSentDelivery(db, addresses);
  const deliveryId = messages[0]?.deliveryId ?? 0;

  const firstInbox = await start("inbox");
  for (const message of messages.slice(0, 60)) assert.match(await send(message), /^250/);
  await firstInbox.end("SIGKILL");
  assert.equal((await listInboxMessages(db, { limit: 1_000 })).length, 60);

  const firstInMail = await start("inMail");
  await start("inbox");
  for (const message of messages.slice(60)) assert.match(await send(message), /^250/);
  await until(async () => (await readMailKinds(db)).length > 10, "the first notices read");
  await firstInMail.end("SIGKILL");
  await start("inMail");

  await until(async () => (await readMailKinds(db)).length >= 75, "all notices read");
  await until(
    async () => (await listInboxMessages(db, { limit: 1_000 })).every(({ noticeState }) => noticeState !== "owed"),
    "no notice owed",
  );
  const kinds = await readMailKinds(db);
  assert.deepEqual(countEach(kinds), { autoReply: 25, bounce: 25, complaint: 25 });
  assert.deepEqual(await readCounters(db, deliveryId), { success: 75, error: 25, bouncedLater: 25 });
  assert.equal((await listInboxMessages(db, { limit: 1_000 })).length, 100);
  for (const message of messages) assert.partialDeepStrictEqual(await readLedger(db, message), expectedFor(message));
});

function expectedFor({ address }: SentMessage): Record<string, unknown> {
  if (address.includes("@bounce.")) {
    return {
      status: broadLogStatuses.failed,
      failureType: failureTypes.hard,
      failureReason: failureReasons.userUnknown,
      addressStatus: addressStatuses.quarantined,
      errorCount: 1,
    };
  }
  return {
    status: broadLogStatuses.sent,
    addressStatus: address.includes("@complaint.") ? addressStatuses.denylisted : undefined,
  };
}

type MailLoop = {
  db: Database;
  /** Sends a message as the mta does; answers the reply. */
  send(message: SentMessage): Promise<string>;
  start(module: "inbox" | "inMail"): Promise<ModuleProcess>;
};

async function aMailLoop(test: TestContext): Promise<MailLoop> {
  const t = inReverse(test);
  const home = aHome(t);
  writeFileSync(instanceSettingsFile(home, "main"), "");
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 3 });
  t.after(() => db.close());
  const ports = await freePorts();
  const maker: IdentityMaker = {
    instance: "main",
    bounceDomain: "bounce.example.org",
    returnPathKey: loadSecrets(home).deriveKey("return-path", "main"),
  };
  const transport = createTransport({
    host: "127.0.0.1",
    port: Number(ports["POSTRIDER_INBOX_PORT"]),
    pool: true,
    ignoreTLS: true,
  });
  t.after(() => transport.close());
  return {
    db,
    send: async (message) => {
      const raw = `Message-ID: ${makeMessageId(maker, message)}\r\nFrom: news@example.org\r\nTo: ${message.address}\r\nSubject: News\r\n\r\nHello\r\n`;
      return (
        await transport.sendMail({ envelope: { from: makeReturnPath(maker, message), to: [message.address] }, raw })
      ).response;
    },
    start: async (module) => {
      const process = startModule(t, home, [module, "-instance:main"], {
        ...ports,
        POSTRIDER_DATABASE_URL: address.url,
        POSTRIDER_INBOX_NOTICE_DELAY_SEC: "0",
      });
      await process.ready;
      return process;
    },
  };
}

function countEach(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of [...words].sort()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
