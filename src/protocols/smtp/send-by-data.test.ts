import assert from "node:assert/strict";
import { test } from "node:test";

import { aScriptedSmtp, type Peer, type Script, usualExtensions } from "#test/support/scripted-smtp.ts";
import { aSession, timeouts } from "#test/support/smtp-session.ts";
import { until } from "#test/support/until.ts";
import { within } from "#test/support/within.ts";

import type { SendOutcome } from "./outcome.ts";
import type { Message } from "./prepare-envelope.ts";

function aMessage(to = "someone@example.test", content = "Subject: hello\r\n\r\nHello\r\n"): Message {
  return { envelope: { from: "b-1@bounce.example.test", to }, content: Buffer.from(content) };
}

function summary(outcome: SendOutcome): string {
  switch (outcome.kind) {
    case "sent":
      return "sent";
    case "refused":
      return `refused ${outcome.stage} ${outcome.reply.code}`;
    case "unsendable":
      return `unsendable ${outcome.reason}`;
    case "lost":
      return `lost ${outcome.stage} ${outcome.loss.cause}`;
    case "in_doubt":
      return "in_doubt";
  }
}

test("several messages go over one session, without RSET where none is needed", async (t) => {
  const server = await aScriptedSmtp(t);
  const session = await aSession(t, server, { timeouts });
  for (const name of ["a", "b", "c"])
    assert.equal(summary(await session.send(aMessage(`${name}@example.test`))), "sent");
  await session.quit();
  assert.equal(server.connections, 1);
  assert.equal(session.sentCount, 3);
  assert.deepEqual(
    server.messages.map(({ to }) => to),
    ["a@example.test", "b@example.test", "c@example.test"],
  );
  assert.ok(!server.commands.includes("RSET"));
  assert.equal(server.commands.at(-1), "QUIT");
});

for (const [extensions, isTogether] of [
  [usualExtensions, true],
  [["8BITMIME"], false],
] as const) {
  test(`MAIL, RCPT and DATA leave ${isTogether ? "together where PIPELINING is offered" : "one by one where it is not"}`, async (t) => {
    let areTogether: boolean | undefined;
    const server = await aScriptedSmtp(t, {
      extensions,
      on: {
        MAIL: async (_, peer) => {
          // What has not come after a while waits for an answer.
          areTogether = await within(100, peer.peek("DATA"));
          return undefined;
        },
      },
    });
    const session = await aSession(t, server, { timeouts });
    assert.equal(summary(await session.send(aMessage())), "sent");
    assert.equal(areTogether, isTogether);
  });
}

test("a recipient that is refused does not disturb the next message", async (t) => {
  const server = await aScriptedSmtp(t, {
    on: { RCPT: (line) => (line.includes("nobody") ? "550 5.1.1 no such user" : undefined) },
  });
  const session = await aSession(t, server, { timeouts });
  assert.equal(summary(await session.send(aMessage("nobody@example.test"))), "refused rcpt 550");
  assert.equal(summary(await session.send(aMessage())), "sent");
  assert.equal(server.connections, 1);
  assert.deepEqual(
    server.messages.map(({ to }) => to),
    ["someone@example.test"],
  );
});

test("without PIPELINING a refused recipient is followed by RSET, not by DATA", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: [],
    on: { RCPT: (line) => (line.includes("nobody") ? "550 5.1.1 no such user" : undefined) },
  });
  const session = await aSession(t, server, { timeouts });
  await session.send(aMessage("nobody@example.test"));
  await session.send(aMessage());
  assert.deepEqual(
    server.commands.map((line) => line.split(/[ :]/)[0]),
    ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA"],
  );
});

test("a server that grants DATA to a refused recipient gets a lone dot, and the next message arrives whole", async (t) => {
  const server = await aScriptedSmtp(t, {
    on: {
      RCPT: (line) => (line.includes("nobody") ? "550 5.1.1 no such user" : undefined),
      DATA: "354 go on",
      DOT: (envelope) => (envelope.includes("nobody") ? "554 5.5.1 no valid recipients" : undefined),
    },
  });
  const session = await aSession(t, server, { timeouts });
  assert.equal(summary(await session.send(aMessage("nobody@example.test"))), "refused rcpt 550");
  assert.equal(summary(await session.send(aMessage())), "sent");
  assert.equal(server.messages.length, 1);
});

