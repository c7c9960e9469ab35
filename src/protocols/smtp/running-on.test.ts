import assert from "node:assert/strict";
import { test } from "node:test";

import { aScriptedSmtp, type Peer, type Script } from "#test/support/scripted-smtp.ts";
import { aSession } from "#test/support/smtp-session.ts";
import { within } from "#test/support/within.ts";

import type { SendOutcome } from "./outcome.ts";
import type { Message } from "./prepare-envelope.ts";
import type { Session } from "./session.ts";

const timeouts = {
  connectMs: 2_000,
  greetingMs: 2_000,
  commandMs: 300,
  contentMs: 300,
  slowestBytesPerSec: 500,
  finalReplyMs: 300,
};

function aMessage(name: string, mayGo?: () => Promise<boolean>): Message {
  return {
    envelope: { from: "b-1@bounce.example.test", to: `${name}@example.test` },
    content: Buffer.from(`Subject: ${name}\r\n\r\nHello\r\n`),
    ...(mayGo === undefined ? {} : { mayGo }),
  };
}

function summary(outcome: SendOutcome): string {
  if (outcome.kind === "refused") return `refused ${outcome.stage} ${outcome.reply.code}`;
  return outcome.kind === "lost" ? `lost ${outcome.stage}` : outcome.kind;
}

async function sendAll(session: Session, names: readonly string[]): Promise<string[]> {
  return (await Promise.all(names.map((name) => session.send(aMessage(name))))).map(summary);
}

test("a server is probed by one command behind the second dot, then envelopes follow the dots", async (t) => {
  let isAhead = false;
  const script: Script = {
    on: { DOT: async (_, peer) => void (isAhead ||= await within(40, peer.peek("MAIL"))) },
  };
  const server = await aScriptedSmtp(t, script);
  const session = await aSession(t, server, { timeouts, runOn: "try" });
  assert.deepEqual(await sendAll(session, ["a"]), ["sent"]);
  assert.deepEqual([session.runningOn, session.window], ["untried", 1]);
  assert.deepEqual(await sendAll(session, ["b"]), ["sent"]);
  assert.deepEqual(await sendAll(session, ["c", "d"]), ["sent", "sent"]);
  assert.equal(session.runningOn, "proved");
  assert.equal(isAhead, true);
  assert.equal(server.commands.filter((line) => line === "NOOP").length, 1);
  assert.deepEqual(
    server.messages.map(({ to }) => to),
    ["a", "b", "c", "d"].map((name) => `${name}@example.test`),
  );
});

test("a server that is not to be tried never gets anything behind a dot", async (t) => {
  const server = await aScriptedSmtp(t);
  const session = await aSession(t, server, { timeouts, runOn: "never" });
  assert.deepEqual(await sendAll(session, ["a", "b", "c"]), ["sent", "sent", "sent"]);
  assert.ok(!server.commands.includes("NOOP"));
});

test("a server that forgets what stands behind the dot: the message is sent, the session ends, the next surely is not taken", async (t) => {
  const forget = (_: string, peer: Peer): undefined => {
    peer.forget();
    return undefined;
  };
  const forgetful: Script = { on: { DOT: forget } };
  const probed = await aScriptedSmtp(t, forgetful);
  const first = await aSession(t, probed, { timeouts, runOn: "try" });
  assert.deepEqual(await sendAll(first, ["a"]), ["sent"]);
  assert.deepEqual(await sendAll(first, ["b"]), ["sent"]);
  assert.deepEqual([first.runningOn, first.isUsable], ["failed", false]);
  assert.equal(probed.messages.length, 2);

  const trusted = await aScriptedSmtp(t, forgetful);
  const second = await aSession(t, trusted, { timeouts, runOn: "proved" });
  assert.deepEqual(await sendAll(second, ["a", "b"]), ["sent", "lost mail"]);
  assert.equal(second.runningOn, "failed");
  assert.equal(trusted.messages.length, 1);
});

test("a server that hangs up at what stands behind the dot leaves one message in doubt, and the next surely is not taken", async (t) => {
  const server = await aScriptedSmtp(t, { on: { DOT: { next: "close" } } });
  const session = await aSession(t, server, { timeouts, runOn: "proved" });
  assert.deepEqual(await sendAll(session, ["a", "b", "c"]), ["in_doubt", "lost mail", "lost mail"]);
  assert.equal(session.runningOn, "failed");
});

test("421 to the dot takes nothing from the server's good name, and the next goes elsewhere", async (t) => {
  const server = await aScriptedSmtp(t, { on: { DOT: { say: "421 4.7.0 enough", next: "close" } } });
  const session = await aSession(t, server, { timeouts, runOn: "proved" });
  assert.deepEqual(await sendAll(session, ["a", "b"]), ["refused content 421", "lost mail"]);
  assert.equal(session.runningOn, "proved");
});

test("a recipient refused behind the dot gets no content, and the next message arrives", async (t) => {
  const server = await aScriptedSmtp(t, {
    on: { RCPT: (line) => (line.includes("nobody") ? "550 5.1.1 no such user" : undefined) },
  });
  const session = await aSession(t, server, { timeouts, runOn: "proved" });
  const expected = ["sent", "refused rcpt 550", "refused rcpt 550", "sent", "sent"];
  assert.deepEqual(await sendAll(session, ["a", "nobody1", "nobody2", "b", "c"]), expected);
  assert.equal(server.messages.length, 3);
});

test("a content behind the dot waits for leave, and is taken back without it", async (t) => {
  const server = await aScriptedSmtp(t);
  const session = await aSession(t, server, { timeouts, runOn: "proved" });
  const { promise: leave, resolve } = Promise.withResolvers<boolean>();
  const first = session.send(aMessage("a"));
  const second = session.send(aMessage("b", () => leave));
  assert.equal(summary(await first), "sent");
  assert.equal(await within(50, second), false);
  assert.equal(server.messages.length, 1);
  resolve(false);
  assert.equal(summary(await second), "lost content");
  assert.equal(session.isUsable, false);
});

test("a caller that fails over an outcome hears of it from its own message, and the session goes on", async (t) => {
  const server = await aScriptedSmtp(t);
  const session = await aSession(t, server, { timeouts, runOn: "proved" });
  const onOutcome = (): never => {
    throw new Error("no room for it");
  };
  const first = session.send({ ...aMessage("a"), onOutcome });
  const second = session.send(aMessage("b"));
  await assert.rejects(first, /no room for it/);
  assert.equal(summary(await second), "sent");
  assert.deepEqual([server.messages.length, session.isUsable], [2, true]);
});
