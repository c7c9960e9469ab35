import assert from "node:assert/strict";
import { test } from "node:test";

import type { DomainRule } from "#campaign/content/find-domain-rule.ts";
import { aScriptedDns, type ScriptedDns, type Zone, type Zones } from "#test/support/scripted-dns.ts";

import type { Ending } from "#test/support/endings.ts";
import type { Destination, Route } from "./destination.ts";
import { type FindRoute, routeByMx, routeByRules, routeToRelays } from "./find-route.ts";
import { mostTargets, orderPaths, type Targets } from "./order-paths.ts";
import { isPrivateAddress } from "./private-address.ts";
import { readRelay } from "./read-relay.ts";
import { type Names, openNames, readMx } from "./resolve-mx.ts";

async function aRouting(
  t: Ending,
  zones: Zones,
): Promise<{ names: Names; findRoute: FindRoute; dns: ScriptedDns; move: (ms: number) => void }> {
  const dns = await aScriptedDns(t, zones);
  let nowMs = 0;
  const names = openNames({ nameServers: [dns.nameServer], timeoutMs: 300, tries: 1, elapsedMs: () => nowMs });
  const findRoute = routeByMx({ resolveMx: names.resolveMx, port: 25 });
  return { names, findRoute, dns, move: (ms) => void (nowMs += ms) };
}

function exchangersOf(route: Route): string[] {
  return route.kind === "destination"
    ? route.destination.exchangers.map(({ host, preference }) => `${preference} ${host}`)
    : [route.kind];
}

test("mail exchangers come in the order of their preference", async (t) => {
  const { findRoute } = await aRouting(t, {
    "a.test": {
      mx: [
        { preference: 20, exchange: "mx2.a.test" },
        { preference: 10, exchange: "MX1.a.test" },
      ],
    },
  });
  assert.deepEqual(exchangersOf(await findRoute("a.test")), ["10 mx1.a.test", "20 mx2.a.test"]);
});

test("a domain without MX is its own mail exchanger", async (t) => {
  const { findRoute } = await aRouting(t, { "a.test": { a: ["192.0.2.1"] } });
  assert.deepEqual(exchangersOf(await findRoute("a.test")), ["0 a.test"]);
});

test("a null MX takes no mail, and no attempt is made", async (t) => {
  const { findRoute } = await aRouting(t, { "a.test": { mx: [{ preference: 0, exchange: "." }], a: ["192.0.2.1"] } });
  const route = await findRoute("a.test");
  assert.ok(route.kind === "refused" && route.isFinalForAddress);
  assert.match(route.text, /5\.1\.10/);
});

test("only a domain that does not exist is an invalid one; every other failure is asked again", async (t) => {
  const { findRoute } = await aRouting(t, {
    "broken.test": "SERVFAIL",
    "closed.test": "REFUSED",
    "silent.test": "silence",
  });
  const absent = await findRoute("absent.test");
  assert.ok(absent.kind === "refused" && !absent.isFinalForAddress);
  assert.equal(absent.text, "DNS query failed for 'absent.test': there is no such domain");
  for (const domain of ["broken.test", "closed.test", "silent.test"])
    assert.equal((await findRoute(domain)).kind, "unresolved", domain);
});

test("a resolver that is dead condemns nobody", async () => {
  const names = openNames({ nameServers: ["127.0.0.1:9"], timeoutMs: 200, tries: 1, elapsedMs: () => 0 });
  const findRoute = routeByMx({ resolveMx: names.resolveMx, port: 25 });
  assert.equal((await findRoute("a.test")).kind, "unresolved");
});

const countOf = ({ questions }: ScriptedDns, question: string): number =>
  questions.filter((asked) => asked === question).length;

