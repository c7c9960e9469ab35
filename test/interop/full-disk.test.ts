/** F16 with a disk that is really full: PostgreSQL keeps the ledger on a small file system of its own, which root alone can mount. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { isDatabaseUnwritable } from "#foundation/database-errors.ts";
import { dataFolderOf, moveLedger } from "#test/support/database-fault-store.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { assertExactLedger, untilFinished } from "#test/support/exact-ledger.ts";
import { chunkingExtensions } from "#test/support/scripted-smtp.ts";
import { aRequestedDelivery, aSendingPlatform, isRunning, listChildren } from "#test/support/sending-platform.ts";
import { insertRecipients, readDelivery, touchMessages } from "#test/support/sending-store.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";
import { slowly, within } from "#test/support/within.ts";

const recipients = 800;
const rowsOfAPage = 100;
const never = new Promise<never>(() => undefined);

/** Undefined where it cannot be mounted. */
function aSmallDisk(t: Ending, dataFolder: string): string | undefined {
  const around = aFolder(t);
  chmodSync(around, 0o755);
  const disk = join(around, "disk");
  mkdirSync(disk);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", disk]).status !== 0) return undefined;
  t.after(() => void spawnSync("umount", ["-l", disk]));
  const folder = join(disk, "tablespace");
  mkdirSync(folder);
  const { uid, gid } = statSync(dataFolder);
  chownSync(folder, uid, gid);
  return folder;
}

test("F16: with the database's disk really full nothing is claimed as sent, and all is recorded once there is room", async (hooks) => {
  const t = inReverse(hooks);
  let disk: string | undefined;
  const platform = await aSendingPlatform(t, {
    before: async (db) => {
      disk = aSmallDisk(t, await dataFolderOf(db));
      await insertRecipients(db, recipients, 5);
    },
    script: { extensions: chunkingExtensions, on: { DOT: slowly(60) } },
  });
  if (disk === undefined) return hooks.skip("a file system can be mounted by root only");
  const { db, sink, mta } = platform;
  const deliveryId = await aRequestedDelivery(db, { batchSize: 400 });
  await until(() => sink.messages.length >= 60, "some messages", { limitMs: 60_000 });
  const ledger = await moveLedger(db, disk);
  const children = listChildren(mta.pid);
  const free = await ledger.fill();
  await assert.rejects(touchMessages(db, deliveryId), isDatabaseUnwritable, "the disk is full for everybody");
  const sentBefore = sink.messages.length;
  const { success: recorded } = await readDelivery(db, deliveryId);
  await within(2_000, never);
  // The last page of the ledger may have had room for some.
  const { success } = await readDelivery(db, deliveryId);
  assert.ok(success <= recorded + rowsOfAPage, `${success} recorded, ${recorded} before the disk was full`);
  assert.ok(sink.messages.length > sentBefore, "the journal takes what the database does not");
  await free();
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients });
  assert.ok([mta.pid, ...children].every(isRunning), "no process has ended");
  await ledger.leave();
});
