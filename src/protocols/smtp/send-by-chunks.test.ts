import assert from "node:assert/strict";
import { test } from "node:test";

import type { Ending } from "#test/support/endings.ts";
import { aScriptedSmtp, chunkingExtensions, type Peer, type ScriptedSmtp } from "#test/support/scripted-smtp.ts";
import { aSession } from "#test/support/smtp-session.ts";
import { stretched } from "#test/support/slowness.ts";
import { until } from "#test/support/until.ts";

import type { SendOutcome } from "./outcome.ts";
import type { Message } from "./prepare-envelope.ts";
import { mostInFlight } from "./send-by-chunks.ts";
import type { Session } from "./session.ts";

const timeouts = {
  connectMs: 2_000,
  greetingMs: 2_000,
  commandMs: 300,
  contentMs: 300,
  slowestBytesPerSec: 1e9,
  finalReplyMs: 200,
};

function aMessage(name: string | number, content = `Subject: to ${name}\r\n\r\n.Hello ${name}\r\n`): Message {
  return { envelope: { from: "b-1@bounce.example.test", to: `r${name}@example.test` }, content: Buffer.from(content) };
}

/** A session that has had seven messages taken, so that it is trusted with eight at once. */
async function aTrustedSession(t: Ending, server: ScriptedSmtp): Promise<Session> {
  const session = await aSession(t, server, { timeouts, runOn: "try" });
  for (const name of ["a", "b", "c"]) assert.equal((await session.send(aMessage(name))).kind, "sent");
  assert.equal(session.window, mostInFlight);
  return session;
}

/** A session that has had one message taken: the next go by BDAT. */
async function aProvedSession(t: Ending, server: ScriptedSmtp): Promise<Session> {
  const session = await aSession(t, server, { timeouts, runOn: "try" });
  assert.equal((await session.send(aMessage("first"))).kind, "sent");
  return session;
}

function sendMany(session: Session, count: number): Promise<SendOutcome[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => session.send(aMessage(index))));
}

function summary(outcome: SendOutcome): string {
  if (outcome.kind === "refused") return `refused ${outcome.stage} ${outcome.reply.code}`;
  return outcome.kind === "lost" ? `lost ${outcome.stage}` : outcome.kind;
}

test("the first message goes by DATA, where 354 proves that replies are in step, and the others by BDAT", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: chunkingExtensions });
  const session = await aTrustedSession(t, server);
  await session.send(aMessage("d"));
  const contents = server.commands.filter((line) => /^(DATA|BDAT)/.test(line)).map((line) => line.slice(0, 4));
  assert.deepEqual(contents, ["DATA", "BDAT", "BDAT", "BDAT"]);
});

test("the first message goes alone, and each one that is taken doubles what may be under way, up to eight", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: chunkingExtensions });
  const session = await aSession(t, server, { timeouts, runOn: "try" });
  const windows = [session.window];
  for (const name of ["a", "b", "c", "d"]) {
    await session.send(aMessage(name));
    windows.push(session.window);
  }
  assert.deepEqual(windows, [1, 2, 4, 8, 8]);
});

test("eight messages leave before the first is answered, and each arrives once, whole, at its own recipient", async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  let isHeld = false;
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: { DOT: () => (isHeld ? released : undefined), MAIL: async (_, peer) => void (isHeld && (await hasAll(peer))) },
  });
  const hasAll = (peer: Peer): Promise<boolean> => peer.peek("RCPT TO:<r7@");
  const session = await aTrustedSession(t, server);
  isHeld = true;
  const sending = sendMany(session, 8);
  release(undefined);
  assert.deepEqual((await sending).map(summary), Array(8).fill("sent"));
  const taken = server.messages.slice(3).map(({ to, content }) => [to, content.toString()]);
  assert.deepEqual(
    taken,
    Array.from({ length: 8 }, (_, n) => [`r${n}@example.test`, `Subject: to ${n}\r\n\r\n.Hello ${n}\r\n`]),
  );
  assert.equal(server.connections, 1);
});

test("a refusal of one of many is its own, and its transaction does not disturb the next", async (t) => {
  const refuses = (line: string): boolean => /r[257]@/.test(line);
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: {
      RCPT: (line) => (refuses(line) ? "550 5.1.1 no such user" : undefined),
      DOT: (envelope) => (envelope.includes("r3@") ? "554 5.7.1 spam" : undefined),
    },
  });
  const session = await aTrustedSession(t, server);
  const expected = ["sent", "sent", "refused rcpt 550", "refused content 554", "sent", "refused rcpt 550", "sent"];
  assert.deepEqual((await sendMany(session, 8)).map(summary), [...expected, "refused rcpt 550"]);
  assert.equal(summary(await session.send(aMessage("last"))), "sent");
  assert.deepEqual(
    server.messages.slice(3).map(({ to }) => to),
    ["r0", "r1", "r4", "r6", "rlast"].map((name) => `${name}@example.test`),
  );
});

test("MAIL refused for one of many", async (t) => {
  let count = 0;
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: { MAIL: () => ((count += 1) === 6 ? "451 4.7.1 later" : undefined) },
  });
  const session = await aTrustedSession(t, server);
  assert.deepEqual((await sendMany(session, 4)).map(summary), ["sent", "sent", "refused mail 451", "sent"]);
});

