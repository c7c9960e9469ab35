import assert from "node:assert/strict";
import { test } from "node:test";

import type { Context } from "#foundation/module.ts";
import { aContext } from "#test/support/context.ts";
import { addDomainRule } from "#test/support/domain-rule-store.ts";
import { until } from "#test/support/until.ts";

import { createDkimKey } from "./create-key.ts";
import { chooseKeys } from "./choose-keys.ts";
import { openKeyring } from "./open-keyring.ts";
import { rotateDkimKeys } from "./rotate-keys.ts";

const now = new Date("2026-11-21T10:00:00Z");

test("of each algorithm the newest key of the nearest domain signs, and a planned one takes over at its date", () => {
  const key = (
    domain: string,
    state: "next" | "active" | "retired",
    validFrom?: string,
    algorithm: "rsa" | "ed25519" = "rsa",
  ) => ({
    domain,
    state,
    algorithm,
    validFrom: validFrom === undefined ? undefined : new Date(validFrom),
  });
  const old = key("shop.test", "active", "2026-01-01");
  const planned = key("shop.test", "next", "2026-12-01");
  const edwards = key("shop.test", "active", "2026-01-01", "ed25519");
  const unplanned = key("shop.test", "next");
  const own = key("news.shop.test", "active");
  const keys = [old, planned, edwards, unplanned, own, key("shop.test", "retired", "2026-06-01")];
  assert.deepEqual(chooseKeys(keys, "shop.test", now), [old, edwards]);
  assert.deepEqual(chooseKeys(keys, "shop.test", new Date("2026-12-01")), [planned, edwards]);
  assert.deepEqual(chooseKeys(keys, "mail.shop.test", now), [old, edwards]);
  assert.deepEqual(chooseKeys(keys, "news.shop.test", now), [own]);
  assert.deepEqual(chooseKeys(keys, "eshop.test", now), []);
});

test("a key made and rotated to signs without a restart, both algorithms at once, by the sender's domain", async (t) => {
  let elapsedMs = 0;
  const context = await aMovedContext(t, () => elapsedMs);
  const keyring = openKeyring(context);
  const keys = await keyring.keysFor("news@Shop.test");
  const selectors = () => keys(now).map(({ selector, algorithm }) => `${selector} ${algorithm}`);
  assert.deepEqual(selectors(), []);

  await createDkimKey({ ...context, now }, { domain: "shop.test", selector: "a", algorithm: "rsa" });
  await createDkimKey({ ...context, now }, { domain: "shop.test", selector: "b", algorithm: "ed25519" });
  await createDkimKey({ ...context, now }, { domain: "other.test", selector: "c", algorithm: "ed25519" });
  await rotateDkimKeys({ db: context.db, now, lookUp: undefined }, { domain: "shop.test" });
  assert.deepEqual(selectors(), []);
  elapsedMs = 600_000;
  await until(() => selectors().length > 0, "the keys to be read again");
  assert.deepEqual(selectors(), ["a rsa-sha256", "b ed25519-sha256"]);

  await createDkimKey({ ...context, now }, { domain: "shop.test", selector: "d", algorithm: "ed25519" });
  await rotateDkimKeys(
    { db: context.db, now, lookUp: undefined },
    { domain: "shop.test", from: new Date("2026-11-22") },
  );
  elapsedMs = 1_200_000;
  const tomorrows = await keyring.keysFor("news@shop.test");
  await until(() => tomorrows(new Date("2026-11-22")).some(({ selector }) => selector === "d"), "the planned key");
  assert.deepEqual(selectors(), ["a rsa-sha256", "b ed25519-sha256"]);
});

test("a rule of the sender's domain switches the signature off, and while the database is away the keys known last sign", async (t) => {
  let elapsedMs = 0;
  const context = await aMovedContext(t, () => elapsedMs);
  await createDkimKey({ ...context, now }, { domain: "shop.test", selector: "a", algorithm: "ed25519" });
  await rotateDkimKeys({ db: context.db, now, lookUp: undefined }, { domain: "shop.test" });
  await addDomainRule(context.db, { mask: "quiet.*", isDkim: false });
  const keyring = openKeyring(context);
  assert.equal((await keyring.keysFor("a@quiet.shop.test"))(now).length, 0);
  const keys = await keyring.keysFor("a@shop.test");
  assert.equal(keys(now).length, 1);
  await context.db.run`alter table nms_dkim_key rename to nms_dkim_key_away`;
  elapsedMs = 600_000;
  for (let n = 0; n < 3; n += 1) assert.equal(keys(now).length, 1);
  await context.db.run`alter table nms_dkim_key_away rename to nms_dkim_key`;
});

test("nothing changes for a key that the DNS does not publish, and the key before it is retired when it does", async (t) => {
  const { db, secrets } = await aContext(t);
  const first = await createDkimKey({ db, secrets, now }, { domain: "shop.test", selector: "a", algorithm: "rsa" });
  await rotateDkimKeys(
    { db, now, lookUp: () => Promise.resolve([`v=DKIM1; k=rsa; p=${first.publicKey}`]) },
    { domain: "shop.test" },
  );
  await createDkimKey({ db, secrets, now }, { domain: "shop.test", selector: "b", algorithm: "rsa" });
  for (const answers of [
    [],
    ["v=DKIM1; k=rsa; p="],
    [`v=DKIM1; k=rsa; p=${first.publicKey}`],
    ["v=spf1 -all"],
    ["k=ed25519; p=x"],
  ])
    await assert.rejects(rotateDkimKeys({ db, now, lookUp: () => Promise.resolve(answers) }, { domain: "shop.test" }), {
      code: "CNT-100024",
    });
  assert.deepEqual(await states(db), ["a 1", "b 0"]);
  await rotateDkimKeys({ db, now, lookUp: undefined }, { domain: "shop.test" });
  assert.deepEqual(await states(db), ["a 2", "b 1"]);
  await assert.rejects(rotateDkimKeys({ db, now, lookUp: undefined }, { domain: "shop.test" }), { code: "CNT-100023" });
});

function states(db: Context["db"]): Promise<string[]> {
  return db.rows(
    (row) => (row as { s: string }).s,
  )`select selector || ' ' || state as s from nms_dkim_key order by dkim_key_id`;
}

async function aMovedContext(t: Parameters<typeof aContext>[0], elapsedMs: () => number): Promise<Context> {
  const context = await aContext(t);
  return { ...context, clock: { ...context.clock, elapsedMs } };
}
