import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { aTcpPort } from "#test/support/free-ports.ts";
import {
  aScriptedSmtp,
  authorityFile,
  type PeerTls,
  type Script,
  type ScriptedSmtp,
  usualExtensions,
} from "#test/support/scripted-smtp.ts";
import { sessionWith } from "#test/support/smtp-session.ts";
import { until } from "#test/support/until.ts";
import { slowly } from "#test/support/within.ts";

import type { Ending } from "#test/support/endings.ts";
import { type OpeningOutcome, openSession, type SessionOptions } from "./open-session.ts";

const timeouts = {
  connectMs: 2_000,
  greetingMs: 400,
  commandMs: 400,
  contentMs: 2_000,
  slowestBytesPerSec: 500,
  finalReplyMs: 400,
};

async function open(
  t: Ending,
  server: Pick<ScriptedSmtp, "address" | "port">,
  options: Partial<SessionOptions> = {},
): Promise<OpeningOutcome> {
  const outcome = await openSession(sessionWith(server, { timeouts, ...options }));
  if (outcome.kind === "open") t.after(() => outcome.session.cut());
  return outcome;
}

function summary(outcome: OpeningOutcome): string {
  if (outcome.kind === "open") return `open${outcome.session.isSecure ? " secure" : ""}`;
  return outcome.kind === "refused"
    ? `refused ${outcome.stage} ${outcome.reply.code}`
    : `lost ${outcome.stage} ${outcome.loss.cause}`;
}

test("a session knows what the server offers", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: ["PIPELINING", "SIZE=1000", "8bitmime", "X-ODD a b"] });
  const outcome = await open(t, server);
  assert.ok(outcome.kind === "open");
  assert.deepEqual(outcome.session.extensions, {
    pipelining: true,
    eightBitMime: true,
    smtpUtf8: false,
    startTls: false,
    chunking: false,
    dsn: false,
    size: true,
    maxSizeBytes: 1_000,
  });
  await outcome.session.quit();
  assert.deepEqual(server.commands, ["EHLO sender.example.test", "QUIT"]);
});

test("an opening can be broken off before the connection, at the greeting and in the handshake", async (t) => {
  const ending = new AbortController();
  const deaf = await aScriptedSmtp(t, { on: { CONNECT: { next: "silence" } } });
  const mute = await aScriptedSmtp(t, {
    extensions: ["STARTTLS"],
    on: { STARTTLS: { say: "220 go ahead", next: "silence" } },
  });
  const long = { ...timeouts, greetingMs: 60_000, commandMs: 60_000 };
  const openings = [
    open(t, deaf, { timeouts: long, signal: ending.signal }),
    open(t, mute, { timeouts: long, signal: ending.signal, tls: "required" }),
  ];
  await until(() => deaf.connections === 1 && mute.commands.includes("STARTTLS"), "both to wait");
  ending.abort();
  const outcomes = [...(await Promise.all(openings)), await open(t, deaf, { signal: ending.signal })];
  const [greeting = "", starttls = "", connect = ""] = outcomes.map(summary);
  assert.deepEqual([greeting, connect], ["lost greeting closed", "lost connect closed"]);
  // Before the handshake, when our side has not read the 220 yet.
  assert.match(starttls, /^lost starttls (tls|closed)$/);
});

test("a server that does not know EHLO is greeted with HELO, and nothing is assumed of it", async (t) => {
  const server = await aScriptedSmtp(t, { on: { EHLO: "502 5.5.1 not here" } });
  const outcome = await open(t, server);
  assert.ok(outcome.kind === "open");
  assert.equal(outcome.session.isPipelined, false);
  assert.deepEqual(server.commands, ["EHLO sender.example.test", "HELO sender.example.test"]);
});