test("a domain is asked about again when its records' time is over; questions at one time share a query", async (t) => {
  const { findRoute, dns, move } = await aRouting(t, {
    "a.test": { mx: [{ preference: 1, exchange: "mx.test" }], ttlSec: 90 },
    "none.test": { a: ["192.0.2.1"], negativeTtlSec: 20 },
  });
  const ask = (): Promise<Route[]> => Promise.all(["a.test", "A.test", "a.test", "none.test"].map(findRoute));
  await Promise.all([ask(), ask()]);
  assert.deepEqual([countOf(dns, "MX a.test"), countOf(dns, "MX none.test")], [1, 1]);
  move(19_000);
  await ask();
  assert.equal(countOf(dns, "MX none.test"), 1);
  move(2_000);
  await ask();
  assert.deepEqual([countOf(dns, "MX a.test"), countOf(dns, "MX none.test")], [1, 2]);
  move(70_000);
  await ask();
  assert.equal(countOf(dns, "MX a.test"), 2);
});

test("an answer with TTL 0 serves the questions under way, and no other", async (t) => {
  const { findRoute, dns } = await aRouting(t, {
    "a.test": { mx: [{ preference: 1, exchange: "mx.test" }], ttlSec: 0 },
  });
  await Promise.all([findRoute("a.test"), findRoute("a.test")]);
  assert.equal(countOf(dns, "MX a.test"), 1);
  await findRoute("a.test");
  assert.equal(countOf(dns, "MX a.test"), 2);
});

test("a domain whose look-up failed is asked about again after half a minute", async (t) => {
  const { findRoute, dns, move } = await aRouting(t, { "a.test": "SERVFAIL" });
  await findRoute("a.test");
  await findRoute("a.test");
  assert.equal(countOf(dns, "MX a.test"), 1);
  dns.change({ "a.test": { mx: [{ preference: 1, exchange: "mx.test" }] } });
  move(31_000);
  assert.deepEqual(exchangersOf(await findRoute("a.test")), ["1 mx.test"]);
});

test("while the resolver is dead, what was known serves for an hour, and no longer", async (t) => {
  const { findRoute, dns, move } = await aRouting(t, { "a.test": { mx: [{ preference: 1, exchange: "mx.test" }] } });
  await findRoute("a.test");
  dns.change("SERVFAIL");
  move(600_000);
  assert.deepEqual(exchangersOf(await findRoute("a.test")), ["1 mx.test"]);
  move(3_600_000);
  assert.deepEqual(exchangersOf(await findRoute("a.test")), ["unresolved"]);
});

test("a domain with letters outside ASCII is asked for as DNS has it", async (t) => {
  const { findRoute, dns } = await aRouting(t, {
    "xn--bcher-kva.test": { mx: [{ preference: 1, exchange: "mx.test" }] },
  });
  assert.deepEqual(exchangersOf(await findRoute("Bücher.test")), ["1 mx.test"]);
  assert.deepEqual(dns.questions, ["MX xn--bcher-kva.test"]);
});

test("an alias in place of a domain is followed to its mail exchangers", async (t) => {
  const { findRoute } = await aRouting(t, {
    "a.test": { cname: "b.test" },
    "b.test": { mx: [{ preference: 5, exchange: "mx.b.test" }] },
  });
  assert.deepEqual(exchangersOf(await findRoute("a.test")), ["5 mx.b.test"]);
});

test("a domain that is its own mail exchanger is one", async (t) => {
  const { findRoute } = await aRouting(t, {
    "a.test": { mx: [{ preference: 5, exchange: "a.test" }], a: ["192.0.2.1"] },
  });
  assert.deepEqual(exchangersOf(await findRoute("a.test")), ["5 a.test"]);
});

test("two hundred mail exchangers, over TCP, are cut to the best twenty and to five addresses", async (t) => {
  const mx = Array.from({ length: 200 }, (_, index) => ({ preference: 1_000 - index, exchange: `mx${index}.a.test` }));
  const hosts = mx.map(({ exchange }, index): [string, Zone] => [exchange, { a: [`192.0.2.${index}`] }]);
  const zones: Zones = { "a.test": { mx, isTcpOnly: true }, ...Object.fromEntries(hosts) };
  assert.deepEqual(
    addressesOf(await targetsOf(t, zones, "a.test")),
    [199, 198, 197, 196, 195].map((index) => `192.0.2.${index}`),
  );
});

