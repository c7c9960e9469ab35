import assert from "node:assert/strict";
import { test } from "node:test";

import { aDatabase } from "#test/support/database.ts";

import { optOutRecipients } from "./opt-out-recipients.ts";

test("an opt-out is taken once, and touches nobody else", async (t) => {
  const db = await aDatabase(t);
  const ids = await db.rows((row) => (row as { recipient_id: number }).recipient_id)`
    insert into nms_recipient (email) values ('ann@example.com'), ('bob@example.com') returning recipient_id`;
  const ann = ids.slice(0, 1);
  assert.equal(await optOutRecipients(db, ann), 1);
  assert.equal(await optOutRecipients(db, ann), 0);
  assert.equal(await optOutRecipients(db, []), 0);
  const marked = await db.rows((row) => row)`select email from nms_recipient where black_list_email`;
  assert.deepEqual(marked, [{ email: "ann@example.com" }]);
});
