import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test, { type TestContext } from "node:test";

import { createTransport } from "nodemailer";

import { openDatabase } from "#foundation/database.ts";
import type { Context } from "#foundation/module.ts";
import { type IdentityMaker, makeMessageId, makeReturnPath } from "#protocols/message-identity/message-identity.ts";
import { addressStatuses, broadLogStatuses, failureReasons, failureTypes } from "#schemas/codes.ts";
import { aContext } from "#test/support/context.ts";
import { inReverse } from "#test/support/endings.ts";
import {
  aSentDelivery,
  countAddresses,
  readCounters,
  readLedger,
  readMailKinds,
  type SentMessage,
} from "#test/support/ledger-store.ts";
import { aComplaint, aDsn, aMail } from "#test/support/notices.ts";
import { aPop3Server, type Pop3Script } from "#test/support/scripted-pop3.ts";
import { until } from "#test/support/until.ts";

import { inMail } from "./main.ts";

const untouched = {
  status: broadLogStatuses.sent,
  failureType: 0,
  failureReason: 0,
  addressStatus: undefined,
  errorCount: 0,
  isOptedOut: false,
};
const quarantined = {
  ...untouched,
  status: broadLogStatuses.failed,
  failureType: failureTypes.hard,
  failureReason: failureReasons.userUnknown,
  addressStatus: addressStatuses.quarantined,
  errorCount: 1,
};

test("a notice to the return path marks the message failed and quarantines the address, once", async (t) => {
  const { context, deliver, returnPath } = await anInMail(t);
  const [jo] = await oneMessage(context);
  const notice = aDsn({ to: returnPath(jo) });
  assert.match(await deliver(returnPath(jo), notice), /^250/);
  assert.partialDeepStrictEqual(await readLedger(context.db, jo), quarantined);
  assert.deepEqual(await readCounters(context.db, jo.deliveryId), { success: 0, error: 1, bouncedLater: 1 });

  assert.match(await deliver(returnPath(jo), notice), /^250/);
  assert.match(await deliver(returnPath(jo), `X-Other: bytes\r\n${notice}`), /^250/);
  assert.partialDeepStrictEqual(await readLedger(context.db, jo), quarantined);
  assert.deepEqual(await readCounters(context.db, jo.deliveryId), { success: 0, error: 1, bouncedLater: 1 });
  assert.deepEqual(await readMailKinds(context.db), ["bounce", "bounce"]);
});

test("a notice is known by the Message-ID it returns, wherever it was sent to", async (t) => {
  const { context, deliver, messageId } = await anInMail(t);
  const [jo] = await oneMessage(context);
  await deliver("postmaster@example.org", aDsn({ messageId: messageId(jo) }));
  assert.partialDeepStrictEqual(await readLedger(context.db, jo), quarantined);
});

test("a full mailbox is a soft error that leaves the address usable", async (t) => {
  const { context, deliver, returnPath } = await anInMail(t);
  const [jo] = await oneMessage(context);
  await deliver(returnPath(jo), aDsn({ status: "5.2.2", diagnostic: "smtp; 552 5.2.2 Mailbox full" }));
  assert.partialDeepStrictEqual(await readLedger(context.db, jo), {
    status: broadLogStatuses.failed,
    failureType: failureTypes.soft,
    failureReason: failureReasons.mailboxFull,
    addressStatus: addressStatuses.withErrors,
  });
});

test("what is no failure changes nothing: delays, deliveries, absences, read receipts, reports of authentication", async (t) => {
  const { context, deliver, returnPath, messageId } = await anInMail(t);
  const [jo] = await oneMessage(context);
  const to = returnPath(jo);
  await deliver(to, aDsn({ action: "delayed", status: "4.4.1", diagnostic: "smtp; 421 try later" }));
  await deliver(to, aDsn({ action: "relayed", status: "2.0.0", diagnostic: "smtp; 250 ok" }));
  await deliver(
    to,
    aMail({
      From: "jo@example.com",
      Subject: "Automatic reply: News",
      "Auto-Submitted": "auto-replied",
      "In-Reply-To": messageId(jo),
    }),
  );
  await deliver(to, aComplaint({ messageId: messageId(jo) }, "not-spam"));
  await deliver(to, aMail({ From: "jo@example.com", Subject: "Hello" }));
  assert.deepEqual(await readLedger(context.db, jo), untouched);
  assert.deepEqual(await readMailKinds(context.db), ["delayed", "delivered", "autoReply", "notSpam", "other"]);
});

test("a complaint puts the address on the deny list and leaves the profile alone", async (t) => {
  const { context, deliver, messageId } = await anInMail(t);
  const [jo] = await oneMessage(context);
  await deliver("fbl@example.org", aComplaint({ messageId: messageId(jo) }));
  assert.partialDeepStrictEqual(await readLedger(context.db, jo), {
    status: broadLogStatuses.sent,
    addressStatus: addressStatuses.denylisted,
    isOptedOut: false,
  });
});