const failures: readonly [string, Script, string][] = [
  ["a greeting of 554", { on: { CONNECT: "554 5.7.1 go away" } }, "refused greeting 554"],
  [
    "a greeting of 421 and a closed door",
    { on: { CONNECT: { say: "421 4.3.2 too busy", next: "close" } } },
    "refused greeting 421",
  ],
  ["silence", { on: { CONNECT: { next: "silence" } } }, "lost greeting timeout"],
  ["a connection closed at once", { on: { CONNECT: { next: "close" } } }, "lost greeting closed"],
  ["a connection reset at once", { on: { CONNECT: { next: "reset" } } }, "lost greeting closed"],
  ["a greeting that is no SMTP", { on: { CONNECT: "HTTP/1.1 400 Bad Request" } }, "lost greeting protocol"],
  ["a greeting without end", { on: { CONNECT: "220-hello\r\n".repeat(120).trimEnd() } }, "lost greeting protocol"],
  ["an answer ahead of EHLO", { on: { CONNECT: "220 hello\r\n250 you are welcome" } }, "lost greeting protocol"],
  ["EHLO refused for now", { on: { EHLO: "451 4.7.1 greylisted" } }, "refused hello 451"],
  ["EHLO and HELO refused", { on: { EHLO: "550 no", HELO: "550 no" } }, "refused hello 550"],
  ["silence after EHLO", { on: { EHLO: { next: "silence" } } }, "lost hello timeout"],
  ["a connection reset at EHLO", { on: { EHLO: { next: "reset" } } }, "lost hello closed"],
];
for (const [name, script, expected] of failures) {
  test(`${name} is a value: ${expected}`, async (t) => {
    const server = await aScriptedSmtp(t, script);
    // A reset may be seen before the connection is.
    assert.equal(summary(await open(t, server)).replace("lost connect closed", "lost greeting closed"), expected);
  });
}

test("a port where nobody listens is a value", async (t) => {
  assert.equal(summary(await open(t, { address: "127.0.0.1", port: await aTcpPort() })), "lost connect closed");
});

test("a greeting of fifty lines is fine", async (t) => {
  const server = await aScriptedSmtp(t, { on: { CONNECT: `${"220-hello\r\n".repeat(49)}220 hello` } });
  assert.equal(summary(await open(t, server)), "open");
});

test("a server that drips bytes does not move the deadline", async (t) => {
  const server = await aScriptedSmtp(t, {
    dialogue: async (peer) => {
      const dripping = setInterval(() => peer.say("2"), 20);
      await peer.gone;
      clearInterval(dripping);
    },
  });
  const before = performance.now();
  assert.equal(summary(await open(t, server)), "lost greeting timeout");
  assert.ok(performance.now() - before < 4 * timeouts.greetingMs);
});

const withTls = [...usualExtensions, "STARTTLS"];

test("opportunistic TLS is taken where it is offered, and EHLO is said again inside it", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: withTls });
  const outcome = await open(t, server, { tls: "opportunistic" });
  assert.equal(summary(outcome), "open secure");
  assert.deepEqual(server.commands, ["EHLO sender.example.test", "STARTTLS", "EHLO sender.example.test"]);
});

test("opportunistic TLS does without where it is not offered", async (t) => {
  const server = await aScriptedSmtp(t);
  assert.equal(summary(await open(t, server, { tls: "opportunistic" })), "open");
});

test("TLS that is disabled is not asked for", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: withTls });
  assert.equal(summary(await open(t, server)), "open");
  assert.deepEqual(server.commands, ["EHLO sender.example.test"]);
});

test("opportunistic TLS that is refused is followed by one plain connection", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: withTls, on: { STARTTLS: "454 4.7.0 not now" } });
  assert.equal(summary(await open(t, server, { tls: "opportunistic" })), "open");
  assert.equal(server.connections, 2);
});

test("opportunistic TLS whose handshake hangs is followed by one plain connection", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: withTls,
    on: { STARTTLS: { say: "220 ready", next: "silence" } },
  });
  assert.equal(summary(await open(t, server, { tls: "opportunistic" })), "open");
  assert.equal(server.connections, 2);
});

for (const [name, script] of [
  ["is not offered", {}],
  ["is refused", { extensions: withTls, on: { STARTTLS: "454 4.7.0 not now" } }],
  ["hangs", { extensions: withTls, on: { STARTTLS: { say: "220 ready", next: "silence" } } }],
] as const satisfies readonly (readonly [string, Script])[]) {
  test(`required TLS that ${name} ends the session, and nothing is sent in plain text`, async (t) => {
    const server = await aScriptedSmtp(t, script);
    assert.match(summary(await open(t, server, { tls: "required" })), /starttls/);
    assert.equal(server.connections, 1);
    assert.ok(!server.commands.some((line) => line.startsWith("MAIL")));
  });
}

test("required TLS with a certificate to be verified refuses one that nobody vouches for", async (t) => {
  const server = await aScriptedSmtp(t, { extensions: withTls });
  assert.equal(summary(await open(t, server, { tls: "required", mustVerify: true })), "lost starttls tls");
  assert.equal(summary(await open(t, server, { tls: "required" })), "open secure");
});

