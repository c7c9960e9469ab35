import assert from "node:assert/strict";
import { test } from "node:test";

import { someSettings } from "#test/support/context.ts";

import { isInZone, zoneFlagsOf, zoneNamesOf } from "./caller-zones.ts";
import { securityZones } from "./security-zones.ts";

const zoned = someSettings(`
[[web.securityZones]]
name = "public"
networks = ["*"]

[[web.securityZones]]
name = "office"
parent = "public"
networks = ["198.51.100.0/24", "2001:db8::/32"]
allowDebug = true

[[web.securityZones]]
name = "desk"
parent = "office"
networks = ["198.51.100.7"]
allowHTTP = true
`);

test("a caller belongs to every zone whose networks hold him, and their flags add up", () => {
  assert.deepEqual(zoneNamesOf(zoned, "198.51.100.7"), ["public", "office", "desk"]);
  assert.deepEqual(zoneNamesOf(zoned, "2001:db8::1"), ["public", "office"]);
  assert.deepEqual(zoneNamesOf(zoned, "203.0.113.1"), ["public"]);
  const flags = zoneFlagsOf(zoned, "::ffff:198.51.100.7");
  assert.deepEqual([flags.allowDebug, flags.allowHTTP, flags.showErrors], [true, true, false]);
  assert.equal(zoneFlagsOf(zoned, "198.51.100.8").allowHTTP, false);
});

test("an operator of a zone may come from there and from the zones within it, not from around it", () => {
  assert.deepEqual(
    ["198.51.100.7", "198.51.100.8", "203.0.113.1"].map((address) => isInZone(zoned, address, "office")),
    [true, true, false],
  );
  assert.ok(isInZone(zoned, "203.0.113.1", "") && isInZone(zoned, "203.0.113.1", "public"));
  assert.ok(!isInZone(zoned, "198.51.100.7", "a zone that was removed"));
});

test("without settings there are public, vpn and lan as Classic ships them", () => {
  const shipped = someSettings("");
  assert.deepEqual(zoneNamesOf(shipped, "127.0.0.1"), ["public", "lan"]);
  assert.deepEqual(zoneNamesOf(shipped, "8.8.8.8"), ["public"]);
  assert.ok(Object.values(zoneFlagsOf(shipped, "8.8.8.8")).every((isAllowed) => !isAllowed));
  const { allowHTTP, sessionTokenOnly, allowUserPassword, allowEmptyPassword } = zoneFlagsOf(shipped, "10.1.2.3");
  assert.deepEqual([allowHTTP, sessionTokenOnly, allowUserPassword, allowEmptyPassword], [true, true, false, false]);
});

test("zones that cannot be meant are refused: unknown flags and parents, names twice, empty passwords", () => {
  const { parse } = securityZones({ description: "" });
  assert.ok(parse([{ name: "a", networks: ["*"] }]) !== undefined);
  assert.ok(parse('[{"name":"a"},{"name":"b","parent":"a","showErrors":true}]') !== undefined);
  for (const bad of [
    "no JSON",
    {},
    [{}],
    [{ name: "a" }, { name: "a" }],
    [{ name: "a", parent: "b" }],
    [{ name: "a", parent: "a" }],
    [{ name: "a", allowEverything: true }],
    [{ name: "a", allowHTTP: "yes" }],
    [{ name: "a", allowEmptyPassword: true }],
    [{ name: "a", networks: "*" }],
    [{ name: "a b" }],
    [null],
  ])
    assert.equal(parse(bad), undefined, JSON.stringify(bad));
});
