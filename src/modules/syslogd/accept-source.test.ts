/** Whose lines are accepted. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { checkSources, plainAddress } from "./accept-source.ts";

test("this host is local, listed networks are listed, all else is refused", () => {
  const check = checkSources(["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"], ["203.0.113.5"]);
  const verdicts = Object.fromEntries(
    [
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "203.0.113.5",
      "10.1.255.255",
      "10.2.0.0",
      "192.0.2.7",
      "192.0.2.8",
      "2001:db8::9",
      "fe80::1",
      "",
      "x",
    ].map((address) => [address, check(plainAddress(address))]),
  );
  assert.deepEqual(verdicts, {
    "127.0.0.1": "local",
    "127.9.9.9": "local",
    "::1": "local",
    "203.0.113.5": "local",
    "10.1.255.255": "listed",
    "10.2.0.0": "refused",
    "192.0.2.7": "listed",
    "192.0.2.8": "refused",
    "2001:db8::9": "listed",
    "fe80::1": "refused",
    "": "refused",
    x: "refused",
  });
  assert.equal(check(plainAddress("::ffff:127.0.0.1")), "local");
  assert.equal(check(plainAddress("::ffff:10.2.0.1")), "refused");
});
