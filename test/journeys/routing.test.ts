import assert from "node:assert/strict";
import { test } from "node:test";

import { broadLogStatuses, deliveryStates, failureReasons, failureTypes } from "#schemas/codes.ts";
import { addDomainRule } from "#test/support/domain-rule-store.ts";
import { assertExactLedger, untilFinished } from "#test/support/exact-ledger.ts";
import { aPlatformByMx, exchangersAt, mxOf } from "#test/support/mx-platform.ts";
import type { Zones } from "#test/support/scripted-dns.ts";
import { aScriptedSmtp, chunkingExtensions, type ScriptedSmtp } from "#test/support/scripted-smtp.ts";
import { aRequestedDelivery, aSendingPlatform } from "#test/support/sending-platform.ts";
import {
  allowSessions,
  insertRecipients,
  readDelivery,
  readMessages,
  readParts,
  readQuarantine,
} from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";

const allOf = (servers: readonly ScriptedSmtp[]): Pick<ScriptedSmtp, "messages"> => ({
  messages: servers.flatMap(({ messages }) => messages),
});

test("F39: the first mail exchanger is dead, the second takes everything in the same attempt", async (t) => {
  const [second] = await exchangersAt(t, [{}]);
  assert.ok(second !== undefined);
  const { db } = await aPlatformByMx(t, {
    port: second.port,
    zones: {
      "d1.test": mxOf("dead.test", "alive.test"),
      "d2.test": mxOf("dead.test", "alive.test"),
      "dead.test": { a: ["127.0.0.9"] },
      "alive.test": { a: ["127.0.0.2"] },
    },
  });
  const deliveryId = await aRequestedDelivery(db);
  await untilFinished(db, deliveryId);
  const { rows } = await assertExactLedger(db, second, deliveryId, { recipients: 20 });
  assert.ok(rows.every(({ status, attempts }) => status === broadLogStatuses.sent && attempts === 1));
  // Both domains share the exchangers, and so the sessions.
  assert.ok(second.connections <= 2, `${second.connections} connections`);
});

test("F39: a mail exchanger that hangs up is left alone for a while, and not met again with each session", async (t) => {
  const [second, first] = await exchangersAt(t, [{}, { on: { CONNECT: { next: "reset" } } }]);
  assert.ok(second !== undefined && first !== undefined);
  const { db } = await aPlatformByMx(t, {
    port: second.port,
    recipients: 400,
    domains: 1,
    zones: {
      "d1.test": mxOf("first.test", "second.test"),
      "first.test": { a: ["127.0.0.3"] },
      "second.test": { a: ["127.0.0.2"] },
    },
    before: (given) => allowSessions(given, 10),
  });
  const deliveryId = await aRequestedDelivery(db);
  await until(() => first.connections > 0, "the first attempt", { limitMs: 60_000 });
  const beganMs = performance.now();
  await untilFinished(db, deliveryId);
  // Four seconds at first, then twice as long.
  const most = 2 + Math.ceil((performance.now() - beganMs) / 4_000);
  assert.ok(first.connections <= most, `${first.connections} connections to the one that hangs up, at most ${most}`);
  assert.ok(second.connections > most, `${second.connections} connections to the other`);
  const { rows } = await assertExactLedger(db, second, deliveryId, { recipients: 400 });
  assert.ok(rows.every(({ attempts }) => attempts === 1));
});

/** `POSTRIDER_FULL=1` lets the resolver be away for as long as the catalogue says. */
const isFull = process.env["POSTRIDER_FULL"] === "1";
/** Attempts made in vain, and what the product waits between them: nobody hurries it. */
const [vainAttempts, retryPeriodSec] = isFull ? [21, 30] : [4, 1];

test("F37: a resolver in trouble defers and condemns nobody; everything leaves once it answers", async (t) => {
  const [exchanger] = await exchangersAt(t, [{}]);
  assert.ok(exchanger !== undefined);
  const mx: Zones = {
    ...Object.fromEntries([1, 2, 3, 4].map((number) => [`d${number}.test`, mxOf("mx.test")])),
    "mx.test": { a: ["127.0.0.2"] },
  };
  const { db, dns } = await aPlatformByMx(t, {
    port: exchanger.port,
    recipients: 40,
    domains: 4,
    zones: { "d1.test": "SERVFAIL", "d2.test": "silence", "d3.test": "REFUSED", "d4.test": "truncated" },
    settings: {
      POSTRIDER_MTA_DNS_TIMEOUT: "200",
      POSTRIDER_MTA_DNS_RETRY: "1",
      POSTRIDER_MTA_RETRY_PERIOD_SEC: String(retryPeriodSec),
      POSTRIDER_MTA_RETRY_COUNT: "1000",
    },
  });
  const deliveryId = await aRequestedDelivery(db);
  const beganMs = performance.now();
  // Each part is tried again and again: none of that counts for the quarantine.
  await until(
    async () => {
      const parts = await readParts(db, deliveryId);
      return parts.length > 0 && parts.every(({ attempts }) => attempts >= vainAttempts);
    },
    `${vainAttempts} attempts to be over`,
    { limitMs: 60_000 + vainAttempts * (retryPeriodSec + 10) * 1_000 },
  );
  t.diagnostic(`${vainAttempts} attempts in ${Math.round((performance.now() - beganMs) / 1_000)} s`);
  const deferred = await readMessages(db, deliveryId);
  assert.ok(deferred.every(({ status }) => status === broadLogStatuses.pending));
  assert.deepEqual(await readQuarantine(db), []);
  assert.equal(exchanger.connections, 0);
  dns.change(mx);
  // Failures are remembered for half a minute by the child.
  await untilFinished(db, deliveryId, 120_000);
  await assertExactLedger(db, exchanger, deliveryId, { recipients: 40 });
});

