import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";

import { aScriptedDns, type Failure, type ScriptedDns, type Zones } from "#test/support/scripted-dns.ts";
import type { Ending } from "#test/support/endings.ts";

import { openResolver, type Resolver } from "./open-resolver.ts";

async function aResolver(
  t: Ending,
  zones: Zones | Failure,
  given: { isOld?: boolean; negativeTtlSec?: number } = {},
): Promise<{ resolver: Resolver; dns: ScriptedDns }> {
  const dns = await aScriptedDns(t, zones, given);
  // Short only where no answer is to come: a machine may be busy.
  const timeoutMs = typeof zones === "string" ? 200 : 5_000;
  return { dns, resolver: openResolver({ servers: [dns.nameServer], timeoutMs, tries: 1 }) };
}

test("records come with the time for which they hold", async (t) => {
  const { resolver } = await aResolver(t, {
    "a.test": { mx: [{ preference: 10, exchange: "MX.a.test" }], ttlSec: 321, txt: ["v=STSv1; id=1"] },
    "mx.a.test": { a: ["192.0.2.1", "192.0.2.2"], aaaa: ["2001:db8:0:0:1::2"], ttlSec: 0 },
  });
  const mx = await resolver.ask("A.test", "MX");
  assert.deepEqual(mx, {
    kind: "records",
    ttlSec: 321,
    records: [{ type: "MX", owner: "a.test", ttlSec: 321, exchange: "mx.a.test", preference: 10 }],
  });
  const four = await resolver.ask("mx.a.test", "A");
  assert.ok(four.kind === "records");
  assert.deepEqual([four.ttlSec, four.records.map(({ address }) => address)], [0, ["192.0.2.1", "192.0.2.2"]]);
  const six = await resolver.ask("mx.a.test", "AAAA");
  assert.deepEqual(six.kind === "records" && six.records.map(({ address }) => address), ["2001:db8::1:0:0:2"]);
  const text = await resolver.ask("a.test", "TXT");
  assert.deepEqual(text.kind === "records" && text.records.map((record) => record.text), ["v=STSv1; id=1"]);
});

test("a name without such records is told from one that does not exist, each with its time", async (t) => {
  const { resolver } = await aResolver(t, { "a.test": { negativeTtlSec: 90 }, "b.test": {} }, { negativeTtlSec: 45 });
  assert.deepEqual(await resolver.ask("a.test", "MX"), { kind: "no_data", ttlSec: 90 });
  assert.deepEqual(await resolver.ask("b.test", "MX"), { kind: "no_data", ttlSec: 60 });
  assert.deepEqual(await resolver.ask("absent.test", "MX"), { kind: "no_domain", ttlSec: 45 });
});

for (const failure of ["SERVFAIL", "REFUSED", "silence", "truncated", "garbage"] as const) {
  test(`a server in trouble (${failure}) says nothing about the name`, async (t) => {
    const { resolver } = await aResolver(t, failure);
    assert.equal((await resolver.ask("a.test", "MX")).kind, "failed");
  });
}

test("a resolver that is not there fails at once, and says why", async () => {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  const resolver = openResolver({ servers: [`127.0.0.1:${port}`], timeoutMs: 5_000, tries: 2 });
  assert.deepEqual(await resolver.ask("a.test", "MX"), { kind: "failed", reason: "ECONNREFUSED" });
});

test("the next server is asked when one fails, and is asked first from then on", async (t) => {
  const broken = await aScriptedDns(t, "SERVFAIL");
  const good = await aScriptedDns(t, { "a.test": { a: ["192.0.2.1"] } });
  const resolver = openResolver({ servers: [broken.nameServer, good.nameServer], timeoutMs: 5_000, tries: 1 });
  assert.equal((await resolver.ask("a.test", "A")).kind, "records");
  assert.equal((await resolver.ask("a.test", "A")).kind, "records");
  assert.equal(broken.questions.length, 1);
});

test("an answer that does not fit a datagram is fetched over TCP, also one of 64 KiB", async (t) => {
  const mx = Array.from({ length: 200 }, (_, index) => ({
    preference: index,
    exchange: `mx${index}.${"l".repeat(60)}.${"l".repeat(60)}.${"l".repeat(60)}.${"l".repeat(50)}.test`,
  }));
  const { resolver } = await aResolver(t, { "a.test": { mx, isTcpOnly: true } });
  const answer = await resolver.ask("a.test", "MX");
  assert.ok(answer.kind === "records");
  assert.equal(answer.records.length, 200);
});

test("aliases are followed, within an answer and by asking again; a circle ends", async (t) => {
  const { resolver } = await aResolver(t, {
    "a.test": { cname: "b.test", ttlSec: 30 },
    "b.test": { cname: "c.test", isAliasAlone: true },
    "c.test": { a: ["192.0.2.1"], ttlSec: 500 },
    "round.test": { cname: "about.test", isAliasAlone: true },
    "about.test": { cname: "round.test", isAliasAlone: true },
    "self.test": { cname: "self.test", isAliasAlone: true },
    "dangling.test": { cname: "absent.test" },
  });
  const answer = await resolver.ask("a.test", "A");
  assert.ok(answer.kind === "records");
  assert.deepEqual([answer.ttlSec, answer.records[0]?.address], [30, "192.0.2.1"]);
  assert.equal((await resolver.ask("round.test", "A")).kind, "failed");
  assert.notEqual((await resolver.ask("self.test", "A")).kind, "records");
  assert.equal((await resolver.ask("dangling.test", "A")).kind, "no_domain");
});

test("a server that does not know EDNS is asked without it", async (t) => {
  const { resolver } = await aResolver(t, { "a.test": { a: ["192.0.2.1"] } }, { isOld: true });
  assert.equal((await resolver.ask("a.test", "A")).kind, "records");
});

test("a name that DNS cannot hold does not exist, and nobody is asked", async (t) => {
  const { resolver, dns } = await aResolver(t, {});
  for (const name of ["", "a..test", `${"l".repeat(64)}.test`, "a b.test", `${"l.".repeat(130)}test`])
    assert.equal((await resolver.ask(name, "MX")).kind, "no_domain", name);
  assert.deepEqual(dns.questions, []);
});

test("an answer to another question is not taken", async (t) => {
  const socket = createSocket("udp4");
  const real = await aScriptedDns(t, { "a.test": { a: ["192.0.2.1"] } });
  socket.on("message", (message, from) => {
    const forged = Buffer.from(message);
    forged.writeUInt16BE(message.readUInt16BE(0) ^ 1, 0);
    forged.writeUInt16BE(0x8180, 2);
    socket.send(forged, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => socket.close());
  const forger = `127.0.0.1:${socket.address().port}`;
  const resolver = openResolver({ servers: [forger, real.nameServer], timeoutMs: 500, tries: 1 });
  const answer = await resolver.ask("a.test", "A");
  assert.ok(answer.kind === "records");
});
