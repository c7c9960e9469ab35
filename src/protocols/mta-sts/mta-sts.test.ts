import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import fc from "fast-check";

import { aPolicyHost, aText, type PolicyAnswer } from "#test/support/policy-host.ts";
import { authorityFile, type PeerTls } from "#test/support/scripted-smtp.ts";

import { fetchPolicy } from "./fetch-policy.ts";
import { type KeptPolicy, openPolicies, type PolicyOptions } from "./open-policies.ts";
import { readStsRecord } from "./read-sts-record.ts";
import { namesExchanger, readPolicy, type StsPolicy } from "./sts-policy.ts";

const policyText = "version: STSv1\r\nmode: enforce\r\nmx: mx.one.test\r\nmx: *.two.test\r\nmax_age: 86400\r\n";
const policy: StsPolicy = { mode: "enforce", mx: ["mx.one.test", "*.two.test"], maxAgeSec: 86_400 };

for (const [texts, id] of [
  [["v=STSv1; id=20160831085700Z;"], "20160831085700Z"],
  [["v=STSv1;id=a1"], "a1"],
  [["v=spf1 -all", "v=STSv1 ; id=a1 ; x=y"], "a1"],
  [["v=STSv1; id=a1;", "v=STSv1; id=a2;"], undefined],
  [["v=STSv1; id=a-1;"], undefined],
  [["v=STSv2; id=a1;"], undefined],
  [["v=STSv1"], undefined],
  [[], undefined],
] as const) {
  test(`TXT ${JSON.stringify(texts)}: ${id ?? "no policy"}`, () => assert.equal(readStsRecord(texts), id));
}

test("a policy is read as it is written, whatever its line ends, and unknown fields are passed over", () => {
  assert.deepEqual(readPolicy(policyText), { kind: "policy", policy });
  assert.deepEqual(readPolicy(`${policyText.replaceAll("\r\n", "\n")}x-more: yes\nmode: none\n`), {
    kind: "policy",
    policy,
  });
  assert.deepEqual(readPolicy("version: STSv1\nmode: none\nmax_age: 60\n"), {
    kind: "policy",
    policy: { mode: "none", mx: [], maxAgeSec: 60 },
  });
});

for (const text of [
  "",
  "<html>not found</html>",
  policyText.replace("STSv1", "STSv2"),
  policyText.replace("enforce", "strict"),
  policyText.replace("86400", "-1"),
  policyText.replace("86400", "99999999999"),
  policyText.replace("mx.one.test", "mx one.test"),
  policyText.replace("mx.one.test", "mx.*.test"),
  "version: STSv1\nmode: enforce\nmax_age: 60\n",
]) {
  test(`${JSON.stringify(text).slice(0, 60)} is no policy`, () => assert.equal(readPolicy(text).kind, "fault"));
}

test("no file makes the reader fail, and what it reads has a host in every line", () => {
  const lines = fc.constantFrom(
    "version: STSv1",
    "mode: enforce",
    "mode:none",
    "max_age: 1",
    "mx: a.test",
    "mx: *",
    "\r",
    ":",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(lines).map((parts) => parts.join("\n")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const reading = readPolicy(text);
      if (reading.kind === "policy")
        assert.ok(reading.policy.mx.every((pattern) => !/\s/.test(pattern) && pattern.length > 2));
    }),
    { numRuns: 2_000 },
  );
});

for (const [host, isNamed] of [
  ["mx.one.test", true],
  ["MX.ONE.TEST.", true],
  ["mx1.two.test", true],
  ["a.mx1.two.test", false],
  ["two.test", false],
  ["evilmx.one.test", false],
  ["mx.one.test.evil.test", false],
] as const) {
  test(`${host} is ${isNamed ? "" : "not "}named by the policy`, () =>
    assert.equal(namesExchanger(policy, host), isNamed));
}

const trusted = [readFileSync(authorityFile, "utf8")];
const usual = { resolve: () => Promise.resolve(["127.0.0.1"]), mayConnect: () => true, limitMs: 2_000, trusted };

test("a policy is fetched from the well-known place of its host", async (t) => {
  const { port, requests } = await aPolicyHost(t, { answer: aText(policyText) });
  assert.deepEqual(await fetchPolicy("one.test", { ...usual, port }), { kind: "policy", policy });
  assert.deepEqual(requests, ["mta-sts.one.test /.well-known/mta-sts.txt"]);
});

