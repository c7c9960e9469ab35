import assert from "node:assert/strict";
import { test } from "node:test";

import type { AffinityAddress } from "../../ip-affinity.ts";
import type { Source } from "../sending/source.ts";
import { type FindPool, openPools } from "./find-pool.ts";

const own: Source = { address: "", publicId: 9, heloName: "host.example.test", weight: 1 };

function anAddress(publicId: number, given: Partial<AffinityAddress> = {}): AffinityAddress {
  const plain = { weight: 1, includeDomains: [], excludeDomains: [], heloHost: "" };
  return { address: `192.0.2.${publicId}`, publicId, ...plain, ...given };
}

function aFindPool(
  affinities: Record<string, readonly AffinityAddress[]>,
  given: { bindsAddresses?: boolean } = {},
): FindPool {
  return openPools({
    affinities: Object.entries(affinities).map(([name, addresses]) => ({ names: name.split(";"), addresses })),
    own,
    heloName: own.heloName,
    bindsAddresses: given.bindsAddresses ?? true,
  });
}

const idsOf = (findPool: FindPool, affinity: string, domain = "a.test"): number[] | undefined =>
  findPool(affinity, domain)?.sources.map(({ publicId }) => publicId);

test("a delivery without an affinity leaves from the host's own address, or from the affinity named default", () => {
  assert.deepEqual(idsOf(aFindPool({ other: [anAddress(1)] }), ""), [9]);
  assert.deepEqual(idsOf(aFindPool({ "other;default": [anAddress(1), anAddress(2)] }), ""), [1, 2]);
});

test("an affinity that is not declared has no addresses", () => {
  assert.equal(idsOf(aFindPool({ other: [anAddress(1)] }), "marketing"), undefined);
});

test("addresses are for the domains that are included, and not for those that are excluded after that", () => {
  const findPool = aFindPool({
    marketing: [
      anAddress(1, { includeDomains: ["gmail.*", "*.test"], excludeDomains: ["b.test"] }),
      anAddress(2, { excludeDomains: ["*.test"] }),
    ],
  });
  assert.deepEqual(idsOf(findPool, "marketing", "gmail.com"), [1, 2]);
  assert.deepEqual(idsOf(findPool, "marketing", "A.test"), [1]);
  assert.deepEqual(idsOf(findPool, "marketing", "example.org"), [2]);
  assert.equal(idsOf(findPool, "marketing", "b.test"), undefined);
});

test("messages of domains with the same addresses wait together", () => {
  const findPool = aFindPool({ marketing: [anAddress(1), anAddress(2, { excludeDomains: ["c.test"] })] });
  assert.equal(findPool("marketing", "a.test"), findPool("marketing", "b.test"));
  assert.notEqual(findPool("marketing", "a.test")?.key, findPool("marketing", "c.test")?.key);
});

test("an address says its own name, else the host's; in the inbox it keeps both and is not bound", () => {
  const addresses = [anAddress(1, { heloHost: "one.example.test" }), anAddress(2)];
  const names = (findPool: FindPool): string[] | undefined =>
    findPool("marketing", "a.test")?.sources.map(({ heloName, address }) => `${heloName} ${address}`);
  assert.deepEqual(names(aFindPool({ marketing: addresses })), [
    "one.example.test 192.0.2.1",
    "host.example.test 192.0.2.2",
  ]);
  assert.deepEqual(names(aFindPool({ marketing: addresses }, { bindsAddresses: false })), [
    "one.example.test ",
    "host.example.test ",
  ]);
});
