import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import fc from "fast-check";

import { recipientFields } from "#campaign/audience/recipient-fields.ts";
import { aContext } from "#test/support/context.ts";
import { aDatabase } from "#test/support/database.ts";
import { aList, aLongList, countRecipients, jobsOf, linesOf, recipientsOf } from "#test/support/lists.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { exportRecipients } from "./export-recipients.ts";
import { importRecipients } from "./import-recipients.ts";

const watch = { signal: new AbortController().signal };

test("an export names every field, and its import restores the same data", async (t) => {
  const context = await aContext(t);
  await context.db.run`
    insert into nms_recipient (email, email_key, email_format, salutation, first_name, last_name, gender, birth_date, phone, mobile_phone, language, company,
                               account, address1, zip_code, city, state_code, country_code, origin, black_list, black_list_email, text1, text2, text3, text4, text5)
    values ('ann@example.com', 'ann@example.com', 2, 'Dr', 'Ann, "A"', E'O''Brien\nLee', 2, '1980-02-29', '+33 1 23', '-5', 'fr', '=1+1', '@x', E'1\r\nstreet', '01000',
            'Côte', '''=x', 'FR', '＋1', true, false, '<%= 1 %>', E'\\N', '''apostrophe', E'a\tb', '😀'),
           ('bob@example.com', 'bob@example.com', 0, null, null, null, 0, null, null, null, null, null, null, null, null, null, null, null, null, false, true, null, null, null, null, null)`;
  const out = join(aFolder(t), "out.csv");
  const report = await exportRecipients(context, { out }, watch);
  assert.equal(report.rows, 2);
  assert.equal(linesOf(out)[0], recipientFields.map(({ name }) => name).join(","));
  assert.equal(report.bytes + 3, readFileSync(out).length);

  const fresh = await aContext(t, { db: await aDatabase(t) });
  const imported = await importRecipients(fresh, { file: out }, watch);
  assert.equal(imported.inserted, 2);
  assert.deepEqual(imported.ignoredColumns, []);
  const everything = (db: typeof context.db): Promise<unknown[]> =>
    db.rows(
      (row) => row,
    )`select to_jsonb(r) - 'recipient_id' - 'folder_id' - 'created' - 'last_modified' as data from nms_recipient r order by email_key`;
  assert.deepEqual(await everything(fresh.db), await everything(context.db));
});

test("any text without outer spaces survives an export and its import", async (t) => {
  const context = await aContext(t);
  const fresh = await aContext(t, { db: await aDatabase(t) });
  const part = fc.constantFrom(
    "'",
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    '"',
    ",",
    ";",
    "\\",
    "\\N",
    "a",
    " ",
    "é",
    "名",
    "😀",
    "＝",
  );
  const texts = fc
    .sample(
      fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join("").trim()),
      500,
    )
    .filter((text) => text !== "");
  await context.db.run`
    insert into nms_recipient (email, email_key, first_name)
    select 'p' || n || '@example.com', 'p' || n || '@example.com', name from unnest(${texts}::text[]) with ordinality as list(name, n)`;
  for (const separator of [",", ";", "\t", "|"] as const) {
    const out = join(aFolder(t), "out.csv");
    await exportRecipients(context, { out, separator }, watch);
    await fresh.db.run`truncate nms_recipient`;
    await importRecipients(fresh, { file: out }, watch);
    assert.deepEqual(await recipientsOf(fresh.db), await recipientsOf(context.db));
  }
});

test("formulas are written raw when the setting says so", async (t) => {
  const context = await aContext(t, { settings: "[export]\ndefuseFormulas = false\n" });
  await importRecipients(context, { file: aList(t, "email,first name\nann@example.com,=1+1\n") }, watch);
  const out = join(aFolder(t), "out.csv");
  await exportRecipients(context, { out }, watch);
  assert.match(readFileSync(out, "utf8"), /,=1\+1,/);
});

test("a group is exported alone, and a group that is not there is refused", async (t) => {
  const context = await aContext(t);
  await importRecipients(context, { file: aList(t, "email\nann@example.com\nbob@example.com\n") }, watch);
  await importRecipients(context, { file: aList(t, "email\nbob@example.com\ncat@example.com\n"), group: "g" }, watch);
  const out = join(aFolder(t), "out.csv");
  await exportRecipients(context, { out, group: "g" }, watch);
  assert.deepEqual(
    linesOf(out)
      .slice(1)
      .map((line) => line.split(",")[0]),
    ["bob@example.com", "cat@example.com"],
  );
  await assert.rejects(exportRecipients(context, { out: join(aFolder(t), "x.csv"), group: "none" }, watch), {
    code: "TRF-100016",
  });
});

test("many recipients are written in batches, and the bar reaches its end", async (t) => {
  const context = await aContext(t);
  await importRecipients(context, { file: aLongList(t, 5_001) }, watch);
  const seen: number[] = [];
  const out = join(aFolder(t), "out.csv");
  const onProgress = ({ done, total }: { done: number; total: number }): void => void seen.push(done / total);
  assert.equal((await exportRecipients(context, { out }, { ...watch, onProgress })).rows, 5_001);
  assert.equal(linesOf(out).length, 5_002);
  assert.ok(seen.length >= 3);
  assert.equal(seen.at(-1), 1);
});

test("an export that fails or is stopped leaves the old file and no draft", async (t) => {
  const context = await aContext(t);
  await importRecipients(context, { file: aLongList(t, 5_000) }, watch);
  const folder = aFolder(t);
  const out = join(folder, "out.csv");
  writeFileSync(out, "yesterday's");
  const ending = new AbortController();
  await assert.rejects(
    exportRecipients(context, { out }, { signal: ending.signal, onProgress: () => ending.abort() }),
    { code: "TRF-100014" },
  );
  const failing = new Error("the caller's own");
  const throwing = (): void => {
    throw failing;
  };
  await assert.rejects(exportRecipients(context, { out }, { ...watch, onProgress: throwing }), failing);
  assert.equal(readFileSync(out, "utf8"), "yesterday's");
  assert.deepEqual(readdirSync(folder), ["out.csv"]);
  assert.deepEqual(
    (await jobsOf(context.db)).map(({ kind, state }) => [kind, state]),
    [
      ["import", "finished"],
      ["export", "interrupted"],
      ["export", "failed"],
    ],
  );
});

test("an export of nobody is a heading", async (t) => {
  const context = await aContext(t);
  const texts: string[] = [];
  const report = await exportRecipients(
    context,
    { out: { write: (text) => Promise.resolve(void texts.push(text)) } },
    watch,
  );
  assert.equal(report.file, undefined);
  assert.deepEqual(texts, [`${recipientFields.map(({ name }) => name).join(",")}\r\n`]);
  assert.equal(await countRecipients(context.db), 0);
});
