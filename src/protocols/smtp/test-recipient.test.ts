import assert from "node:assert/strict";
import { test } from "node:test";

import type { Ending } from "#test/support/endings.ts";
import { aScriptedSmtp, type Script } from "#test/support/scripted-smtp.ts";
import { aSession, timeouts } from "#test/support/smtp-session.ts";

import type { SendOutcome } from "./outcome.ts";

async function tested(
  t: Ending,
  script: Script,
  recipients: readonly string[],
): Promise<{ outcomes: SendOutcome[]; said: string[] }> {
  const said: string[] = [];
  const note = (line: string): undefined => void said.push(line);
  const server = await aScriptedSmtp(t, {
    ...script,
    on: { MAIL: note, DATA: note, DOT: note, RSET: note, ...script.on },
  });
  const session = await aSession(t, server, { timeouts });
  const outcomes: SendOutcome[] = [];
  for (const to of recipients)
    outcomes.push(
      await session.test({
        envelope: { from: "b@bounce.test", to },
        content: Buffer.from("Subject: x\r\n\r\nx\r\n"),
      }),
    );
  assert.deepEqual(server.messages, []);
  return { outcomes, said };
}

test("a recipient is asked for and nothing is sent; the next one starts afresh", async (t) => {
  const { outcomes, said } = await tested(
    t,
    { on: { RCPT: (line) => (line.includes("nobody") ? "550 5.1.1 no such user" : undefined) } },
    ["a@x.test", "nobody@x.test", "c@x.test"],
  );
  assert.deepEqual(
    outcomes.map((outcome) => [outcome.kind, "stage" in outcome ? outcome.stage : ""]),
    [
      ["sent", ""],
      ["refused", "rcpt"],
      ["sent", ""],
    ],
  );
  assert.deepEqual(
    said.map((line) => line.slice(0, 4)),
    ["MAIL", "RSET", "MAIL", "RSET", "MAIL", "RSET"],
  );
});

test("a server that refuses the sender, or goes away, says nothing of the recipient", async (t) => {
  const { outcomes } = await tested(t, { on: { MAIL: "451 4.7.1 later" } }, ["a@x.test"]);
  assert.deepEqual(
    outcomes.map((outcome) => [outcome.kind, "stage" in outcome ? outcome.stage : ""]),
    [["refused", "mail"]],
  );
  const gone = await tested(t, { on: { RCPT: { next: "close" } } }, ["a@x.test", "b@x.test"]);
  assert.deepEqual(
    gone.outcomes.map(({ kind }) => kind),
    ["lost", "lost"],
  );
});
