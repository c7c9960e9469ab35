import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { type Names, openNames } from "#modules/mta/child/routing/resolve-mx.ts";

import { type Ending, inReverse } from "#test/support/endings.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { startProgram } from "./start-program.ts";

async function aDnsmasq(t: Ending): Promise<Names> {
  const port = await aUdpPort();
  const file = join(aFolder(t), "dnsmasq.conf");
  const lines = [
    "no-daemon",
    "no-resolv",
    "no-hosts",
    "bind-interfaces",
    "listen-address=127.0.0.1",
    `port=${port}`,
    "local=/test/",
    "mx-host=two.test,mx2.two.test,20",
    "mx-host=two.test,mx1.two.test,10",
    "host-record=mx1.two.test,192.0.2.1,2001:db8::1",
    "host-record=mx2.two.test,192.0.2.2",
    "mx-host=null.test,.,0",
    "host-record=implicit.test,192.0.2.3",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  const program = startProgram(t, "dnsmasq", ["-C", file, "--user=root", "--pid-file="]);
  // Each question finds the answers of before too old.
  let nowMs = 0;
  const elapsedMs = (): number => (nowMs += 3_600_000);
  const names = openNames({ nameServers: [`127.0.0.1:${port}`], timeoutMs: 2_000, tries: 2, elapsedMs });
  await until(async () => {
    assert.equal(program.hasEnded(), undefined);
    return (await names.resolveMx("two.test")).kind === "exchangers";
  }, "dnsmasq to answer");
  return names;
}

test("dnsmasq's answers are read: order, addresses of both kinds, implicit MX, no such domain", async (hooks) => {
  const names = await aDnsmasq(inReverse(hooks));
  const two = await names.resolveMx("two.test");
  assert.ok(two.kind === "exchangers");
  assert.deepEqual(
    two.exchangers.map(({ host, preference }) => [host, preference]).sort((a, b) => Number(a[1]) - Number(b[1])),
    [
      ["mx1.two.test", 10],
      ["mx2.two.test", 20],
    ],
  );
  assert.deepEqual(await names.resolveAddresses("mx1.two.test"), {
    kind: "addresses",
    addresses: ["192.0.2.1", "2001:db8::1"],
  });
  assert.deepEqual(await names.resolveMx("implicit.test"), {
    kind: "exchangers",
    exchangers: [{ host: "implicit.test", preference: 0 }],
  });
  assert.deepEqual(await names.resolveMx("nowhere.test"), { kind: "no_domain" });
});