test("names that are IP addresses are no mail exchangers", () => {
  assert.deepEqual(readMx([{ exchange: "127.0.0.1", preference: 10 }]), { kind: "unusable" });
  assert.deepEqual(
    readMx([
      { exchange: "192.0.2.1", preference: 1 },
      { exchange: "mx.test", preference: 2 },
    ]),
    { kind: "exchangers", exchangers: [{ host: "mx.test", preference: 2 }] },
  );
});

async function targetsOf(
  t: Ending,
  zones: Zones,
  domain: string,
  given: { allowsPrivate?: boolean; random?: () => number } = {},
): Promise<Targets> {
  const { names, findRoute } = await aRouting(t, zones);
  const route = await findRoute(domain);
  assert.ok(route.kind === "destination");
  return orderPaths(route.destination, {
    names,
    allowsPrivate: given.allowsPrivate ?? false,
    random: given.random ?? (() => 0),
  });
}
const addressesOf = (targets: Targets): string[] =>
  targets.kind === "targets" ? targets.targets.map(({ address }) => address) : [targets.kind];

test("addresses of both families are found, aliases followed", async (t) => {
  const zones: Zones = {
    "a.test": { mx: [{ preference: 10, exchange: "mx.a.test" }] },
    "mx.a.test": { cname: "real.a.test" },
    "real.a.test": { a: ["192.0.2.1"], aaaa: ["2001:db8::1"] },
  };
  assert.deepEqual(addressesOf(await targetsOf(t, zones, "a.test")), ["192.0.2.1", "2001:db8::1"]);
});

test("at most five addresses are tried", async (t) => {
  const zones: Zones = { "a.test": { a: Array.from({ length: 30 }, (_, index) => `192.0.2.${index + 1}`) } };
  assert.equal(addressesOf(await targetsOf(t, zones, "a.test")).length, mostTargets);
});

test("equal preferences are shuffled, unequal ones never", async (t) => {
  const zones: Zones = {
    "a.test": {
      mx: [
        { preference: 10, exchange: "one.test" },
        { preference: 10, exchange: "two.test" },
        { preference: 20, exchange: "last.test" },
      ],
    },
    "one.test": { a: ["192.0.2.1"] },
    "two.test": { a: ["192.0.2.2"] },
    "last.test": { a: ["192.0.2.3"] },
  };
  const chances = [0.9, 0.1, 0.0];
  const shuffled = await targetsOf(t, zones, "a.test", { random: () => chances.shift() ?? 0 });
  assert.deepEqual(addressesOf(shuffled), ["192.0.2.2", "192.0.2.1", "192.0.2.3"]);
});

test("mail exchangers at loopback and private addresses are left out, unless they are allowed", async (t) => {
  const zones: Zones = {
    "a.test": { mx: [{ preference: 10, exchange: "mx.a.test" }] },
    "mx.a.test": { a: ["127.0.0.1", "192.0.2.1", "10.0.0.1"] },
    "inner.test": { a: ["192.168.1.1"], aaaa: ["::ffff:127.0.0.1", "fe80::1"] },
  };
  assert.deepEqual(addressesOf(await targetsOf(t, zones, "a.test")), ["192.0.2.1"]);
  assert.deepEqual(addressesOf(await targetsOf(t, zones, "inner.test")), ["refused"]);
  assert.equal(addressesOf(await targetsOf(t, zones, "inner.test", { allowsPrivate: true })).length, 3);
});

test("a mail exchanger without an address refuses, one that cannot be resolved now is asked again", async (t) => {
  const zones: Zones = {
    "a.test": { mx: [{ preference: 10, exchange: "nowhere.test" }] },
    "b.test": { mx: [{ preference: 10, exchange: "broken.test" }] },
    "broken.test": "SERVFAIL",
  };
  assert.equal((await targetsOf(t, zones, "a.test")).kind, "refused");
  assert.equal((await targetsOf(t, zones, "b.test")).kind, "unresolved");
});

test("a host that an operator named may be private, and need not be in DNS", async (t) => {
  const { names } = await aRouting(t, {});
  for (const host of ["127.0.0.1", "localhost"]) {
    const route = await routeToRelays([{ host, port: 2525 }])("any.test");
    const destination: Destination | undefined = route.kind === "destination" ? route.destination : undefined;
    assert.ok(destination !== undefined);
    const targets = await orderPaths(destination, { names, allowsPrivate: false, random: () => 0 });
    assert.ok(addressesOf(targets).some((address) => address === "127.0.0.1" || address === "::1"));
  }
});

