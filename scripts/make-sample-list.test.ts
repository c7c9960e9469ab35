import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { importRecipients } from "#campaign/transfer/import-recipients.ts";
import { aContext } from "#test/support/context.ts";

import { describeSampleList, makeSampleList } from "./make-sample-list.ts";

const folder = resolve(import.meta.dirname, "../database/seed");
const file = join(folder, "sample-recipients.csv");

test("the sample list and its page are what the script makes", () => {
  const list = makeSampleList();
  assert.ok(list.bytes.equals(readFileSync(file)), "node scripts/make-sample-list.ts makes them anew");
  assert.equal(describeSampleList(list), readFileSync(join(folder, "README.md"), "utf8"));
});

test("an import of the sample list finds exactly what its page says", async (t) => {
  const context = await aContext(t);
  const { counts } = makeSampleList();
  const report = await importRecipients(context, { file, group: "sample" }, { signal: new AbortController().signal });
  assert.deepEqual(
    {
      read: report.read,
      inserted: report.inserted,
      updated: report.updated,
      unchanged: report.unchanged,
      doubles: report.doubles,
      rejected: report.rejected,
      blankLines: report.blankLines,
    },
    {
      read: 5_000,
      inserted: counts.inserted,
      updated: 0,
      unchanged: 0,
      doubles: counts.doubles,
      rejected: counts.rejected,
      blankLines: counts.blankLines,
    },
  );
  assert.deepEqual(Object.fromEntries(report.rejects.map(({ reason, count }) => [reason, count])), counts.rejects);
  assert.deepEqual(Object.fromEntries(report.leftOut.map(({ field, count }) => [field, count])), counts.leftOut);
  assert.deepEqual(report.ignoredColumns, ["notes"]);
  assert.equal(report.group?.added, counts.inserted);

  const domains = await context.db.rows((row) => {
    const { email_domain: domain, n } = row as { email_domain: string; n: number };
    return [domain, n] as const;
  })`select email_domain, count(*)::int as n from nms_recipient where email_domain like '%.postrider.test' and not black_list_email group by 1`;
  assert.deepEqual(Object.fromEntries(domains), counts.testDomains);
  const optedOut = await context.db.first(
    (row) => (row as { n: number }).n,
  )`select count(*)::int as n from nms_recipient where black_list_email`;
  assert.equal(optedOut, counts.optedOut);
  // Of doubles the last line counts: the others are named Old, and live elsewhere.
  assert.deepEqual(await context.db.rows((row) => row)`select email from nms_recipient where city = 'Elsewhere'`, []);
});

test("all domains of the sample list are reserved for examples, apart from ten invented Gmail addresses", async (t) => {
  const context = await aContext(t);
  await importRecipients(context, { file }, { signal: new AbortController().signal });
  const others = await context.db.rows((row) => (row as { email_domain: string }).email_domain)`
    select email_domain from nms_recipient
     where email_domain !~ '(^|\\.)(example\\.(com|net|org)|example|test|xn--zckzah)$'`;
  assert.deepEqual([...new Set(others)], ["gmail.com"]);
  assert.equal(others.length, 10);
});
