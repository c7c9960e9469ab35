import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";

import { createTransport } from "nodemailer";

import { listInboxMessages } from "#campaign/inbox/list-inbox-messages.ts";
import { readInboxMessage } from "#campaign/inbox/read-inbox-message.ts";
import { openDatabase } from "#foundation/database.ts";
import type { Context } from "#foundation/module.ts";
import { parseInboundReport } from "#protocols/bounce/parse-inbound-report.ts";
import { type IncomingMail, listenForMail } from "#protocols/smtp-intake/listen-for-mail.ts";
import { aContext } from "#test/support/context.ts";
import { aScriptedSmtp } from "#test/support/scripted-smtp.ts";
import { until } from "#test/support/until.ts";

import { inbox } from "./main.ts";

const returnPath = "b-3e9-7d0-abcdefghijklmnopqrstuvwxyz@bounce.example.org";

test("each test domain answers as its kind of provider does", async (t) => {
  const { send } = await anInbox(t);
  assert.match(await send("jo@unknown.postrider.test"), /^550 5\.1\.1 .*User unknown/);
  assert.match(await send("jo@full.postrider.test"), /^452 4\.2\.2 .*Mailbox full/);
  assert.match(await send("jo@defer.postrider.test", "<m1@x>"), /^451 4\.7\.1/);
  assert.match(await send("jo@defer.postrider.test", "<m1@x>"), /^250/);
  assert.match(await send("jo@defer.postrider.test", "<m2@x>"), /^451 4\.7\.1/);
  for (const domain of ["bounce", "ooo", "complaint", "other"])
    assert.match(await send(`jo@${domain}.postrider.test`), /^250/);
  assert.match(await send("someone@example.com"), /^250/);
});

test("a message that was answered with 250 is in the database", async (t) => {
  const { context, send } = await anInbox(t);
  await send("jo@example.com", "<kept@x>");
  const [summary] = await listInboxMessages(context.db, { limit: 10 });
  assert.equal(summary?.envelopeTo, "jo@example.com");
  assert.equal(summary.envelopeFrom, returnPath);
  assert.equal(summary.messageId, "<kept@x>");
  assert.equal(summary.subject, "Héllo 你好");
  const opened = await readInboxMessage(context.db, summary.id);
  assert.deepEqual(opened?.links, ["https://example.org/a?b=1&c=2"]);
  assert.match(opened.html ?? "", /<b>Hi<\/b>/);
  assert.ok(opened.headers.some(({ name, value }) => name === "X-Mark" && value === "seen"));
  assert.equal(opened.source.length, opened.size);
});

test("messages are found by address, subject and Message-ID, page by page", async (t) => {
  const { context, send } = await anInbox(t);
  for (const name of ["ann", "ben", "cy_d", "cyxd"]) await send(`${name}@example.com`, `<${name}@x>`);
  const search = async (text: string): Promise<string[]> =>
    (await listInboxMessages(context.db, { limit: 10, search: text })).map(({ envelopeTo }) => envelopeTo);
  assert.deepEqual(await search("BEN@"), ["ben@example.com"]);
  assert.deepEqual(await search("cy_d@"), ["cy_d@example.com"]);
  assert.equal((await search("你好")).length, 4);
  const [, second] = await listInboxMessages(context.db, { limit: 2 });
  const next = await listInboxMessages(context.db, { limit: 2, before: second?.id ?? 0 });
  assert.deepEqual(
    next.map(({ envelopeTo }) => envelopeTo),
    ["ben@example.com", "ann@example.com"],
  );
});

test("a deferral is remembered when the mailbox is started anew", async (t) => {
  const first = await anInbox(t);
  assert.match(await first.send("jo@defer.postrider.test", "<m1@x>"), /^451/);
  await first.stop();
  const second = await anInbox(t, first.context);
  assert.match(await second.send("jo@defer.postrider.test", "<m1@x>"), /^250/);
});

test("the right notice comes back for a bounce, an absence and a complaint, and none for other mail", async (t) => {
  const provider = await aReceiver(t);
  const { context, send } = await anInbox(t, undefined, provider.port);
  for (const domain of ["bounce", "ooo", "complaint", "other"])
    await send(`jo@${domain}.postrider.test`, `<${domain}@x>`);
  await until(() => provider.mails.length === 3, "three notices");
  const reports = await Promise.all(
    provider.mails.map(({ content, recipients }) => parseInboundReport(content, recipients)),
  );
  for (const { recipients, from } of provider.mails) {
    assert.deepEqual(recipients, [returnPath]);
    assert.equal(from, "");
  }
  const dsn = reports.find(({ kind }) => kind === "dsn");
  assert.ok(dsn?.kind === "dsn");
  assert.deepEqual(dsn.recipients[0]?.qualification, { type: "hard", reason: "userUnknown" });
  assert.ok(dsn.identities.messageIds.includes("<bounce@x>"));
  const complaint = reports.find(({ kind }) => kind === "complaint");
  assert.ok(complaint?.kind === "complaint");
  assert.deepEqual(complaint.recipients, ["jo@complaint.postrider.test"]);
  assert.ok(complaint.identities.messageIds.includes("<complaint@x>"));
  assert.ok(reports.find(({ kind }) => kind === "autoReply")?.identities.messageIds.includes("<ooo@x>"));
  await until(
    async () => (await listInboxMessages(context.db, { limit: 10 })).every(({ noticeState }) => noticeState !== "owed"),
    "no notice owed",
  );
  assert.equal(provider.mails.length, 3);
});

