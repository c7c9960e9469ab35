/** One delivery to servers that are each broken in a way of their own: F23 to F27 and F29 to F35, judged by what the servers took. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { broadLogStatuses } from "#schemas/codes.ts";
import { addDomainRule } from "#test/support/domain-rule-store.ts";
import type { Ending } from "#test/support/endings.ts";
import { serversAtOnePort } from "#test/support/mx-platform.ts";
import { aPolicyHost, aText } from "#test/support/policy-host.ts";
import { aScriptedDns, type Zone } from "#test/support/scripted-dns.ts";
import {
  authorityFile,
  type Peer,
  type Script,
  type ScriptedSmtp,
  usualExtensions,
} from "#test/support/scripted-smtp.ts";
import { aRequestedDelivery, aSendingPlatform } from "#test/support/sending-platform.ts";
import {
  hurryParts,
  insertAddresses,
  readMessages,
  readParts,
  readReasons,
  requireTls,
  shortenTimeouts,
} from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { slowly } from "#test/support/within.ts";

type Expectation = "sent" | "deferred" | "failed" | "in_doubt";
type Fault = {
  readonly script: Script;
  readonly first: Expectation;
  /** What the ledger says about the reason. */
  readonly text?: RegExp;
  /** Published for the domain: the file's text. */
  readonly policy?: string;
  /** Where an operator's rule requires TLS. */
  readonly requires?: "domain" | "exchanger";
};

const withTls = [...usualExtensions, "STARTTLS"];
const enforced = (domain: string): string => `version: STSv1\nmode: enforce\nmx: mx.${domain}\nmax_age: 86400\n`;

/** Says one letter after another. */
async function drip(peer: Peer, text: string): Promise<undefined> {
  for (const letter of text) await new Promise<void>((resolve) => setTimeout(() => resolve(peer.say(letter)), 60));
}
/** Announces PIPELINING, and throws away what came together with a command. */
function forgetful(_: string, peer: Peer): undefined {
  peer.forget();
}