test("relays are tried in the order in which they are named, each at its port", async (t) => {
  const { names } = await aRouting(t, {});
  const route = await routeToRelays([readRelay("127.0.0.9:2501", 25), readRelay("127.0.0.8", 25)])("any.test");
  assert.ok(route.kind === "destination");
  const targets = await orderPaths(route.destination, { names, allowsPrivate: false, random: () => 0 });
  assert.ok(targets.kind === "targets");
  assert.deepEqual(
    targets.targets.map(({ address, port, preference }) => [address, port, preference]),
    [
      ["127.0.0.9", 2501, 0],
      ["127.0.0.8", 25, 1],
    ],
  );
});

for (const [written, host, port] of [
  ["relay.example.org", "relay.example.org", 25],
  ["relay.example.org:2525", "relay.example.org", 2525],
  ["10.0.0.1:26", "10.0.0.1", 26],
  ["[2001:db8::1]", "2001:db8::1", 25],
  ["[2001:db8::1]:2525", "2001:db8::1", 2525],
] as const) {
  test(`the relay ${written} is ${host} at ${port}`, () => assert.deepEqual(readRelay(written, 25), { host, port }));
}

test("the rule of a recipient's domain names a relay, or how TLS is to be used", async (t) => {
  const { findRoute } = await aRouting(t, {
    "a.test": { mx: [{ preference: 1, exchange: "mx.test" }] },
    "b.test": { mx: [{ preference: 1, exchange: "mx.test" }] },
  });
  const rule: DomainRule = { id: 1, mask: "*", isDkim: true, relayHost: "", relayPort: 25, tls: "default" };
  const rules = new Map<string, DomainRule>([
    ["b.test", { ...rule, tls: "required" }],
    ["c.test", { ...rule, relayHost: "relay.c.test", relayPort: 26, tls: "disabled" }],
  ]);
  const ruled = routeByRules(findRoute, (domain) => Promise.resolve(rules.get(domain)));
  const [a, b, c] = await Promise.all(
    ["a.test", "b.test", "c.test"].map(async (domain) => destinationOf(await ruled(domain))),
  );
  assert.deepEqual([a?.tls, b?.tls, c?.tls], [undefined, "required", "disabled"]);
  assert.notEqual(a?.key, b?.key);
  assert.deepEqual(c?.exchangers, [{ host: "relay.c.test", port: 26, preference: 0 }]);
});

test("domains with the same mail exchangers have one destination", async (t) => {
  const mx = [
    { preference: 10, exchange: "mx1.shared.test" },
    { preference: 10, exchange: "mx2.shared.test" },
  ];
  const { findRoute } = await aRouting(t, { "a.test": { mx }, "b.test": { mx: mx.toReversed() } });
  assert.equal(destinationOf(await findRoute("a.test"))?.key, destinationOf(await findRoute("b.test"))?.key);
});

function destinationOf(route: Route): Destination | undefined {
  return route.kind === "destination" ? route.destination : undefined;
}

for (const [address, isPrivate] of [
  ["127.0.0.1", true],
  ["0.0.0.0", true],
  ["10.1.2.3", true],
  ["100.64.0.1", true],
  ["169.254.169.254", true],
  ["172.31.255.255", true],
  ["192.168.0.1", true],
  ["224.0.0.1", true],
  ["255.255.255.255", true],
  ["::", true],
  ["::1", true],
  ["fe80::1", true],
  ["fd00::1", true],
  ["ff02::1", true],
  ["::ffff:10.0.0.1", true],
  ["::ffff:7f00:1", true],
  ["64:ff9b::7f00:1", true],
  ["::ffff:8.8.8.8", false],
  ["8.8.8.8", false],
  ["172.32.0.1", false],
  ["2001:4860:4860::8888", false],
] as const) {
  test(`${address} is ${isPrivate ? "private" : "public"}`, () => assert.equal(isPrivateAddress(address), isPrivate));
}