const trusted = [readFileSync(authorityFile, "utf8")];

for (const [name, tls, serverName, verified, unverified] of [
  ["that is valid", { certificate: "trusted" }, "mx.example.test", "open secure", "open secure"],
  ["for another name", { certificate: "trusted" }, "mx.other.test", "lost starttls tls", "open secure"],
  ["that has ended", { certificate: "expired" }, "mx.example.test", "lost starttls tls", "open secure"],
  ["that nobody vouches for", {}, "mx.example.test", "lost starttls tls", "open secure"],
  [
    "for a name, and an address that is asked for",
    { certificate: "trusted" },
    "192.0.2.1",
    "lost starttls tls",
    "open secure",
  ],
  [
    "behind old TLS only",
    { certificate: "trusted", maxVersion: "TLSv1.1" },
    "mx.example.test",
    "lost starttls tls",
    "lost starttls tls",
  ],
] as const satisfies readonly (readonly [string, PeerTls, string, string, string])[]) {
  test(`with a certificate ${name}: verified ${verified}, required ${unverified}; opportunistic is always open`, async (t) => {
    const server = await aScriptedSmtp(t, { extensions: withTls, tls });
    const options = { serverName, trusted };
    assert.equal(summary(await open(t, server, { ...options, tls: "required", mustVerify: true })), verified);
    assert.equal(summary(await open(t, server, { ...options, tls: "required" })), unverified);
    assert.equal(server.connections, 2);
    const outcome = await open(t, server, { ...options, tls: "opportunistic" });
    assert.ok(outcome.kind === "open");
    assert.equal(outcome.session.isSecure, unverified === "open secure");
    assert.equal(outcome.plainBecause !== undefined, unverified !== "open secure", "a plain session says why");
  });
}

test("a handshake that drips one byte after another has one deadline", async (t) => {
  const server = await aScriptedSmtp(t, {
    extensions: withTls,
    on: {
      STARTTLS: (_, peer) => {
        peer.say("220 ready\r\n");
        // The beginning of a record that is never whole.
        const bytes = [0x16, 0x03, 0x03, 0x40, 0x00];
        const dripping = setInterval(() => peer.say(Buffer.from([bytes.shift() ?? 0])), 20);
        void peer.gone.then(() => clearInterval(dripping));
        return { next: "silence" };
      },
    },
  });
  assert.match(summary(await open(t, server, { tls: "required" })), /^lost starttls/);
});

test("a greeting that takes two thirds of its time is waited for", async (t) => {
  const server = await aScriptedSmtp(t, { on: { CONNECT: slowly((timeouts.greetingMs * 2) / 3) } });
  assert.equal(summary(await open(t, server)), "open");
});

test("bytes put between STARTTLS and the handshake are thrown away with the session, and no plain one follows", async (t) => {
  for (const injected of ["220 ready\r\n250 injected\r\n", "220 ready\r\n2"]) {
    const server = await aScriptedSmtp(t, {
      extensions: withTls,
      on: {
        STARTTLS: (_, peer) => {
          peer.say(injected);
          return { next: "silence" };
        },
      },
    });
    assert.equal(summary(await open(t, server, { tls: "opportunistic" })), "lost starttls protocol");
    assert.equal(summary(await open(t, server, { tls: "required" })), "lost starttls protocol");
    assert.equal(server.connections, 2);
  }
});

test("a second connection takes up the TLS session of the first, unless the certificate is to be looked at", async (t) => {
  const resumed: boolean[] = [];
  const server = await aScriptedSmtp(t, {
    extensions: [...usualExtensions, "STARTTLS"],
    on: { MAIL: (_, peer) => void resumed.push(peer.isResumed) },
  });
  let kept: Buffer | undefined;
  const tlsSessions = {
    recall: () => kept,
    keep: (ticket: Buffer) => void (kept = ticket),
    forget: () => void (kept = undefined),
  };
  const message = { envelope: { from: "", to: "a@example.test" }, content: Buffer.from("Subject: x\r\n\r\n") };
  for (const mustVerify of [false, false, true]) {
    const outcome = await open(t, server, { tls: mustVerify ? "required" : "opportunistic", mustVerify, tlsSessions });
    if (outcome.kind === "open") assert.equal((await outcome.session.send(message)).kind, "sent");
    else assert.ok(mustVerify, "only a certificate that nobody signed is refused");
  }
  assert.deepEqual(resumed, [false, true]);
  assert.equal(kept, undefined);
});
