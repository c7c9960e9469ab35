/** Which files of hits may go. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseFilesToPurge } from "./choose-files-to-purge.ts";

const day = 86_400_000;
const now = new Date("2026-11-21T00:00:00Z");
const rules = { maxTotalBytes: 1_000, keepReadMs: 7 * day };

const file = (ageDays: number, sizeBytes: number, isClosed = true) => ({
  name: `${(now.getTime() - ageDays * day).toString(16).padStart(12, "0")}-00000000.log`,
  sizeBytes,
  isClosed,
});
type File = ReturnType<typeof file>;
const read = (...files: File[]): Map<string, number> => new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes]));

test("files that were read go when they are old enough", () => {
  const [old, young] = [file(8, 100), file(6, 100)];
  assert.deepEqual(chooseFilesToPurge([old, young], read(old, young), now, rules), { files: [old], unreadBytes: 0 });
});

test("unread files stay however old they are, and so does the one that is being written", () => {
  const [unread, half, current] = [file(900, 100), file(800, 100), file(700, 100, false)];
  const stored = new Map([...read(current), [half.name, 99]]);
  assert.deepEqual(chooseFilesToPurge([unread, half, current], stored, now, rules), { files: [], unreadBytes: 0 });
});

test("over the limit the oldest read files go first, unread ones last, and what is lost is told", () => {
  const [unread, older, newer, current] = [file(5, 500), file(4, 400), file(3, 400), file(2, 400, false)];
  const files = [unread, older, newer, current];
  assert.deepEqual(chooseFilesToPurge(files, read(older, newer), now, rules), {
    files: [older, newer],
    unreadBytes: 0,
  });
  assert.deepEqual(chooseFilesToPurge(files, read(older, newer), now, { ...rules, maxTotalBytes: 800 }).files, [
    older,
    newer,
    unread,
  ]);
  assert.equal(
    chooseFilesToPurge(files, new Map([[unread.name, 100]]), now, { ...rules, maxTotalBytes: 100 }).unreadBytes,
    1_200,
  );
});
