import assert from "node:assert/strict";
import { test } from "node:test";

import { openDatabase } from "#foundation/database.ts";
import { aContext } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aRecordedLog } from "#test/support/recorded-log.ts";
import { aPendingPart, readParts, whileTablesAreLocked } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { within } from "#test/support/within.ts";

import { mtachild } from "./main.ts";

test("a part that the database left unread comes again when it is back, and not as a retry", async (t) => {
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 2 });
  t.after(() => db.close());
  const { deliveryId } = await aPendingPart(db, 5);
  const way = await aFalteringDatabase(t, address);
  const { log, records } = aRecordedLog();
  const find = (name: string) => records.find(({ event }) => event === name);
  const child = await mtachild.start(await aContext(t, { db: way.db, log }));
  t.after(() => child.stop());
  // What a delivery's content is read with.
  await whileTablesAreLocked(db, ["xtk_option"], async () => {
    await until(
      async () => (await readParts(db, deliveryId))[0]?.state === "claimed",
      "the part to be claimed, and not read",
    );
    way.refuse();
    await until(() => find("mta.part_failed"), "the reading to fail");
    way.comeBack();
    const closed = await until(() => find("mta.part_sent"), "the part to be given back", { limitMs: 60_000 });
    const [part] = await readParts(db, deliveryId);
    assert.deepEqual([closed.fields["state"], part?.attempts], ["waiting", 0]);
    const waitMs = (part?.notBefore.getTime() ?? Infinity) - closed.time.getTime();
    assert.ok(waitMs <= 1_000, `again ${waitMs} ms later`);
  });
});

test("a child told to end does not wait for what a silent database was asked", async (t) => {
  const way = await aFalteringDatabase(t, await aDatabaseAddress(t));
  const child = await mtachild.start(await aContext(t, { db: way.db }));
  way.fallSilent();
  await until(() => way.holdsBack, "the child to ask for a part");
  assert.ok(await within(60_000, child.stop()), "it has ended");
});
