import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { openSession, type Timeouts } from "#protocols/smtp/open-session.ts";
import { inReverse } from "#test/support/endings.ts";
import { aSession, sessionWith } from "#test/support/smtp-session.ts";
import { until } from "#test/support/until.ts";

import { aPostfixSink } from "./postfix-sink.ts";

const timeouts: Timeouts = {
  connectMs: 5_000,
  greetingMs: 5_000,
  commandMs: 5_000,
  contentMs: 10_000,
  slowestBytesPerSec: 500,
  finalReplyMs: 10_000,
};

test("Postfix's smtp-sink gets each message whole, over one connection, whatever its lines hold", async (hooks) => {
  const t = inReverse(hooks);
  const { port, folder } = await aPostfixSink(t, []);
  const session = await aSession(t, { address: "127.0.0.1", port }, { timeouts });
  const body = ".\r\n..two dots\r\nplain\r\n.";
  for (const number of [1, 2, 3]) {
    const outcome = await session.send({
      envelope: { from: "b@bounce.example", to: `r${number}@example.org` },
      content: Buffer.from(`Subject: ${number}\r\n\r\n${body}\r\n`),
    });
    assert.equal(outcome.kind, "sent");
  }
  await session.quit();
  const files = await until(
    () => (existsSync(folder) && readdirSync(folder).length >= 3 ? readdirSync(folder) : undefined),
    "three mails",
  );
  const kept = files.map((file) => readFileSync(join(folder, file), "utf8"));
  for (const number of [1, 2, 3]) {
    const mail = kept.find((text) => text.includes(`Subject: ${number}`));
    assert.ok(mail?.includes(`<r${number}@example.org>`), "its envelope");
    assert.ok(mail?.replaceAll("\r", "").includes(body.replaceAll("\r", "")), "its lines");
  }
});

/** Every stage, refused for now (`-r`) or for good (`-f`), left with 421 (`-Q`) or without a word (`-q`). */
const stages = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] as const;
const where = { CONNECT: "greeting", EHLO: "hello", MAIL: "mail", RCPT: "rcpt", DATA: "data", ".": "content" } as const;

for (const stage of stages) {
  test(`Postfix's smtp-sink that is against it at ${stage} is understood, and has nothing`, async (hooks) => {
    const t = inReverse(hooks);
    const found: string[] = [];
    for (const flag of ["-r", "-f", "-Q", "-q"]) {
      const { port, folder } = await aPostfixSink(t, [flag, stage]);
      found.push(await tryOnce(port));
      const contents = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
      const mayHaveContent = stage === "." || found.at(-1) === "sent";
      assert.ok(mayHaveContent || contents.every((text) => !text.includes("Subject:")), `${flag} ${stage}`);
    }
    const refused = (code: number): string => `refused ${where[stage]} ${code}`;
    // A server that does not know EHLO is asked again with HELO.
    const forGood = stage === "EHLO" ? "sent" : refused(500);
    const silent = stage === "." ? "in_doubt" : `lost ${where[stage]} closed`;
    const expected = [refused(450), forGood, refused(421), silent];
    assert.deepEqual(found, expected);
  });
}

for (const [name, flags] of [
  ["without ESMTP", ["-e"]],
  ["without 8BITMIME", ["-8"]],
  ["without PIPELINING", ["-p"]],
  ["that thinks for a second before it answers the dot", ["-w", "1"]],
  ["that offers DSN", []],
] as const) {
  test(`Postfix's smtp-sink ${name} takes a message whose notices are asked for`, async (hooks) => {
    const t = inReverse(hooks);
    const { port } = await aPostfixSink(t, flags);
    assert.equal(await tryOnce(port), "sent");
  });
}

/** Opens a session, sends a message, and says what became of it. */
async function tryOnce(port: number): Promise<string> {
  const opened = await openSession(sessionWith({ address: "127.0.0.1", port }, { timeouts }));
  if (opened.kind === "lost") return `lost ${opened.stage} ${opened.loss.cause}`;
  if (opened.kind === "refused") return `refused ${opened.stage} ${opened.reply.code}`;
  const outcome = await opened.session.send({
    envelope: {
      from: "b@bounce.example",
      to: "r@example.org",
      dsn: { notify: ["failure"], returned: "headers", envelopeId: "1-a", originalRecipient: "r+x@example.org" },
    },
    content: Buffer.from("Subject: x\r\n\r\nx\r\n"),
  });
  await opened.session.quit();
  if (outcome.kind === "refused") return `refused ${outcome.stage} ${outcome.reply.code}`;
  return outcome.kind === "lost" ? `lost ${outcome.stage} ${outcome.loss.cause}` : outcome.kind;
}
