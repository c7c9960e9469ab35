import assert from "node:assert/strict";
import { test } from "node:test";

import { aDatabase } from "#test/support/database.ts";
import type { StsPolicy } from "#protocols/mta-sts/sts-policy.ts";

import type { Destination, Route } from "./destination.ts";
import { secureRoutes } from "./secure-routes.ts";
import { readStsPolicy, writeStsPolicy } from "./sts-policy-store.ts";

const policy: StsPolicy = { mode: "enforce", mx: ["good.one.test", "*.two.test"], maxAgeSec: 86_400 };
const exchangers = [
  { host: "evil.one.test", preference: 5 },
  { host: "good.one.test", preference: 10 },
  { host: "mx.two.test", preference: 20 },
];

async function routed(given: Partial<Destination>, found: StsPolicy | undefined = policy): Promise<Route> {
  const destination: Destination = { key: "k", exchangers, port: 25, isTrusted: false, ...given };
  const findRoute = secureRoutes(
    () => Promise.resolve({ kind: "destination", destination }),
    () => Promise.resolve(found),
  );
  return findRoute("one.test");
}

test("with a policy that is enforced only its exchangers are left, and their certificates are looked at", async () => {
  const route = await routed({});
  assert.ok(route.kind === "destination");
  assert.deepEqual(
    route.destination.exchangers.map(({ host }) => host),
    ["good.one.test", "mx.two.test"],
  );
  assert.equal(route.destination.tls, "verified");
  assert.notEqual(route.destination.key, "k", "sessions are not shared with domains that ask for less");
});

test("with a policy that names none of its exchangers a domain's messages wait", async () => {
  const route = await routed({ exchangers: exchangers.slice(0, 1) });
  assert.ok(route.kind === "unresolved");
  assert.match(route.text, /MTA-STS/);
});

test("a rule that asks for TLS does not weaken a policy, one that asks for less is the way out of a broken one", async () => {
  const tlsOf = async (tls: "required" | "opportunistic" | "disabled"): Promise<unknown> => {
    const route = await routed({ tls });
    return route.kind === "destination" ? route.destination.tls : route.kind;
  };
  assert.deepEqual(await Promise.all([tlsOf("required"), tlsOf("opportunistic"), tlsOf("disabled")]), [
    "verified",
    "opportunistic",
    "disabled",
  ]);
});

test("relays, domains without a policy, and policies under test change nothing", async () => {
  const same: Route = { kind: "destination", destination: { key: "k", exchangers, port: 25, isTrusted: false } };
  assert.deepEqual(await routed({}, { ...policy, mode: "testing" }), same);
  assert.deepEqual(await routed({ isTrusted: true }), {
    kind: "destination",
    destination: { key: "k", exchangers, port: 25, isTrusted: true },
  });
  const none = secureRoutes(
    () => Promise.resolve(same),
    () => Promise.resolve(undefined),
  );
  assert.deepEqual(await none("one.test"), same);
});

test("a policy is kept in the database, the last one of a domain", async (t) => {
  const db = await aDatabase(t);
  assert.equal(await readStsPolicy(db, "one.test"), undefined);
  const kept = { id: "a1", policy, expires: new Date("2026-12-24T18:00:00Z") };
  await writeStsPolicy(db, "one.test", { ...kept, id: "a0", policy: { ...policy, mx: [] } });
  await writeStsPolicy(db, "one.test", kept);
  assert.deepEqual(await readStsPolicy(db, "one.test"), kept);
});