test("a mail to the List-Unsubscribe address opts that recipient out and nobody else", async (t) => {
  const { context, deliver, returnPath, messageId } = await anInMail(t);
  const [jo, ann] = await aSentDelivery(context.db, ["jo@example.com", "ann@example.com"]);
  assert.ok(jo !== undefined && ann !== undefined);
  await deliver(returnPath(jo), aMail({ From: "someone.else@example.com", Subject: `unsubscribe${messageId(jo)}` }));
  assert.deepEqual(await readLedger(context.db, jo), { ...untouched, isOptedOut: true });
  assert.deepEqual(await readLedger(context.db, ann), untouched);
});

test("forged notices change nothing, however they are forged", async (t) => {
  const { context, deliver, returnPath, messageId } = await anInMail(t);
  const [jo, ann] = await aSentDelivery(context.db, ["jo@example.com", "ann@example.com"]);
  assert.ok(jo !== undefined && ann !== undefined);
  const stranger: IdentityMaker = {
    instance: "main",
    bounceDomain: "bounce.example.org",
    returnPathKey: randomBytes(32),
  };
  const withAnnsSignature = returnPath(jo).replace(/-[a-z2-7]{26}@/, /-[a-z2-7]{26}@/.exec(returnPath(ann))?.[0] ?? "");
  const forgeries: readonly [string, string][] = [
    ["postmaster@example.org", aDsn({ recipient: jo.address })],
    ["jo@example.com", aDsn({ recipient: jo.address, to: jo.address })],
    [makeReturnPath(stranger, jo), aDsn({ recipient: jo.address })],
    ["x@example.org", aDsn({ recipient: jo.address, messageId: makeMessageId(stranger, jo) })],
    [withAnnsSignature, aDsn({ recipient: jo.address })],
    [returnPath({ ...jo, broadLogId: jo.broadLogId + 1_000 }), aDsn({ recipient: jo.address })],
    ["fbl@example.org", aComplaint({ messageId: messageId(jo).replace("main.", "mein.") })],
    ["x@example.org", aMail({ From: jo.address, Subject: `unsubscribe${makeMessageId(stranger, jo)}` })],
    ["x@example.org", aMail({ From: jo.address, Subject: "unsubscribe" })],
  ];
  for (const [to, mail] of forgeries) assert.match(await deliver(to, mail), /^250/);
  assert.deepEqual(await readLedger(context.db, jo), untouched);
  assert.deepEqual(await readLedger(context.db, ann), untouched);
  assert.equal(await countAddresses(context.db), 0);
});

test("a bounce of another instance is left alone when instance names are checked", async (t) => {
  const { context, deliver, maker } = await anInMail(t);
  const [jo] = await oneMessage(context);
  const other = { ...maker, instance: "other", returnPathKey: context.secrets.deriveKey("return-path", "other") };
  await deliver("x@example.org", aDsn({ messageId: makeMessageId(other, jo) }));
  assert.deepEqual(await readLedger(context.db, jo), untouched);
  assert.deepEqual(await readMailKinds(context.db), ["otherInstance"]);
});

test("without a database a mail is refused for now", async (t) => {
  const db = openDatabase({
    address: { url: "postgres://nobody@127.0.0.1:1/none" },
    applicationName: "test",
    maxConnections: 1,
  });
  const { deliver, returnPath } = await anInMail(t, "", { db });
  assert.match(await deliver(returnPath({ deliveryId: 1, broadLogId: 1 }), aDsn({})), /^451/);
  await db.close();
});

test("a port that another program holds is named with its holder", async (t) => {
  const ending = inReverse(t);
  const holder = await aPop3Server(ending);
  const context = await aContext(ending, { settings: `[inMail]\nport = ${holder.port}\n` });
  await assert.rejects(inMail.start(context), {
    code: "INM-100001",
    message: new RegExp(`127.0.0.1:${holder.port}: .*pid ${process.pid}`),
  });
});

test("many notices at once are all counted, each once", async (t) => {
  const { context, deliver, returnPath } = await anInMail(t);
  const messages = await aSentDelivery(
    context.db,
    Array.from({ length: 120 }, (_, index) => `r${index}@example.com`),
  );
  const answers = await Promise.all(
    messages.flatMap((message) => [deliver(returnPath(message), aDsn({})), deliver(returnPath(message), aDsn({}))]),
  );
  assert.ok(answers.every((answer) => answer.startsWith("250")));
  assert.deepEqual(await readCounters(context.db, messages[0]?.deliveryId ?? 0), {
    success: 0,
    error: 120,
    bouncedLater: 120,
  });
  assert.equal((await readMailKinds(context.db)).length, 120);
});

test("a mailbox is read, its mails counted and then deleted", async (t) => {
  const { context, server } = await aMailbox(t, (messages, identity) => ({
    mails: messages.map((message, index) => ({
      uid: `u${index}`,
      content: aDsn({ to: identity.returnPath(message) }),
    })),
  }));
  await until(() => server.mails.length === 0, "an empty mailbox");
  assert.equal((await readMailKinds(context.db)).length, 3);
  assert.equal(await countAddresses(context.db), 3);
});

