/** Whole conversations with servers that do what chance says, judged by the server's own ledger. POSTRIDER_FUZZ_RUNS makes it longer. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { type Ending, inReverse } from "#test/support/endings.ts";
import { aFickleSmtp, type FickleSmtp, type Habit, type Whim, whims } from "#test/support/fickle-smtp.ts";

import { openSession, type SessionOptions, type TlsMode } from "./open-session.ts";
import type { SendOutcome } from "./outcome.ts";
import type { RunOnRule, Session } from "./session.ts";

const runs = Number(process.env["POSTRIDER_FUZZ_RUNS"] ?? 150);

const timeouts = {
  connectMs: 2_000,
  greetingMs: 60,
  commandMs: 60,
  contentMs: 60,
  slowestBytesPerSec: 1e9,
  finalReplyMs: 60,
};

/** Obedience is frequent: a conversation that ends at its greeting shows little. */
const aWhim: fc.Arbitrary<Whim> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Whim>("obey") },
  { weight: 3, arbitrary: fc.constantFrom(...whims) },
);
const aHabit: fc.Arbitrary<Habit> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("MAIL", "RCPT", "DATA", "DOT").map((at): Habit => ({ at, times: 2 })),
  },
);
const aCase = fc.record({
  whims: fc.array(aWhim, { maxLength: 40 }),
  extensions: fc.subarray(["PIPELINING", "CHUNKING", "SIZE 100000", "8BITMIME", "SMTPUTF8", "STARTTLS"]),
  habit: aHabit,
  messages: fc.integer({ min: 1, max: 12 }),
  runOn: fc.constantFrom<RunOnRule>("never", "try", "proved"),
  tls: fc.constantFrom<TlsMode>("disabled", "disabled", "opportunistic", "required"),
});

test(`in ${runs} conversations with any server nothing is claimed that its ledger does not say`, async (hooks) => {
  let sessions = 0;
  const kinds: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(aCase, async (given) => {
      const ends: (() => void | Promise<void>)[] = [];
      const t: Ending = inReverse({ after: (clean) => void ends.push(clean) });
      const fickle = await aFickleSmtp(t, given);
      try {
        const names = Array.from({ length: given.messages }, (_, index) => `m${index}`);
        const outcomes = await sendOver(fickle, given, names);
        sessions += fickle.server.connections;
        for (const [name, outcome] of outcomes) {
          kinds[outcome.kind] = (kinds[outcome.kind] ?? 0) + 1;
          judge(fickle, name, outcome);
        }
        assert.deepEqual(fickle.faults, [], "what the client said");
        if (given.tls === "required") assert.ok(fickle.server.commands.every((line) => isBeforeTls(line, fickle)));
      } finally {
        for (const end of ends) await end();
      }
    }),
    { numRuns: runs, endOnFailure: runs > 1_000 },
  );
  hooks.diagnostic(`${runs} conversations, ${sessions} sessions, outcomes ${JSON.stringify(kinds)}`);
  assert.ok((kinds["sent"] ?? 0) > runs / 2, "most servers take some messages");
});

/** Sends messages over sessions as they last, at most three, as a sender does; what is left is not counted. */
async function sendOver(
  { server }: FickleSmtp,
  { runOn, tls }: { runOn: RunOnRule; tls: TlsMode },
  names: readonly string[],
): Promise<Map<string, SendOutcome>> {
  const outcomes = new Map<string, SendOutcome>();
  const left = [...names];
  const options: SessionOptions = {
    address: server.address,
    port: server.port,
    serverName: "mx.example.test",
    heloName: "sender.example.test",
    tls,
    runOn,
    timeouts,
  };
  for (let tries = 0; tries < 3 && left.length > 0; tries += 1) {
    const opening = await openSession(options);
    if (opening.kind !== "open") continue;
    await carryAll(opening.session, left, outcomes);
    await opening.session.quit();
  }
  return outcomes;
}

async function carryAll(session: Session, left: string[], outcomes: Map<string, SendOutcome>): Promise<void> {
  const underWay = new Set<Promise<void>>();
  while (session.isUsable && left.length > 0) {
    const name = left.shift() ?? "";
    const carrying = carry(session, name, outcomes).finally(() => underWay.delete(carrying));
    underWay.add(carrying);
    while (underWay.size >= session.window) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

async function carry(session: Session, name: string, outcomes: Map<string, SendOutcome>): Promise<void> {
  const content = Buffer.from(`Subject: ${name}\r\n\r\n.dot\r\n.\r\nRCPT TO:<evil@example.test>\r\n${name}\r\n`);
  outcomes.set(name, await session.send({ envelope: { from: "", to: `${name}@example.test` }, content }));
}

function judge({ taken, unanswered }: FickleSmtp, name: string, outcome: SendOutcome): void {
  const count = taken.get(name) ?? 0;
  assert.ok(count <= 1, `${name} was taken ${count} times`);
  if (outcome.kind === "sent") assert.equal(count, 1, `${name} is called sent`);
  // A silent server may have kept it: the client must not say that it surely has not.
  else if (outcome.kind !== "in_doubt") {
    assert.equal(count, 0, `${name} was taken, and is called ${JSON.stringify(outcome)}`);
    assert.ok(!unanswered.has(name), `${name} may have been taken, and is called ${JSON.stringify(outcome)}`);
  }
}

/** With required TLS whatever carries a message goes inside it: the peer would have named it among its commands else. */
function isBeforeTls(line: string, { server }: FickleSmtp): boolean {
  const isPlainSession = !server.commands.includes("STARTTLS");
  return !isPlainSession || /^(EHLO|HELO|QUIT)/.test(line);
}
