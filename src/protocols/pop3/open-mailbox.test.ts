import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { type TestContext } from "node:test";

import fc from "fast-check";

import { aPop3Server, type Pop3Script, type ScriptedPop3 } from "#test/support/scripted-pop3.ts";

import { type Mailbox, type MailboxAddress, openMailbox } from "./open-mailbox.ts";
import type { Pop3Failure } from "./pop3-error.ts";

const two = [
  { uid: "aaa", content: "Subject: one\r\n\r\nhello\r\n" },
  { uid: "bbb", content: "Subject: two\r\n\r\n.dot\r\n..two dots\r\nno end\r\n" },
];

test("mails are listed by their lasting names and read byte by byte", async (t) => {
  const { mailbox } = await aMailbox(t, { mails: two });
  assert.deepEqual(await mailbox.list(10), [
    { number: 1, uid: "aaa" },
    { number: 2, uid: "bbb" },
  ]);
  assert.deepEqual(await mailbox.list(1), [{ number: 1, uid: "aaa" }]);
  const { content, isTruncated } = await mailbox.retrieve(2, 1_000);
  assert.equal(content.toString(), two[1]?.content);
  assert.equal(isTruncated, false);
});

test("a mail is removed by quit, not by delete", async (t) => {
  const { mailbox, server } = await aMailbox(t, { mails: two });
  await mailbox.delete(1);
  assert.equal(server.mails.length, 2);
  await mailbox.quit();
  assert.deepEqual(
    server.mails.map(({ uid }) => uid),
    ["bbb"],
  );
});

test("a trace tells each command and its reply, and of the login nothing", async (t) => {
  const said: string[] = [];
  const { mailbox } = await aMailbox(
    t,
    { mails: two },
    { trace: (command, reply) => void said.push(`${command} | ${reply}`) },
  );
  await mailbox.delete(1);
  await mailbox.quit();
  const { login, password } = address(0);
  assert.deepEqual(
    said.map((line) => line.split(" | ")[0]),
    ["USER ...", "PASS ...", "DELE 1", "QUIT"],
  );
  assert.ok(!said.join().includes(login) && !said.join().includes(password));
});

test("a server without UIDL is listed by numbers", async (t) => {
  const { mailbox } = await aMailbox(t, {
    mails: two,
    twist: (command) => (command === "UIDL" ? "-ERR unknown\r\n" : undefined),
  });
  assert.deepEqual(await mailbox.list(10), [
    { number: 1, uid: undefined },
    { number: 2, uid: undefined },
  ]);
});

test("of a mail that is too large the beginning is read and the session goes on", async (t) => {
  const big = { uid: "big", content: `Subject: big\r\n\r\n${"x".repeat(3_000_000)}\r\n` };
  const { mailbox } = await aMailbox(t, { mails: [big, ...two] });
  const { content, isTruncated } = await mailbox.retrieve(1, 1_000);
  assert.equal(content.length, 1_000);
  assert.equal(isTruncated, true);
  assert.equal((await mailbox.retrieve(2, 1_000)).content.toString(), two[0]?.content);
});

test("a refused login fails without telling the password", async (t) => {
  await fails(
    t,
    { twist: (command) => (command.startsWith("PASS") ? "-ERR no\r\n" : undefined) },
    {},
    "refused",
    (message) => assert.doesNotMatch(message, /s3cret/),
  );
});

test("with STARTTLS required, a server without it gets no login", async (t) => {
  const server = await fails(t, {}, { encryption: "starttls" }, "no_encryption");
  assert.deepEqual(server.commands, ["STLS"]);
});

test("answers injected before the encryption end the session", async (t) => {
  const script: Pop3Script = { twist: (command) => (command === "STLS" ? "+OK go on\r\n+OK injected\r\n" : undefined) };
  const server = await fails(t, script, { encryption: "starttls" }, "violation");
  assert.deepEqual(server.commands, ["STLS"]);
});

test("the login and the mails go through STARTTLS, and only to a server that is trusted", async (t) => {
  const tls = certificate();
  const { mailbox } = await aMailbox(t, { mails: two, tls }, { encryption: "starttls", tls: { ca: tls.cert } });
  assert.equal((await mailbox.list(5)).length, 2);
  const server = await fails(t, { tls }, { encryption: "starttls" }, "connection");
  assert.deepEqual(server.commands, ["STLS"]);
});