test("a mailbox server that breaks off in the middle of a mail loses and doubles none", async (t) => {
  const { context, server, messages } = await aMailbox(
    t,
    (sent, identity) => ({
      mails: sent.map((message, index) => ({ uid: `u${index}`, content: aDsn({ to: identity.returnPath(message) }) })),
      twist: (command, connection) => {
        if (connection === 1 && command === "RETR 3") return "close";
        if (connection === 2 && command === "QUIT") return "close";
        if (connection === 3 && command === "DELE 2") return "-ERR not now\r\n";
        return undefined;
      },
    }),
    "maxBroadLog = 1",
  );
  await until(() => server.mails.length === 0, "an empty mailbox");
  assert.deepEqual(await readCounters(context.db, messages[0]?.deliveryId ?? 0), {
    success: 0,
    error: 3,
    bouncedLater: 3,
  });
  assert.equal((await readMailKinds(context.db)).length, 3);
});

test("a mail that the server never gives out does not hold up those behind it", async (t) => {
  const { context } = await aMailbox(t, (sent, identity) => ({
    mails: sent.map((message, index) => ({ uid: `u${index}`, content: aDsn({ to: identity.returnPath(message) }) })),
    twist: (command) => (command === "RETR 1" ? "close" : undefined),
  }));
  await until(async () => (await readMailKinds(context.db)).length === 2, "the mails behind it");
});

test("nothing is deleted from a mailbox while the database is away", async (t) => {
  const db = openDatabase({
    address: { url: "postgres://nobody@127.0.0.1:1/none" },
    applicationName: "test",
    maxConnections: 1,
  });
  const server = await aPop3Server(t, { mails: [{ uid: "u", content: aDsn({}) }] });
  await anInMail(t, mailboxSettings(server.port), { db });
  await until(() => server.commands.filter((command) => command === "QUIT").length >= 2, "two sessions");
  assert.equal(server.mails.length, 1);
  assert.ok(!server.commands.some((command) => command.startsWith("DELE")));
  await db.close();
});

type Identity = { returnPath(message: Ids): string; messageId(message: Ids): string; maker: IdentityMaker };
type Ids = { deliveryId: number; broadLogId: number };

async function anInMail(
  t: TestContext,
  settings = "",
  given: Partial<Pick<Context, "db">> & { context?: Context } = {},
): Promise<Identity & { context: Context; deliver(to: string, mail: string): Promise<string> }> {
  const ending = inReverse(t);
  const context =
    given.context ??
    (await aContext(ending, {
      settings: `[inMail]\nport = 0\n${settings}\n`,
      ...(given.db === undefined ? {} : { db: given.db }),
    }));
  const running = await inMail.start(context);
  ending.after(() => running.stop());
  const port = (running as unknown as { port: number }).port;
  const transport = createTransport({ host: "127.0.0.1", port, pool: true, maxConnections: 10, ignoreTLS: true });
  ending.after(() => transport.close());
  return {
    context,
    ...identityOf(context),
    deliver: async (to, mail) => {
      try {
        return (await transport.sendMail({ envelope: { from: "", to: [to] }, raw: mail })).response;
      } catch (error) {
        return (error as { response?: string }).response ?? String(error);
      }
    },
  };
}

async function aMailbox(
  t: TestContext,
  script: (messages: readonly SentMessage[], identity: Identity) => Pop3Script,
  settings = "",
): Promise<{ context: Context; server: Awaited<ReturnType<typeof aPop3Server>>; messages: readonly SentMessage[] }> {
  const ending = inReverse(t);
  const context = await aContext(ending);
  const messages = await aSentDelivery(context.db, ["a@example.com", "b@example.com", "c@example.com"]);
  const server = await aPop3Server(ending, script(messages, identityOf(context)));
  const configured = await aContext(ending, {
    db: context.db,
    settings: `[inMail]\nport = 0\n${mailboxSettings(server.port)}\n${settings}\n`,
  });
  const running = await inMail.start({ ...configured, secrets: context.secrets });
  ending.after(() => running.stop());
  return { context, server, messages };
}

function mailboxSettings(port: number): string {
  return `popHost = "127.0.0.1"\npopPort = ${port}\npopLogin = "bounces"\npopPassword = "x"\npopMailPeriodSec = 1\npopTimeoutSec = 5`;
}

function identityOf({ secrets, instance }: Pick<Context, "secrets" | "instance">): Identity {
  const maker: IdentityMaker = {
    instance,
    bounceDomain: "bounce.example.org",
    returnPathKey: secrets.deriveKey("return-path", instance),
  };
  return {
    maker,
    returnPath: (message) => makeReturnPath(maker, message),
    messageId: (message) => makeMessageId(maker, message),
  };
}

async function oneMessage(context: Context): Promise<[SentMessage]> {
  const [message] = await aSentDelivery(context.db, ["jo@example.com"]);
  assert.ok(message !== undefined);
  return [message];
}
