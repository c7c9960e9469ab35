import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { programFolder } from "#foundation/home.ts";

/** Signs in a process of its own, and prints the name and the niceness of each of its threads before and after. */
const program = `
  import { readdirSync, readFileSync } from "node:fs";
  import { readFile } from "node:fs/promises";
  import { favorMainThread } from ${JSON.stringify(join(programFolder, "src/modules/mta/child/favor-main-thread.ts"))};
  const list = () => readdirSync("/proc/self/task").map((thread) => {
    const of = (file) => readFileSync("/proc/self/task/" + thread + "/" + file, "utf8");
    const stat = of("stat");
    // The nineteenth field; the second may hold blanks.
    return [of("comm").trim(), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16])];
  });
  await readFile("/proc/self/stat");
  const before = list();
  const count = favorMainThread();
  console.log(JSON.stringify({ before, count, after: list() }));
`;

type Threads = readonly (readonly [name: string, niceness: number])[];

test("the threads that sign become nicer, the one that speaks to servers and those of V8 do not", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  const { before, count, after } = JSON.parse(stdout) as { before: Threads; count: number; after: Threads };
  const isWorker = ([name]: Threads[number]): boolean => name === "libuv-worker";
  const [[, own] = ["", 0]] = before;
  const workers = after.filter(isWorker);
  assert.ok(workers.length > 0);
  assert.equal(count, workers.length);
  assert.ok(workers.every(([, niceness]) => niceness === Math.min(19, own + 10)));
  assert.deepEqual(
    after.filter((thread) => !isWorker(thread)),
    before.filter((thread) => !isWorker(thread)),
  );
});