test("a login that holds a line break is not sent", async (t) => {
  const server = await fails(t, {}, { password: "x\r\nDELE 1" }, "violation");
  assert.deepEqual(server.commands, ["USER jo"]);
});

for (const [what, script, failure] of [
  ["answers with neither +OK nor -ERR", { greeting: "HTTP/1.1 400 Bad Request\r\n" }, "violation"],
  ["greets with a line that does not end", { greeting: "+OK ".padEnd(100_000, "x") }, "violation"],
  ["closes at the greeting", { twist: () => "close" }, "connection"],
  ["is silent", { twist: () => "" }, "timeout"],
] as const) {
  test(`a server that ${what} costs one error`, async (t) => {
    await fails(t, script, {}, failure);
  });
}

test("a connection that is cut in the middle of a mail fails that mail", async (t) => {
  const { mailbox } = await aMailbox(t, {
    mails: two,
    twist: (command) => (command === "RETR 1" ? "+OK\r\nSubject: on" : undefined),
  });
  await assert.rejects(mailbox.retrieve(1, 1_000), { name: "Pop3Error", failure: "timeout" });
});

test("a port without a server is a connection error", async () => {
  await assert.rejects(openMailbox(address(1)), { name: "Pop3Error", failure: "connection" });
});

test("any mail comes out as it was stuffed in, whatever the packets", async (t) => {
  const line = fc.stringMatching(/^[.x]{0,4}[ -~]{0,6}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 8 }), async (lines) => {
      const content = `${lines.join("\r\n")}\r\n`;
      const server = await aPop3Server(t, { mails: [{ uid: "u", content }] });
      const mailbox = await openMailbox(address(server.port));
      assert.equal((await mailbox.retrieve(1, 10_000)).content.toString("latin1"), content);
      await mailbox.quit();
    }),
    { numRuns: 60 },
  );
});

test("no bytes from a server do more than fail the session", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom("UIDL", "RETR 1", "USER jo"),
      async (bytes, at) => {
        const noise = `+OK\r\n${Buffer.from(bytes).toString("latin1")}`;
        let server: ScriptedPop3 | undefined;
        try {
          server = await aPop3Server(t, {
            mails: two,
            twist: (command) => (command === at ? noise : command === "QUIT" ? "close" : undefined),
          });
          const mailbox = await openMailbox({ ...address(server.port), timeoutMs: 40 });
          await mailbox.list(5);
          await mailbox.retrieve(1, 1_000);
          mailbox.abandon();
        } catch (error) {
          assert.equal((error as Error).name, "Pop3Error");
        }
      },
    ),
    { numRuns: 80 },
  );
});

async function aMailbox(
  t: TestContext,
  script: Pop3Script,
  changes: Partial<MailboxAddress> = {},
): Promise<{ mailbox: Mailbox; server: ScriptedPop3 }> {
  const server = await aPop3Server(t, script);
  const mailbox = await openMailbox({ ...address(server.port), ...changes });
  t.after(() => mailbox.abandon());
  return { mailbox, server };
}

async function fails(
  t: TestContext,
  script: Pop3Script,
  changes: Partial<MailboxAddress>,
  failure: Pop3Failure,
  check: (message: string) => void = () => undefined,
): Promise<ScriptedPop3> {
  const server = await aPop3Server(t, script);
  await assert.rejects(openMailbox({ ...address(server.port), ...changes }), (error: Error & { failure?: string }) => {
    assert.equal(error.failure, failure, error.message);
    check(error.message);
    return true;
  });
  return server;
}

function address(port: number): MailboxAddress {
  return { host: "localhost", port, login: "jo", password: "s3cret", encryption: "none", timeoutMs: 400 };
}

function certificate(): { key: string; cert: string } {
  const folder = new URL("../../../test/support/certificates/", import.meta.url);
  return {
    key: readFileSync(new URL("localhost.key", folder), "utf8"),
    cert: readFileSync(new URL("localhost.crt", folder), "utf8"),
  };
}
