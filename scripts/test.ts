/**
 * Runs the tests, all of them or those whose path holds one of the words given, against one PostgreSQL server.
 * `--interop` runs test/interop instead. The last line counts: `N passed, N failed`.
 */

import { globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

import { startCluster } from "../test/support/cluster.ts";

const root = resolve(import.meta.dirname, "..");
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const patterns = process.argv.includes("--interop")
  ? ["test/interop/**/*.test.ts"]
  : ["src/**/*.test.ts", "scripts/**/*.test.ts", "test/support/**/*.test.ts", "test/journeys/**/*.test.ts"];

const files = patterns
  .flatMap((pattern) => globSync(pattern, { cwd: root }).sort())
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));

const cluster = await startCluster();
process.env["POSTRIDER_TEST_SERVER"] = cluster.address("DATABASE").url;
// As bin/postrider does: every file of tests, and every process of a journey, would strip the types of the same sources.
process.env["NODE_COMPILE_CACHE"] ??= resolve(root, "node_modules/.cache/postrider");

let passed = 0;
let failed = 0;
const results = run({
  // The largest first: what takes long is not left alone at the end.
  files: files.map((file) => resolve(root, file)).sort((one, other) => statSync(other).size - statSync(one).size),
  cwd: root,
  concurrency: Math.max(2, availableParallelism()),
  // Generous: this bounds a hang, it measures nothing. At full size faults last as long as the catalogue says.
  timeout: process.env["POSTRIDER_FULL"] === "1" ? 3_600_000 : 600_000,
});
results.on("test:summary", (summary) => {
  // A summary comes for each file, and a last one, without a file, for all.
  if (summary.file !== undefined) return;
  passed = summary.counts.passed;
  failed = summary.counts.tests - summary.counts.passed - summary.counts.skipped - summary.counts.todo;
});
for await (const text of results.compose(spec)) process.stdout.write(String(text));

await cluster.stop();
if (files.length === 0) process.stdout.write("no test file matches\n");
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
