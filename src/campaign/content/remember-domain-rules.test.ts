import assert from "node:assert/strict";
import { test } from "node:test";

import { aDatabase } from "#test/support/database.ts";
import { addDomainRule, emptyDomainRules } from "#test/support/domain-rule-store.ts";

import { rememberDomainRules } from "./remember-domain-rules.ts";

test("the first rule whose mask matches governs a domain, in the order of their positions", async (t) => {
  const db = await aDatabase(t);
  await addDomainRule(db, { position: 20, mask: "*", relayHost: "any.test", relayPort: 2525 });
  await addDomainRule(db, { position: 10, mask: "hotmail.*", isDkim: false, tls: "required" });
  const recall = rememberDomainRules({ db, elapsedMs: () => 0 });
  const hotmail = await recall("Hotmail.FR");
  assert.deepEqual([hotmail?.isDkim, hotmail?.relayHost, hotmail?.tls], [false, "", "required"]);
  const other = await recall("example.org");
  assert.deepEqual(
    [other?.isDkim, other?.relayHost, other?.relayPort, other?.tls],
    [true, "any.test", 2525, "default"],
  );
});

test("without rules nothing governs", async (t) => {
  const recall = rememberDomainRules({ db: await aDatabase(t), elapsedMs: () => 0 });
  assert.equal(await recall("example.org"), undefined);
});

test("a changed rule is in force after half a minute, without a restart", async (t) => {
  const db = await aDatabase(t);
  let nowMs = 0;
  const recall = rememberDomainRules({ db, elapsedMs: () => nowMs });
  await addDomainRule(db, { mask: "*.test" });
  assert.equal((await recall("a.test"))?.isDkim, true);
  await emptyDomainRules(db);
  nowMs = 29_000;
  assert.equal((await recall("a.test"))?.isDkim, true);
  nowMs = 31_000;
  assert.equal(await recall("a.test"), undefined);
});

test("while the database is away, the rules that were read last hold", async (t) => {
  const db = await aDatabase(t);
  await addDomainRule(db, { mask: "*.test" });
  let nowMs = 0;
  let isAway = false;
  const recall = rememberDomainRules({
    db: { ...db, rows: (parse) => (isAway ? () => Promise.reject(new Error("away")) : db.rows(parse)) },
    elapsedMs: () => nowMs,
  });
  await recall("a.test");
  isAway = true;
  nowMs = 31_000;
  assert.equal((await recall("a.test"))?.mask, "*.test");
});
