import assert from "node:assert/strict";
import { test } from "node:test";

import { aScriptedDns, type Zones } from "#test/support/scripted-dns.ts";

import { openResolver } from "../dns/open-resolver.ts";
import { reverseName } from "../dns/reverse-name.ts";
import { judgeSender } from "./judge-sender.ts";

const zones: Zones = {
  "list.test": { txt: ["another record", "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/32 -all"] },
  "led.test": { txt: ["v=spf1 redirect=list.test"] },
  "hosts.test": {
    txt: ["v=spf1 a mx/24 a:more.test ~all"],
    a: ["192.0.2.1"],
    mx: [{ preference: 10, exchange: "mx.test" }],
  },
  "mx.test": { a: ["198.51.100.7"] },
  "more.test": { a: ["203.0.113.9"], aaaa: ["2001:db8::9"] },
  "includes.test": { txt: ["v=spf1 include:list.test ?all"] },
  "open.test": { txt: ["v=spf1 ip4:192.0.2.1"] },
  "twice.test": { txt: ["v=spf1 -all", "v=spf1 +all"] },
  "wrong.test": { txt: ["v=spf1 ipv4:192.0.2.1 -all"] },
  "missing.test": { txt: ["v=spf1 include:nowhere.test -all"] },
  "round.test": { txt: ["v=spf1 include:round.test -all"] },
  "macro.test": { txt: ["v=spf1 exists:%{i}.test -all"] },
  "trouble.test": "SERVFAIL",
  "leans.test": { txt: ["v=spf1 a:trouble.test mx:trouble.test ip4:192.0.2.1 -all"] },
  "later.test": { txt: ["v=spf1 ip4:192.0.2.1 a:trouble.test -all"] },
};

test("an address is let through, refused or left open as the record of the domain and what it leads to say", async (t) => {
  const dns = await aScriptedDns(t, zones);
  const resolver = openResolver({ servers: [dns.nameServer], timeoutMs: 2_000, tries: 1 });
  const judged = async (domain: string, ip: string): Promise<string> =>
    (await judgeSender(resolver, domain, ip)).result;
  const expected: [string, string, string][] = [
    ["list.test", "192.0.2.15", "pass"],
    ["list.test", "192.0.2.16", "fail"],
    ["list.test", "2001:db8:1::1", "pass"],
    ["led.test", "192.0.2.15", "pass"],
    ["led.test", "198.51.100.1", "fail"],
    ["hosts.test", "192.0.2.1", "pass"],
    ["hosts.test", "198.51.100.250", "pass"],
    ["hosts.test", "203.0.113.9", "pass"],
    ["hosts.test", "2001:db8::9", "pass"],
    ["hosts.test", "203.0.113.10", "softfail"],
    ["includes.test", "192.0.2.15", "pass"],
    ["includes.test", "192.0.2.16", "neutral"],
    ["open.test", "192.0.2.2", "neutral"],
    ["nothing.test", "192.0.2.1", "none"],
    ["twice.test", "192.0.2.1", "permerror"],
    ["wrong.test", "192.0.2.1", "permerror"],
    ["missing.test", "192.0.2.1", "permerror"],
    ["round.test", "192.0.2.1", "permerror"],
    ["macro.test", "192.0.2.1", "unknown"],
    ["trouble.test", "192.0.2.1", "temperror"],
    ["leans.test", "192.0.2.1", "temperror"],
    ["later.test", "192.0.2.1", "pass"],
    ["later.test", "192.0.2.2", "temperror"],
  ];
  const found = await Promise.all(expected.map(async ([domain, ip]) => [domain, ip, await judged(domain, ip)]));
  assert.deepEqual(found, expected);
});

test("an address is looked up under its digits in reverse", () => {
  assert.equal(reverseName("192.0.2.10"), "10.2.0.192.in-addr.arpa");
  assert.equal(reverseName("2001:db8::a"), `a.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
  assert.equal(reverseName("::1"), `1.${"0.".repeat(31)}ip6.arpa`);
});
