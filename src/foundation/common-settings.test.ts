import assert from "node:assert/strict";
import { test } from "node:test";

import { allSections } from "#modules/roster.ts";

test("S-62: without settings every module listens on loopback only", () => {
  const addresses = allSections.flatMap(({ path, settings }) =>
    Object.entries(settings)
      .filter(([name]) => name === "address")
      .map(([name, setting]) => [`${path}.${name}`, setting.default] as const),
  );
  assert.ok(addresses.some(([path]) => path === "web.address"));
  for (const [path, address] of addresses)
    assert.ok(address === "127.0.0.1" || address === "", `${path} is ${String(address)}`);
});
