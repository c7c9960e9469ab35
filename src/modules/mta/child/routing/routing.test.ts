import assert from "node:assert/strict";
import { test } from "node:test";

import { aScriptedDns, type Zones } from "#test/support/scripted-dns.ts";

import type { Ending } from "#test/support/endings.ts";
import type { Destination, Route } from "./destination.ts";
import { type FindRoute, routeByMx, routeToOne } from "./find-route.ts";
import { mostTargets, orderPaths, type Targets } from "./order-paths.ts";
import { isPrivateAddress } from "./private-address.ts";
import { type Names, openNames, readMx } from "./resolve-mx.ts";

async function aRouting(
  t: Ending,
  zones: Zones,
): Promise<{ names: Names; findRoute: FindRoute; questions: readonly string[]; move: (ms: number) => void }> {
  const { nameServer, questions } = await aScriptedDns(t, zones);
  const names = openNames({ nameServers: [nameServer], timeoutMs: 300, tries: 1 });
  let nowMs = 0;
  const findRoute = routeByMx({ resolveMx: names.resolveMx, port: 25, elapsedMs: () => nowMs });
  return { names, findRoute, questions, move: (ms) => void (nowMs += ms) };
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
  const names = openNames({ nameServers: ["127.0.0.1:9"], timeoutMs: 200, tries: 1 });
  const findRoute = routeByMx({ resolveMx: names.resolveMx, port: 25, elapsedMs: () => 0 });
  assert.equal((await findRoute("a.test")).kind, "unresolved");
});

test("a domain is asked about once every five minutes, one that failed after half a minute", async (t) => {
  const { findRoute, questions, move } = await aRouting(t, { "a.test": { a: ["192.0.2.1"] }, "b.test": "SERVFAIL" });
  const count = (name: string): number => questions.filter((question) => question === `MX ${name}`).length;
  await Promise.all([findRoute("a.test"), findRoute("a.test"), findRoute("b.test")]);
  move(31_000);
  await Promise.all([findRoute("a.test"), findRoute("b.test")]);
  assert.deepEqual([count("a.test"), count("b.test") >= 2], [1, true]);
  move(300_000);
  await findRoute("a.test");
  assert.equal(count("a.test"), 2);
});

test("names that are IP addresses are no mail exchangers", () => {
  assert.deepEqual(readMx([{ exchange: "127.0.0.1", priority: 10 }]), { kind: "unusable" });
  assert.deepEqual(
    readMx([
      { exchange: "192.0.2.1", priority: 1 },
      { exchange: "mx.test.", priority: 2 },
    ]),
    { kind: "exchangers", exchangers: [{ host: "mx.test", preference: 2 }] },
  );
});

test("two hundred mail exchangers are cut to the best twenty", () => {
  const answer = readMx(
    Array.from({ length: 200 }, (_, index) => ({ exchange: `mx${index}.test`, priority: 200 - index })),
  );
  assert.ok(answer.kind === "exchangers");
  assert.equal(answer.exchangers.length, 20);
  assert.equal(answer.exchangers[0]?.host, "mx199.test");
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
    const route = await routeToOne(host, 2525)("any.test");
    const destination: Destination | undefined = route.kind === "destination" ? route.destination : undefined;
    assert.ok(destination !== undefined);
    const targets = await orderPaths(destination, { names, allowsPrivate: false, random: () => 0 });
    assert.ok(addressesOf(targets).some((address) => address === "127.0.0.1" || address === "::1"));
  }
});

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