for (const [name, ending] of [
  ["closed", "close"],
  ["reset", "reset"],
] as const) {
  test(`a connection ${name} in the middle of a batch: what was answered is sent, the rest in doubt, none both`, async (t) => {
    const server = await aScriptedSmtp(t, {
      extensions: chunkingExtensions,
      on: { DOT: (envelope) => (envelope.includes("r4@") ? { next: ending } : undefined) },
    });
    const session = await aTrustedSession(t, server);
    const outcomes = (await sendMany(session, 8)).map(summary);
    const sent = outcomes.filter((outcome) => outcome === "sent").length;
    // A reset may overtake answers that were on their way.
    if (ending === "close") assert.equal(sent, 4);
    assert.deepEqual(outcomes, [...Array(sent).fill("sent"), ...Array(8 - sent).fill("in_doubt")]);
    assert.equal(session.isUsable, false);
    assert.equal(session.runningOn, "failed");
  });
}

test("421 in the middle of a batch: what the server leaves unanswered when it hangs up, it has not taken", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: { RCPT: (line) => (line.includes("r2@") ? { say: "421 4.7.0 enough", next: "close" } : undefined) },
  });
  const session = await aTrustedSession(t, server);
  const outcomes = (await sendMany(session, 6)).map(summary);
  assert.deepEqual(outcomes.slice(0, 3), ["sent", "sent", "refused rcpt 421"]);
  assert.ok(outcomes.slice(3).every((outcome) => outcome.startsWith("lost")));
  assert.equal(session.runningOn, "untried");
  assert.equal(server.messages.length, 5);
});

test("421 to one of many by a server that goes on: the others have their own answers, and no more is begun", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: { RCPT: (line) => (line.includes("r1@") ? "421 4.7.0 slow down" : undefined) },
  });
  const session = await aTrustedSession(t, server);
  assert.deepEqual((await sendMany(session, 3)).map(summary), ["sent", "refused rcpt 421", "sent"]);
  assert.equal(session.isUsable, false);
  assert.equal(summary(await session.send(aMessage("late"))), "lost mail");
});

test("silence in the middle of a batch: the rest is in doubt after one deadline, not one for each", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: { DOT: (envelope) => (envelope.includes("r1@") ? { next: "silence" } : undefined) },
  });
  const session = await aTrustedSession(t, server);
  const startedMs = performance.now();
  assert.deepEqual((await sendMany(session, 8)).map(summary), ["sent", ...Array(7).fill("in_doubt")]);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < (await stretched(1_500, tookMs)), `${tookMs} ms`);
});

for (const [name, answer] of [
  ["no SMTP", "what?"],
  ["a reply that does not fit", "354 go on"],
] as const) {
  test(`${name} in the middle of a batch: nothing behind it counts as sent`, async (t) => {
    const server = await aScriptedSmtp(t, {
      extensions: chunkingExtensions,
      on: { RCPT: (line) => (line.includes("r2@") ? answer : undefined) },
    });
    const session = await aTrustedSession(t, server);
    assert.deepEqual((await sendMany(session, 6)).map(summary), ["sent", "sent", ...Array(4).fill("in_doubt")]);
    assert.equal(session.isUsable, false);
  });
}

test("a server that answers twice is found out at its first message, which goes alone", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: { DOT: "250 2.0.0 queued\r\n250 2.0.0 queued again" },
  });
  const session = await aSession(t, server, { timeouts, runOn: "try" });
  assert.equal(summary(await session.send(aMessage(1))), "sent");
  await until(() => !session.isUsable, "the session to be seen as out of step");
});

test("a server that drips its answers has one deadline for each of them", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: {
      RCPT: async (line, peer) => {
        if (line.includes("rfirst@")) return undefined;
        for (const letter of "250 2.1.5 this takes a while")
          await new Promise<void>((resolve) => setTimeout(() => resolve(peer.say(letter)), 40));
        return "";
      },
    },
  });
  const session = await aProvedSession(t, server);
  assert.equal(summary(await session.send(aMessage(1))), "in_doubt");
});

test("a server that takes a content for nobody is not believed, and not given the next", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: chunkingExtensions,
    on: { RCPT: (line) => (line.includes("r1@") ? "550 5.1.1 no such user" : undefined), DOT: "250 2.0.0 queued" },
  });
  const session = await aProvedSession(t, server);
  assert.equal(summary(await session.send(aMessage(1))), "refused rcpt 550");
  assert.equal(session.isUsable, false);
});

test("a content that the server did not get whole is surely not taken", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: ["PIPELINING", "CHUNKING"],
    on: {
      MAIL: async (line, peer) => {
        if (!line.includes("<>")) return undefined;
        await peer.peek("Subject");
        peer.stopReading();
        return { next: "silence" };
      },
    },
  });
  const session = await aProvedSession(t, server);
  const huge: Message = {
    envelope: { from: "", to: "a@example.test" },
    content: Buffer.alloc(64_000_000, "Subject: x\r\n"),
  };
  assert.equal(summary(await session.send(huge)), "lost mail");
});

test("dots are not doubled, and lone line ends become CRLF", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: chunkingExtensions });
  const session = await aProvedSession(t, server);
  assert.equal(summary(await session.send(aMessage(1, "Subject: x\n\n.\na\r.\r\n..b"))), "sent");
  assert.equal(server.messages[1]?.content.toString(), "Subject: x\r\n\r\n.\r\na\r\n.\r\n..b\r\n");
});