test("F38: what DNS says of a domain decides what becomes of its messages", async (t) => {
  const [exchanger] = await exchangersAt(t, [{}]);
  assert.ok(exchanger !== undefined);
  const many = Array.from({ length: 200 }, (_, index) => ({ preference: 1_000 - index, exchange: `m${index}.test` }));
  const { db } = await aPlatformByMx(t, {
    port: exchanger.port,
    recipients: 10,
    domains: 10,
    zones: {
      // d1.test is not there.
      "d2.test": { mx: [{ preference: 0, exchange: "." }], a: ["127.0.0.2"] },
      "d3.test": { a: ["127.0.0.2"] },
      "d4.test": { mx: [{ preference: 10, exchange: "alias.test" }] },
      "alias.test": { cname: "mx.test" },
      "d5.test": { mx: [{ preference: 10, exchange: "127.0.0.2" }] },
      "d6.test": { mx: [{ preference: 10, exchange: "d6.test" }], a: ["127.0.0.2"] },
      "d7.test": { mx: many, isTcpOnly: true },
      "m199.test": { a: ["127.0.0.2"] },
      "d8.test": { mx: [{ preference: 10, exchange: "mx.test" }], ttlSec: 0 },
      "d9.test": { cname: "d8.test" },
      "d10.test": mxOf("nowhere.test"),
      "mx.test": { a: ["127.0.0.2"], ttlSec: 0 },
    },
  });
  const deliveryId = await aRequestedDelivery(db);
  await untilFinished(db, deliveryId);
  const { rows } = await assertExactLedger(db, exchanger, deliveryId, { recipients: 10 });
  const fates = new Map(
    rows.map(({ address, status, failureType, failureReason }) => [
      Number(/@d(\d+)/.exec(address)?.[1] ?? 0),
      [status, failureType, failureReason],
    ]),
  );
  const { sent, failed } = broadLogStatuses;
  const { none, soft, hard } = failureTypes;
  for (const number of [3, 4, 6, 7, 8, 9]) assert.deepEqual(fates.get(number)?.slice(0, 2), [sent, none], `d${number}`);
  for (const number of [1, 5, 10])
    assert.deepEqual(fates.get(number), [failed, soft, failureReasons.invalidDomain], `d${number}`);
  assert.deepEqual(fates.get(2), [failed, hard, failureReasons.invalidDomain]);
});

test("loopback and private addresses are left alone unless the settings allow them", async (t) => {
  const [exchanger] = await exchangersAt(t, [{}]);
  assert.ok(exchanger !== undefined);
  const { db } = await aPlatformByMx(t, {
    port: exchanger.port,
    zones: { "d1.test": { a: ["127.0.0.2"] }, "d2.test": { a: ["10.0.0.1", "192.168.1.1"] } },
    settings: { POSTRIDER_MTA_ALLOW_PRIVATE_ADDRESSES: "false" },
  });
  const deliveryId = await aRequestedDelivery(db);
  await untilFinished(db, deliveryId);
  assert.equal(exchanger.connections, 0);
  assert.equal((await readDelivery(db, deliveryId)).error, 20);
});

test("relays are used in order: the second takes over while the first fails, and only then", async (t) => {
  const first = await aScriptedSmtp(t);
  const second = await aScriptedSmtp(t);
  const { db } = await aSendingPlatform(t, {
    before: (given) => insertRecipients(given, 40, 4),
    settings: {
      POSTRIDER_MTA_ROUTE: "relay",
      POSTRIDER_MTA_RELAY_ADDRESS: `127.0.0.1:${first.port}, 127.0.0.1:${second.port}`,
    },
  });
  const whileBothRun = await aRequestedDelivery(db);
  await untilFinished(db, whileBothRun);
  await assertExactLedger(db, first, whileBothRun, { recipients: 40 });
  assert.equal(second.connections, 0);
  await first.close();
  const whileOneRuns = await aRequestedDelivery(db);
  await untilFinished(db, whileOneRuns);
  const { rows } = await assertExactLedger(db, second, whileOneRuns, { recipients: 40 });
  assert.ok(rows.every(({ attempts }) => attempts === 1));
});

