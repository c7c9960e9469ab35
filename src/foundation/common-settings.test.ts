import assert from "node:assert/strict";
import { test } from "node:test";

import { allSections } from "#modules/roster.ts";

/** Whom mail is handed to, not where a module listens. */
const addressesOfOthers: ReadonlySet<string> = new Set(["mta.relay"]);

test("S-62: without settings every module listens on loopback only", () => {
  const addresses = allSections.flatMap(({ path, settings }) =>
    Object.entries(settings)
      .filter(([name]) => name === "address" && !addressesOfOthers.has(path))
      .map(([name, setting]) => [`${path}.${name}`, setting.default] as const),
  );
  assert.ok(addresses.some(([path]) => path === "web.address"));
  for (const [path, address] of addresses)
    assert.ok(address === "127.0.0.1" || address === "", `${path} is ${String(address)}`);
});