const cases: readonly [string, Script, string, boolean][] = [
  ["MAIL refused for now", { on: { MAIL: "451 4.7.1 later" } }, "refused mail 451", true],
  ["MAIL refused for good", { on: { MAIL: "550 5.7.1 blocked" } }, "refused mail 550", true],
  ["RCPT refused for now", { on: { RCPT: "452 4.2.2 full" } }, "refused rcpt 452", true],
  ["503 after a good MAIL", { on: { RCPT: "503 5.5.1 MAIL first" } }, "refused rcpt 503", true],
  ["DATA refused", { on: { DATA: "451 4.3.0 no room" } }, "refused data 451", true],
  ["the content refused for good", { on: { DOT: "554 5.6.0 spam" } }, "refused content 554", true],
  ["the content refused for now", { on: { DOT: "451 4.3.0 later" } }, "refused content 451", true],
  ["421 at RCPT", { on: { RCPT: { say: "421 4.7.0 too many", next: "close" } } }, "refused rcpt 421", false],
  ["421 after the dot", { on: { DOT: { say: "421 4.7.0 too many", next: "close" } } }, "refused content 421", false],
  ["a refusal, and a closed door", { on: { MAIL: { say: "550 5.7.1 no", next: "close" } } }, "refused mail 550", false],
  ["a connection closed at MAIL", { on: { MAIL: { next: "close" } } }, "lost mail closed", false],
  ["a connection closed at RCPT", { on: { RCPT: { next: "close" } } }, "lost rcpt closed", false],
  ["a connection closed at DATA", { on: { DATA: { next: "close" } } }, "lost data closed", false],
  ["a connection reset at MAIL", { on: { MAIL: { next: "reset" } } }, "lost mail closed", false],
  ["silence at RCPT", { on: { RCPT: { next: "silence" } } }, "lost rcpt timeout", false],
  ["a connection closed after the dot", { on: { DOT: { next: "close" } } }, "in_doubt", false],
  ["a connection reset after the dot", { on: { DOT: { next: "reset" } } }, "in_doubt", false],
  ["silence after the dot", { on: { DOT: { next: "silence" } } }, "in_doubt", false],
  ["354 to RCPT", { on: { RCPT: "354 go on" } }, "lost rcpt protocol", false],
  ["250 to DATA", { on: { DATA: "250 fine" } }, "lost data protocol", false],
  ["nonsense at MAIL", { on: { MAIL: "what?" } }, "lost mail protocol", false],
  ["a reply to the dot that is none", { on: { DOT: "354 more please" } }, "in_doubt", false],
  ["an answer ahead of the dot", { on: { DATA: "354 go on\r\n250 2.0.0 queued" } }, "lost data protocol", false],
  [
    "every answer given ahead",
    { on: { MAIL: "250 ok\r\n250 ok\r\n354 go on\r\n250 queued" } },
    "lost data protocol",
    false,
  ],
];
for (const [name, script, expected, isUsable] of cases) {
  test(`${name}: ${expected}, the session is ${isUsable ? "kept" : "given up"}`, async (t) => {
    const server = await aScriptedSmtp(t, script);
    const session = await aSession(t, server, { timeouts });
    const outcome = await session.send(aMessage());
    assert.equal(summary(outcome), expected);
    await until(() => session.isUsable === isUsable, "the session's state");
    assert.equal(server.messages.length, 0);
  });
}

test("a server that answers twice is not given the next message", async (t) => {
  const server = await aScriptedSmtp(t, { on: { DOT: "250 2.0.0 queued\r\n250 2.0.0 queued again" } });
  const session = await aSession(t, server, { timeouts });
  assert.equal(summary(await session.send(aMessage())), "sent");
  await until(() => !session.isUsable, "the session to be seen as out of step");
});

test("a connection that breaks at QUIT does not take back what was sent", async (t) => {
  const server = await aScriptedSmtp(t, { on: { QUIT: { next: "reset" } } });
  const session = await aSession(t, server, { timeouts });
  assert.equal(summary(await session.send(aMessage())), "sent");
  await session.quit();
  assert.equal(session.isUsable, false);
});

/** Grants DATA, sees the content begin, then reads nothing any more. */
async function stopReading(peer: Peer): Promise<void> {
  peer.say("220 hello\r\n");
  await peer.line();
  peer.say("250 hello\r\n");
  for (const answer of ["250 ok", "250 ok", "354 go on"]) {
    await peer.line();
    peer.say(`${answer}\r\n`);
  }
  await peer.peek("Subject");
  peer.stopReading();
}

/** More than the buffers of a connection hold. */
const hugeMessage: Message = {
  envelope: { from: "", to: "a@example.test" },
  content: Buffer.alloc(64_000_000, "Subject: x\r\n"),
};