const refusals: readonly [string, PolicyAnswer, RegExp, PeerTls["certificate"]?, string?][] = [
  [
    "a redirect",
    (_, response) => response.writeHead(301, { location: "https://mta-sts.one.test/x" }).end(),
    /status 301/,
  ],
  ["no such file", (_, response) => response.writeHead(404).end(), /status 404/],
  ["a page", (_, response) => response.writeHead(200, { "content-type": "text/html" }).end(policyText), /text\/plain/],
  ["70,000 bytes", aText(`${policyText}${"x".repeat(70_000)}`), /longer than 65536/],
  ["a certificate of its own", aText(policyText), /DEPTH_ZERO_SELF_SIGNED_CERT/, "mx.example.test"],
  ["a certificate that has ended", aText(policyText), /CERT_HAS_EXPIRED/, "expired"],
  ["a certificate for another name", aText(policyText), /ERR_TLS_CERT_ALTNAME_INVALID/, "trusted", "four.test"],
  [
    "half of a file",
    (_, response) => {
      response.writeHead(200, { "content-type": "text/plain", "content-length": "1000" });
      response.write(policyText);
      setTimeout(() => response.destroy(), 20);
    },
    /breaks off/,
  ],
];
for (const [name, answer, expected, certificate, domain] of refusals) {
  test(`${name} is no policy`, async (t) => {
    const { port } = await aPolicyHost(t, { answer, ...(certificate === undefined ? {} : { certificate }) });
    const reading = await fetchPolicy(domain ?? "one.test", { ...usual, port });
    assert.ok(reading.kind === "fault");
    assert.match(reading.text, expected);
  });
}

test("a host that drips its policy has one deadline for all of it", async (t) => {
  const { port } = await aPolicyHost(t, {
    answer: (_, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      const dripping = setInterval(() => response.write("x"), 10);
      response.on("close", () => clearInterval(dripping));
    },
  });
  assert.equal((await fetchPolicy("one.test", { ...usual, port, limitMs: 200 })).kind, "fault");
});

test("a policy's host at an address that must not be connected to is not asked", async (t) => {
  const { port, requests } = await aPolicyHost(t, { answer: aText(policyText) });
  const reading = await fetchPolicy("one.test", { ...usual, port, mayConnect: (address) => address !== "127.0.0.1" });
  assert.equal(reading.kind, "fault");
  assert.deepEqual(requests, []);
});

/** Policies whose DNS, host and clock the test moves. */
function somePolicies(kept: Map<string, KeptPolicy> = new Map()) {
  const world = {
    texts: ["v=STSv1; id=a1;"] as readonly string[] | undefined,
    isReachable: true,
    mode: "enforce" as StsPolicy["mode"],
    nowMs: 0,
    fetches: 0,
  };
  const options: PolicyOptions = {
    resolveText: () => Promise.resolve(world.texts),
    fetch: () => {
      world.fetches += 1;
      const reading = world.isReachable
        ? ({ kind: "policy", policy: { ...policy, mode: world.mode } } as const)
        : ({ kind: "fault", text: "away" } as const);
      return Promise.resolve(reading);
    },
    store: {
      read: (domain) => Promise.resolve(kept.get(domain)),
      write: (domain, found) => Promise.resolve(void kept.set(domain, found)),
    },
    now: () => new Date(Date.UTC(2026, 0, 1) + world.nowMs),
    elapsedMs: () => world.nowMs,
  };
  return { world, options, find: openPolicies(options), kept, reopen: () => openPolicies(options) };
}
const hourMs = 3_600_000;

test("a policy is fetched once for as long as its id stays the same", async () => {
  const { world, find } = somePolicies();
  await Promise.all([find("one.test"), find("one.test")]);
  world.nowMs += hourMs;
  assert.deepEqual(await find("one.test"), policy);
  assert.equal(world.fetches, 1);
  world.texts = ["v=STSv1; id=a2;"];
  world.mode = "none";
  world.nowMs += hourMs;
  assert.equal(await find("one.test"), undefined);
  assert.equal(world.fetches, 2);
});

test("a policy holds to its end although DNS and its host are silenced, also over a restart, and not longer", async () => {
  const { world, find, reopen } = somePolicies();
  await find("one.test");
  world.isReachable = false;
  for (const texts of [undefined, [], ["v=STSv1; id=a2;"]]) {
    world.texts = texts;
    world.nowMs += hourMs;
    assert.deepEqual(await find("one.test"), policy);
    assert.deepEqual(await reopen()("one.test"), policy);
  }
  world.nowMs += 24 * hourMs;
  assert.equal(await find("one.test"), undefined);
});

test("a policy that is about to end is fetched anew", async () => {
  const { world, find } = somePolicies();
  await find("one.test");
  world.nowMs += 13 * hourMs;
  await find("one.test");
  world.nowMs += 13 * hourMs;
  assert.deepEqual(await find("one.test"), policy);
  assert.equal(world.fetches, 3);
});

test("a look-up that fails is not remembered", async () => {
  const { world, options } = somePolicies();
  let isAway = true;
  const read = options.store.read;
  const store = {
    ...options.store,
    read: (domain: string) => (isAway ? Promise.reject(new Error("away")) : read(domain)),
  };
  const find = openPolicies({ ...options, store });
  await assert.rejects(find("one.test"), /away/);
  isAway = false;
  assert.deepEqual(await find("one.test"), policy);
  assert.equal(world.fetches, 1);
});

test("a domain that announces a policy and does not deliver it is sent to as one without", async () => {
  const { world, find } = somePolicies();
  world.isReachable = false;
  assert.equal(await find("one.test"), undefined);
});