test("the rule of a domain hands its mail to a relay of its own, and is read while everything runs", async (t) => {
  const [exchanger] = await exchangersAt(t, [{}]);
  assert.ok(exchanger !== undefined);
  const relay = await aScriptedSmtp(t);
  const { db } = await aPlatformByMx(t, {
    port: exchanger.port,
    zones: { "d1.test": mxOf("mx.test"), "d2.test": mxOf("mx.test"), "mx.test": { a: ["127.0.0.2"] } },
    before: (given) =>
      addDomainRule(given, { mask: "d2.*", relayHost: "127.0.0.1", relayPort: relay.port, tls: "disabled" }),
  });
  const deliveryId = await aRequestedDelivery(db);
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, allOf([exchanger, relay]), deliveryId, { recipients: 20 });
  assert.ok(exchanger.messages.every(({ to }) => to.endsWith("@d1.test")));
  assert.equal(relay.messages.filter(({ to }) => to.endsWith("@d2.test")).length, 10);
});

const affinities = JSON.stringify([
  {
    name: "marketing;default",
    localDomain: "out.example.test",
    ip: [
      { address: "127.0.0.51", publicId: 51, weight: 5, heloHost: "one.example.test" },
      { address: "127.0.0.52", publicId: 52, weight: 5 },
      { address: "127.0.0.53", publicId: 53, weight: 1, excludeDomains: "d7.*" },
    ],
  },
]);

test("10,000 messages leave from our addresses by their weights, each with its name, within five percent", async (t) => {
  const [exchanger] = await exchangersAt(t, [{ extensions: chunkingExtensions }]);
  assert.ok(exchanger !== undefined);
  const domains = 20;
  const zones = Object.fromEntries(
    Array.from({ length: domains }, (_, index) => [`d${index + 1}.test`, mxOf("mx.test")]),
  );
  const { db } = await aPlatformByMx(t, {
    port: exchanger.port,
    recipients: 10_000,
    domains,
    zones: { ...zones, "mx.test": { a: ["127.0.0.2"] } },
    settings: { POSTRIDER_MTA_CHILD_SMTP_IP_AFFINITY: affinities },
    before: (given) => allowSessions(given, 5),
  });
  const deliveryId = await aRequestedDelivery(db, { affinity: "marketing" });
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, exchanger, deliveryId, { recipients: 10_000 });
  const countFrom = (source: string, isMeant: (to: string) => boolean): number =>
    exchanger.messages.filter((message) => message.source === source && isMeant(message.to)).length;
  const isSeventh = (to: string): boolean => to.endsWith("@d7.test");
  assert.equal(countFrom("127.0.0.53", isSeventh), 0, "an excluded domain");
  const messages = 9_500;
  for (const [source, weight] of [
    ["127.0.0.51", 5],
    ["127.0.0.52", 5],
    ["127.0.0.53", 1],
  ] as const) {
    const share = countFrom(source, (to) => !isSeventh(to)) / messages;
    assert.ok(Math.abs(share / (weight / 11) - 1) <= 0.05, `${source} took ${share}`);
  }
  const names = new Set(exchanger.commands.filter((line) => line.startsWith("EHLO")));
  assert.deepEqual([...names].sort(), ["EHLO one.example.test", "EHLO out.example.test"]);
});

test("an address that a server turns away leaves the others their shares: 83 and 17 of a hundred", async (t) => {
  const [exchanger] = await exchangersAt(t, [
    {
      on: {
        CONNECT: (_, { source }) =>
          source === "127.0.0.51" ? { say: "554 5.7.1 your address is listed", next: "close" } : undefined,
      },
    },
  ]);
  assert.ok(exchanger !== undefined);
  const { db } = await aPlatformByMx(t, {
    port: exchanger.port,
    recipients: 2_000,
    domains: 1,
    zones: { "d1.test": mxOf("mx.test"), "mx.test": { a: ["127.0.0.2"] } },
    settings: { POSTRIDER_MTA_CHILD_SMTP_IP_AFFINITY: affinities },
  });
  const deliveryId = await aRequestedDelivery(db);
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, exchanger, deliveryId, { recipients: 2_000 });
  const small = exchanger.messages.filter(({ source }) => source === "127.0.0.53").length;
  assert.ok(Math.abs(small / (2_000 / 6) - 1) <= 0.1, `${small} of 2000`);
});

test("a delivery whose affinity no host declares waits, and is sent by one that does", async (t) => {
  const { db, sink, start, environment, mta } = await aSendingPlatform(t, {
    before: (given) => insertRecipients(given, 20, 2),
  });
  const waiting = await aRequestedDelivery(db, { affinity: "marketing" });
  const sent = await aRequestedDelivery(db);
  await untilFinished(db, sent);
  assert.ok((await readParts(db, waiting)).every(({ state }) => state === "waiting"));
  assert.equal((await readDelivery(db, waiting)).state, deliveryStates.inProgress);
  assert.ok(mta.pid > 0);
  environment["POSTRIDER_MTA_CHILD_SMTP_IP_AFFINITY"] = affinities;
  const second = start("mta", "-instance:main");
  await second.ready;
  await untilFinished(db, waiting);
  assert.equal(sink.messages.length, 40);
});