test("a server that stops reading loses the message when its time for the content is over", async (t) => {
  const server = await aScriptedSmtp(t, {
    dialogue: async (peer) => {
      await stopReading(peer);
      await peer.gone;
    },
  });
  const session = await aSession(t, server, { timeouts: { ...timeouts, contentMs: 200, slowestBytesPerSec: 1e9 } });
  assert.equal(summary(await session.send(hugeMessage)), "lost content timeout");
});

for (const isSecure of [false, true]) {
  test(`${isSecure ? "with" : "without"} TLS a server that reads too slowly never gets the final dot of a message that was given up`, async (t) => {
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<string>();
    const server = await aScriptedSmtp(t, {
      extensions: ["STARTTLS"],
      on: {
        DATA: async (_, peer) => {
          peer.say("354 go on\r\n");
          await peer.peek("Subject");
          // What it has not read stays in the buffers of the system, final dot and all.
          peer.stopReading();
          await givenUp;
          peer.readOn();
          end((await peer.content()) === undefined ? "cut off" : "whole");
          return { next: "silence" };
        },
      },
    });
    const session = await aSession(t, server, {
      tls: isSecure ? "required" : "disabled",
      timeouts: { ...timeouts, contentMs: 200, finalReplyMs: 200 },
    });
    const outcome = await session.send(aMessage("a@example.test", `Subject: x\r\n\r\n${"line\r\n".repeat(50_000)}`));
    assert.ok(outcome.kind === "in_doubt" || outcome.kind === "lost");
    giveUp();
    assert.equal(await ended, "cut off");
  });
}

test("a large content has the time that it needs at the slowest rate", async (t) => {
  const server = await aScriptedSmtp(t, {
    dialogue: async (peer) => {
      await stopReading(peer);
      await peer.gone;
    },
  });
  const session = await aSession(t, server, { timeouts: { ...timeouts, contentMs: 10 } });
  const outcome = session.send(hugeMessage);
  assert.equal(await within(300, outcome), false);
  session.cut();
  assert.equal(summary(await outcome), "lost content closed");
});

test("a refusal in the middle of the content stops it", async (t) => {
  const server = await aScriptedSmtp(t, {
    dialogue: async (peer) => {
      await stopReading(peer);
      peer.say("552 5.3.4 too big\r\n");
      await peer.gone;
    },
  });
  const session = await aSession(t, server, { timeouts });
  assert.equal(summary(await session.send(hugeMessage)), "refused content 552");
  assert.equal(session.isUsable, false);
});

test("whatever the content, the server sees one message with CRLF lines", async (t) => {
  const server = await aScriptedSmtp(t);
  const session = await aSession(t, server, { timeouts });
  const nasty = "Subject: x\r\n\r\na\n.\nb\r.\rc\r\n.\r\nMAIL FROM:<evil@example.test>\r\n..d\u0000\r\n";
  assert.equal(summary(await session.send(aMessage("a@example.test", nasty))), "sent");
  assert.equal(server.messages.length, 1);
  assert.equal(server.messages[0]?.content.toString("latin1"), nasty.replace(/\r\n|\r|\n/g, "\r\n"));
  assert.ok(!server.commands.some((line) => line.includes("evil")));
});

test("SIZE, SMTPUTF8 and 8BITMIME are declared where they are offered and needed", async (t) => {
  const server = await aScriptedSmtp(t);
  const session = await aSession(t, server, { timeouts });
  await session.send(aMessage("jörg@example.test", "Subject: é\r\n\r\n"));
  assert.ok(server.commands.includes("MAIL FROM:<b-1@bounce.example.test> SIZE=15 SMTPUTF8 BODY=8BITMIME"));
});

for (const [name, extensions, message, expected] of [
  ["above the server's size", ["SIZE 10"], aMessage(), "unsendable too_large"],
  ["to an address that needs SMTPUTF8", [], aMessage("jörg@example.test"), "unsendable needs_smtputf8"],
  ["with 8-bit content", [], aMessage("a@example.test", "é"), "unsendable needs_8bitmime"],
  [
    "to an address with a second command",
    usualExtensions,
    aMessage("a@example.test>\r\nRCPT TO:<b@example.test"),
    "unsendable unsafe_address",
  ],
] as const) {
  test(`a message ${name} is not begun where it cannot be taken`, async (t) => {
    const server = await aScriptedSmtp(t, { extensions });
    const session = await aSession(t, server, { timeouts });
    assert.equal(summary(await session.send(message)), expected);
    assert.equal(session.isUsable, true);
    assert.ok(!server.commands.some((line) => /^(MAIL|RCPT)/.test(line)));
  });
}
