import assert from "node:assert/strict";
import { connect } from "node:net";
import test, { type TestContext } from "node:test";

import { listenToLines } from "#test/support/lines-of-socket.ts";
import { until } from "#test/support/until.ts";

import {
  type IncomingMail,
  listenForMail,
  type MailListener,
  type MailListenerOptions,
  type SmtpAnswer,
} from "./listen-for-mail.ts";

const kept: SmtpAnswer = { code: 250, text: "2.0.0 Kept" };

test("commands that come in one packet are answered in order, and several mails pass one connection", async (t) => {
  const mails: IncomingMail[] = [];
  const listener = await aListener(t, {
    onMail: (mail) => {
      mails.push(mail);
      return Promise.resolve(kept);
    },
  });
  const client = await aClient(t, listener.port);
  for (const number of [1, 2]) {
    client.send(`MAIL FROM:<b@example.org>\r\nRCPT TO:<jo@example.com>\r\nRCPT TO:<nobody@example.com>\r\nDATA\r\n`);
    assert.match(await client.reply(), /^250/);
    assert.match(await client.reply(), /^250/);
    assert.match(await client.reply(), /^550 5\.1\.1 nobody/);
    assert.match(await client.reply(), /^354/);
    client.send(`Subject: ${number}\r\n\r\n..dot\r\n.\r\n`);
    assert.equal(await client.reply(), "250 2.0.0 Kept");
  }
  assert.deepEqual(
    mails.map(({ content }) => content.toString()),
    ["Subject: 1\r\n\r\n.dot\r\n", "Subject: 2\r\n\r\n.dot\r\n"],
  );
  assert.deepEqual(mails[0]?.recipients, ["jo@example.com"]);
});

test("a mail under way is answered before the listener ends", async (t) => {
  let finish = (_answer: SmtpAnswer): void => undefined;
  let isHandedOver = false;
  const listener = await aListener(t, {
    onMail: () => {
      isHandedOver = true;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  const client = await aClient(t, listener.port);
  client.send("MAIL FROM:<b@example.org>\r\nRCPT TO:<jo@example.com>\r\nDATA\r\n");
  for (let reply = 0; reply < 3; reply += 1) await client.reply();
  client.send("Subject: x\r\n\r\n.\r\n");
  await until(() => isHandedOver, "the mail to be handed over");
  const stopped = listener.stop();
  finish(kept);
  assert.equal(await client.reply(), "250 2.0.0 Kept");
  await stopped;
});

test("a client that never ends its mail does not keep the listener from ending", async (t) => {
  const listener = await aListener(t, { idleTimeoutMs: 300_000 });
  const client = await aClient(t, listener.port);
  client.send("MAIL FROM:<b@example.org>\r\nRCPT TO:<jo@example.com>\r\nDATA\r\n");
  for (let reply = 0; reply < 3; reply += 1) await client.reply();
  client.send("Subject: x\r\n\r\nthe first lines");
  await listener.stop();
  assert.match(await client.reply(), /^421/);
});

test("a handler that fails answers 451 and costs neither connection nor listener", async (t) => {
  const errors: unknown[] = [];
  const listener = await aListener(t, {
    onMail: () => Promise.reject(new Error("away")),
    onError: (error) => void errors.push(error),
  });
  const client = await aClient(t, listener.port);
  for (let turn = 0; turn < 2; turn += 1) {
    client.send("MAIL FROM:<>\r\nRCPT TO:<jo@example.com>\r\nDATA\r\n");
    for (let reply = 0; reply < 3; reply += 1) await client.reply();
    client.send("Subject: x\r\n\r\n.\r\n");
    assert.match(await client.reply(), /^451 4\.3\.0/);
  }
  assert.equal(errors.length, 2);
});

test("one connection more than allowed is told to come again", async (t) => {
  const listener = await aListener(t, { maxConnections: 1 });
  await aClient(t, listener.port);
  const socket = connect(listener.port, "127.0.0.1");
  t.after(() => socket.destroy());
  const lines: string[] = [];
  listenToLines(socket, (line) => lines.push(line));
  await until(() => lines.length > 0, "an answer");
  assert.match(lines[0] ?? "", /^421/);
});

test("a port that is taken is an error at once", async (t) => {
  const listener = await aListener(t, {});
  await assert.rejects(aListener(t, { port: listener.port }), { code: "EADDRINUSE" });
});

async function aListener(t: TestContext, changes: Partial<MailListenerOptions>): Promise<MailListener> {
  const listener = await listenForMail({
    address: "127.0.0.1",
    port: 0,
    name: "mx.example.org",
    maxConnections: 10,
    maxMessageBytes: 100_000,
    maxRecipients: 10,
    idleTimeoutMs: 10_000,
    onRecipient: (address) => (address.startsWith("nobody@") ? { code: 550, text: "5.1.1 nobody here" } : undefined),
    onMail: () => Promise.resolve(kept),
    onError: () => undefined,
    ...changes,
  });
  t.after(() => listener.stop());
  return listener;
}

type Client = { send(text: string): void; reply(): Promise<string> };

/** A connection that has said EHLO. */
async function aClient(t: TestContext, port: number): Promise<Client> {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.on("error", () => undefined);
  const lines: string[] = [];
  listenToLines(socket, (line) => {
    if (/^\d{3} /.test(line)) lines.push(line);
  });
  const client: Client = {
    send: (text) => void socket.write(text),
    reply: async () => {
      await until(() => lines.length > 0, "a reply");
      return lines.shift() ?? "";
    },
  };
  assert.match(await client.reply(), /^220/);
  client.send("EHLO client.example.org\r\n");
  assert.match(await client.reply(), /^250/);
  return client;
}