test("notices wait for inMail, outlive the mailbox, and a refused one is put off", async (t) => {
  const first = await anInbox(t, undefined, 1);
  await first.send("jo@bounce.postrider.test", "<a@x>");
  await first.stop();
  const provider = await aReceiver(t, (count) => (count === 1 ? 451 : 250));
  const second = await anInbox(t, first.context, provider.port);
  await until(() => provider.mails.length === 2, "a second try of the notice");
  assert.deepEqual(provider.mails[0]?.content, provider.mails[1]?.content);
  await until(
    async () => (await listInboxMessages(second.context.db, { limit: 1 }))[0]?.noticeState === "sent",
    "the notice recorded as sent",
  );
});

test("an inMail that keeps silent does not keep the mailbox from ending, and gets its notice later", async (t) => {
  const silent = await aScriptedSmtp(t, { on: { DOT: { next: "silence" } } });
  const first = await anInbox(t, undefined, silent.port);
  await first.send("jo@bounce.postrider.test", "<a@x>");
  await until(() => silent.commands.includes("DATA"), "the notice to be on its way");
  await first.stop();
  const provider = await aReceiver(t);
  await anInbox(t, first.context, provider.port);
  await until(() => provider.mails.length === 1, "the notice");
});

test("no notice is sent about a mail without sender", async (t) => {
  const { context, send } = await anInbox(t);
  await send("jo@bounce.postrider.test", "<n@x>", "");
  assert.equal((await listInboxMessages(context.db, { limit: 1 }))[0]?.noticeState, "none");
});

test("mail is refused for now, not lost, while the database is away", async (t) => {
  const db = openDatabase({
    address: { url: "postgres://nobody@127.0.0.1:1/none" },
    applicationName: "test",
    maxConnections: 1,
  });
  t.after(() => db.close());
  const { send } = await anInbox(t, { db });
  assert.match(await send("jo@example.com"), /^451 4\.3\.0/);
});

test("a message larger than the limit is refused and the connection lives on", async (t) => {
  const { send } = await anInbox(t);
  assert.match(await send("jo@example.com", "<big@x>", returnPath, "x".repeat(1_200_000)), /^552/);
  assert.match(await send("jo@example.com", "<small@x>"), /^250/);
});

type Mailbox = {
  context: Context;
  send(to: string, messageId?: string, from?: string, body?: string): Promise<string>;
  stop(): Promise<void>;
};

async function anInbox(t: TestContext, earlier?: Pick<Context, "db">, inMailPort = 1): Promise<Mailbox> {
  const settings = `[inbox]\nport = 0\nnoticeDelaySec = 0\nmaxMessageSizeMb = 1\n[inMail]\nport = ${inMailPort}\n`;
  const context = await aContext(t, { settings, ...(earlier === undefined ? {} : { db: earlier.db }) });
  const running = await inbox.start(context);
  const port = (running as unknown as { port: number }).port;
  const transport = createTransport({ host: "127.0.0.1", port, pool: true, ignoreTLS: true });
  const stop = async (): Promise<void> => {
    transport.close();
    await running.stop();
  };
  t.after(stop);
  return {
    context,
    stop,
    send: async (to, messageId = "<m@x>", from = returnPath, body = "") => {
      const raw = [
        `Message-ID: ${messageId}`,
        "From: News <news@example.org>",
        `To: <${to}>`,
        "Subject: =?utf-8?B?SMOpbGxvIOS9oOWlvQ==?=",
        "X-Mark: seen",
        "Content-Type: text/html",
        "",
        `<b>Hi</b> <a href="https://example.org/a?b=1&amp;c=2">link</a>${body}`,
      ].join("\r\n");
      try {
        return (await transport.sendMail({ envelope: { from, to: [to] }, raw })).response;
      } catch (error) {
        return (error as { response?: string }).response ?? String(error);
      }
    },
  };
}

async function aReceiver(
  t: TestContext,
  codeOf: (count: number) => number = () => 250,
): Promise<{ port: number; mails: IncomingMail[] }> {
  const mails: IncomingMail[] = [];
  const listener = await listenForMail({
    address: "127.0.0.1",
    port: 0,
    name: "provider.test",
    maxConnections: 20,
    maxMessageBytes: 1_000_000,
    maxRecipients: 10,
    idleTimeoutMs: 30_000,
    onRecipient: () => undefined,
    onMail: (mail) => {
      mails.push(mail);
      return Promise.resolve({ code: codeOf(mails.length), text: "said the provider" });
    },
    onError: () => undefined,
  });
  t.after(() => listener.stop());
  return { port: listener.port, mails };
}
