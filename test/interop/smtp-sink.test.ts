import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { openSession, type Timeouts } from "#protocols/smtp/open-session.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aTcpPort } from "#test/support/free-ports.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { startProgram, untilListening } from "./start-program.ts";

const timeouts: Timeouts = {
  connectMs: 5_000,
  greetingMs: 5_000,
  commandMs: 5_000,
  contentMs: 10_000,
  slowestBytesPerSec: 500,
  finalReplyMs: 10_000,
};

async function aSink(t: Ending, flags: readonly string[]): Promise<{ port: number; folder: string }> {
  const folder = aFolder(t);
  const port = await aTcpPort();
  // Run by root, it drops its rights.
  chmodSync(folder, 0o777);
  const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const program = startProgram(t, "smtp-sink", [
    ...flags,
    ...user,
    "-R",
    folder,
    "-d",
    "%M.",
    `127.0.0.1:${port}`,
    "100",
  ]);
  await untilListening(program, port);
  return { port, folder };
}

test("Postfix's smtp-sink gets each message whole, over one connection, whatever its lines hold", async (hooks) => {
  const t = inReverse(hooks);
  const { port, folder } = await aSink(t, []);
  const opened = await openSession({
    address: "127.0.0.1",
    port,
    serverName: "sink",
    heloName: "sender.example",
    tls: "disabled",
    timeouts,
  });
  assert.ok(opened.kind === "open");
  const body = ".\r\n..two dots\r\nplain\r\n.";
  for (const number of [1, 2, 3]) {
    const outcome = await opened.session.send({
      envelope: { from: "b@bounce.example", to: `r${number}@example.org` },
      content: Buffer.from(`Subject: ${number}\r\n\r\n${body}\r\n`),
    });
    assert.equal(outcome.kind, "sent");
  }
  await opened.session.quit();
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

test("Postfix's smtp-sink that refuses at RCPT, or goes away at the dot, is understood", async (hooks) => {
  const t = inReverse(hooks);
  const refusing = await aSink(t, ["-r", "RCPT"]);
  const silent = await aSink(t, ["-q", "."]);
  const message = {
    envelope: { from: "b@bounce.example", to: "r@example.org" },
    content: Buffer.from("Subject: x\r\n\r\nx\r\n"),
  };
  const kinds: string[] = [];
  for (const { port } of [refusing, silent]) {
    const opened = await openSession({
      address: "127.0.0.1",
      port,
      serverName: "sink",
      heloName: "sender.example",
      tls: "disabled",
      timeouts,
    });
    assert.ok(opened.kind === "open");
    kinds.push((await opened.session.send(message)).kind);
    await opened.session.quit();
  }
  assert.deepEqual(kinds, ["refused", "in_doubt"]);
});