/** Domain by domain. */
const faults: Record<string, Fault> = {
  "good.test": { script: {}, first: "sent" },
  // F23: nothing said at all.
  "silent.test": { script: { on: { CONNECT: { next: "silence" } } }, first: "deferred", text: /no answer within/ },
  // F24: one letter at a time moves no deadline.
  "dripping-banner.test": {
    script: { on: { CONNECT: (_, peer) => drip(peer, "220-hello ".repeat(20)) } },
    first: "deferred",
    text: /no answer within/,
  },
  "dripping-reply.test": {
    script: { on: { MAIL: (_, peer) => drip(peer, "250-hello ".repeat(20)) } },
    first: "deferred",
    text: /no answer within/,
  },
  // F25: slow and long greetings are none of our business, endless ones are.
  "slow-banner.test": { script: { on: { CONNECT: slowly(600) } }, first: "sent" },
  "long-banner.test": { script: { on: { CONNECT: `${"220-hello\r\n".repeat(49)}220 hello` } }, first: "sent" },
  "endless-banner.test": {
    script: { on: { CONNECT: "220-hello\r\n".repeat(300).trimEnd() } },
    first: "deferred",
    text: /more than 100 lines/,
  },
  // F26: gone at each stage.
  "reset-banner.test": { script: { on: { CONNECT: { next: "reset" } } }, first: "deferred" },
  "closed-ehlo.test": { script: { on: { EHLO: { next: "close" } } }, first: "deferred" },
  "reset-starttls.test": {
    // Where nothing asks for TLS, the mail goes without it.
    script: { extensions: withTls, on: { STARTTLS: { next: "reset" } } },
    first: "sent",
  },
  "closed-mail.test": { script: { on: { MAIL: { next: "close" } } }, first: "deferred" },
  "reset-rcpt.test": { script: { on: { RCPT: { next: "reset" } } }, first: "deferred" },
  "closed-data.test": { script: { on: { DATA: { next: "close" } } }, first: "deferred" },
  // The whole message was on its way: the server may have had it.
  "reset-body.test": {
    script: {
      on: {
        DATA: async (_, peer) => {
          peer.say("354 go on\r\n");
          await peer.peek("From:");
          return { next: "reset" };
        },
      },
    },
    first: "in_doubt",
  },
  "reset-quit.test": { script: { on: { QUIT: { next: "reset" } } }, first: "sent" },
  // F27: nothing behind the final dot.
  "closed-dot.test": { script: { on: { DOT: { next: "close" } } }, first: "in_doubt" },
  // F29 and F30.
  "storm.test": {
    script: { on: { CONNECT: { say: "421 4.3.2 too busy", next: "close" } } },
    first: "deferred",
    text: /421 4\.3\.2 too busy/,
  },
  // F31: each recipient has its own answer.
  "mixed.test": {
    script: { on: { RCPT: (line) => (line.includes("<a@") ? "452 4.5.3 too many recipients" : "450 4.2.1 later") } },
    first: "deferred",
    text: /^45[02] 4/,
  },
  "grey.test": { script: { on: { RCPT: "451 4.7.1 greylisted, come back" } }, first: "deferred", text: /greylisted/ },
  // F32: what is no SMTP, and what must not reach a page.
  "spam.test": {
    script: { on: { DOT: `554 5.7.1 spam \u0000\u001b[31m\u202e${"x".repeat(3_000)}` } },
    first: "failed",
    text: /^554 5\.7\.1 spam \[31m x{100}/,
  },
  "bad-sequence.test": { script: { on: { RCPT: "503 5.5.1 MAIL first" } }, first: "deferred", text: /503/ },
  "code-999.test": { script: { on: { MAIL: "999 what" } }, first: "deferred", text: /not SMTP/ },
  "two-digits.test": { script: { on: { MAIL: "25 ok" } }, first: "deferred", text: /not SMTP/ },
  "no-code.test": { script: { on: { MAIL: "fine with me" } }, first: "deferred", text: /not SMTP/ },
  // F33: out of step.
  "ahead.test": { script: { on: { MAIL: "250 ok\r\n250 ok\r\n354 go\r\n250 queued" } }, first: "deferred" },
  "twice.test": { script: { on: { MAIL: "250 ok\r\n250 ok" } }, first: "deferred" },
  "354-to-rcpt.test": { script: { on: { RCPT: "354 go on" } }, first: "deferred" },
  // F34: servers that can do little, or less than they say.
  "old.test": { script: { extensions: [], on: { EHLO: "502 5.5.1 what is that" } }, first: "sent" },
  "small.test": { script: { extensions: ["SIZE 10"] }, first: "failed", text: /the server takes 10/ },
  "forgetful.test": { script: { on: { MAIL: forgetful, RCPT: forgetful } }, first: "sent" },
  // F35: STARTTLS.
  "tls-refused.test": { script: { extensions: withTls, on: { STARTTLS: "454 4.7.0 not now" } }, first: "sent" },
  "tls-hangs.test": {
    script: { extensions: withTls, on: { STARTTLS: { say: "220 ready", next: "silence" } } },
    first: "sent",
  },
  "tls-injected.test": {
    script: { extensions: withTls, on: { STARTTLS: { say: "220 ready\r\n250 injected", next: "silence" } } },
    first: "deferred",
    text: /between STARTTLS and the handshake/,
  },
  // TLS that an operator requires, of a domain or of an exchanger, is never left out.
  "rule-of-domain.test": { script: {}, first: "deferred", text: /TLS is required/, requires: "domain" },
  "rule-of-stat.test": {
    script: { extensions: withTls, on: { STARTTLS: "454 4.7.0 not now" } },
    first: "deferred",
    text: /454 4\.7\.0/,
    requires: "exchanger",
  },
  // MTA-STS.
  "one.test": {
    script: { extensions: withTls, tls: { certificate: "trusted" } },
    first: "sent",
    policy: enforced("one.test"),
  },
  "two.test": {
    script: { extensions: withTls, tls: { certificate: "expired" } },
    first: "deferred",
    text: /CERT_HAS_EXPIRED/,
    policy: enforced("two.test"),
  },
  "three.test": { script: {}, first: "deferred", text: /MTA-STS/, policy: enforced("one.test") },
};
const domains = Object.keys(faults);
/** Their policies hold for a day more, or a rule for ever, and what these ask is not met. */
const unrepaired: ReadonlySet<string> = new Set(["two.test", "three.test", "rule-of-domain.test"]);
const readers = ["a", "b"];

async function startServers(t: Ending): Promise<Map<string, ScriptedSmtp>> {
  const scripts = Object.values(faults).map(({ script }, index) => ({ ...script, address: `127.0.1.${index + 1}` }));
  const servers = await serversAtOnePort(t, scripts);
  return new Map(servers.map((server, index) => [domains[index] ?? "", server]));
}

function zonesOf(servers: ReadonlyMap<string, ScriptedSmtp>): Record<string, Zone> {
  const zones: Record<string, Zone> = {};
  for (const [domain, { address }] of servers) {
    zones[domain] = { mx: [{ preference: 10, exchange: `mx.${domain}` }] };
    zones[`mx.${domain}`] = { a: [address] };
    if (faults[domain]?.policy === undefined) continue;
    zones[`_mta-sts.${domain}`] = { txt: ["v=STSv1; id=a1;"] };
    zones[`mta-sts.${domain}`] = { a: ["127.0.0.1"] };
  }
  return zones;
}

async function readByDomain(db: Database, deliveryId: number) {
  return Map.groupBy(await readMessages(db, deliveryId), ({ address }) => address.split("@")[1] ?? "");
}

const statusOf: Record<Expectation, number> = {
  sent: broadLogStatuses.sent,
  failed: broadLogStatuses.failed,
  deferred: broadLogStatuses.pending,
  in_doubt: broadLogStatuses.pending,
};

test("each broken server costs its own recipients an attempt and nobody else anything; once they are repaired everybody has one message", async (t) => {
  const servers = await startServers(t);
  const port = servers.get("good.test")?.port ?? 0;
  const policies = await aPolicyHost(t, {
    answer: (request, response) =>
      aText(faults[(request.headers.host ?? "").replace(/^mta-sts\.|:\d+$/g, "")]?.policy ?? "")(request, response),
  });
  const dns = await aScriptedDns(t, zonesOf(servers));
  const { db } = await aSendingPlatform(t, {
    before: async (db) => {
      await insertAddresses(
        db,
        domains.flatMap((domain) => readers.map((reader) => `${reader}@${domain}`)),
      );
      // For these only: a good server on a machine that is busy with other tests is waited for as long as in real life.
      await shortenTimeouts(
        db,
        ["silent", "dripping-banner", "dripping-reply", "forgetful", "tls-hangs"].map((name) => `mx.${name}.test`),
        2,
      );
      for (const [domain, { requires }] of Object.entries(faults)) {
        if (requires === "domain") await addDomainRule(db, { mask: domain, tls: "required" });
        if (requires === "exchanger") await requireTls(db, `mx.${domain}`);
      }
    },
    settings: {
      NODE_EXTRA_CA_CERTS: authorityFile,
      POSTRIDER_MTA_ROUTE: "mx",
      POSTRIDER_MTA_MX_PORT: String(port),
      POSTRIDER_MTA_ALLOW_PRIVATE_ADDRESSES: "true",
      POSTRIDER_MTA_DNS_NAME_SERVERS: dns.nameServer,
      POSTRIDER_MTA_MTA_STS_POLICY_PORT: String(policies.port),
      POSTRIDER_MTA_CHILD_MAX_AGE_SEC: "12",
      POSTRIDER_MTA_CHILD_SMTP_INITIAL_DELAY_SEC: "1",
    },
  });
  const deliveryId = await aRequestedDelivery(db);
  await until(
    async () => {
      const parts = await readParts(db, deliveryId);
      return parts.length > 0 && parts.every(({ state, attempts }) => state === "done" || attempts === 1);
    },
    "the first attempt to be over",
    { limitMs: 180_000 },
  );

  const first = await readByDomain(db, deliveryId);
  const reasons = await readReasons(db, deliveryId);
  // eslint-disable-next-line no-control-regex -- the point of the test
  for (const reason of reasons.values()) assert.doesNotMatch(reason, /[\u0000-\u001f\u202e]|x{1001}/);
  for (const [domain, fault] of Object.entries(faults)) {
    const rows = first.get(domain) ?? [];
    assert.deepEqual(
      rows.map(({ status, isInDoubt }) => [status, isInDoubt]),
      readers.map(() => [statusOf[fault.first], fault.first === "in_doubt"]),
      `${domain}: ${fault.first}`,
    );
    for (const { address } of fault.text === undefined ? [] : rows)
      assert.match(reasons.get(address) ?? "", fault.text ?? /./, domain);
    const took = servers.get(domain)?.messages ?? [];
    assert.equal(took.length, fault.first === "sent" ? readers.length : 0, `${domain} took`);
  }
  const { messages: overTls = [], commands = [] } = servers.get("one.test") ?? {};
  assert.ok(overTls.every(({ isSecure }) => isSecure));
  assert.equal(commands.filter((line) => line === "STARTTLS").length > 0, true);
  assert.ok(!(servers.get("two.test")?.commands ?? []).some((line) => line.startsWith("MAIL")));
  assert.equal(servers.get("three.test")?.connections, 0);
  for (const [domain, { requires }] of Object.entries(faults))
    if (requires !== undefined)
      assert.ok(!servers.get(domain)?.commands.some((line) => line.startsWith("MAIL")), domain);
  // A storm is met with single probes: a handful, not two hundred sessions.
  assert.ok((servers.get("storm.test")?.connections ?? 99) <= 8);

  for (const server of servers.values()) server.behave({});
  const repaired = domains.filter((domain) => faults[domain]?.first !== "failed" && !unrepaired.has(domain));
  const isAllSent = async (): Promise<boolean> => {
    await hurryParts(db, deliveryId);
    const now = await readByDomain(db, deliveryId);
    return repaired.every((domain) => now.get(domain)?.every(({ status }) => status === broadLogStatuses.sent));
  };
  await until(isAllSent, "everybody to have a message", { limitMs: 180_000, stepMs: 500 });
  for (const domain of repaired) {
    const took = (servers.get(domain)?.messages ?? []).map(({ to }) => to).sort();
    assert.deepEqual(
      took,
      readers.map((reader) => `${reader}@${domain}`),
      `${domain} took each once`,
    );
  }
  for (const domain of unrepaired) assert.equal(servers.get(domain)?.messages.length, 0, domain);
});
