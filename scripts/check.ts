/** Runs every check of the project: types, lint, format, unused code, and the checks of scripts/check. */

import { spawnSync } from "node:child_process";

import { checkBoundaries } from "./check/boundaries.ts";
import { checkDocuments } from "./check/documents.ts";
import { root } from "./check/finding.ts";
import { checkRepository } from "./check/repository.ts";
import { checkSourceRules } from "./check/source-rules.ts";

const tools: readonly (readonly [name: string, ...words: string[]])[] = [
  ["types", "tsc", "-p", "."],
  ["lint", "oxlint", "--type-aware", "--deny-warnings", "--quiet"],
  ["format", "biome", "format", "--max-diagnostics=20"],
  ["unused code", "knip", "--no-progress"],
];

let failures = 0;
const report = (name: string, isGood: boolean): void => {
  process.stdout.write(`${isGood ? "ok    " : "FAILED"} ${name}\n`);
  if (!isGood) failures += 1;
};

for (const [name, command = "", ...words] of tools) {
  const result = spawnSync(`node_modules/.bin/${command}`, words, { cwd: root, encoding: "utf8" });
  report(name, result.status === 0);
  if (result.status !== 0) process.stdout.write(`${result.stdout}${result.stderr}\n`);
}

const checks = [
  ["import boundaries", checkBoundaries],
  ["source rules", checkSourceRules],
  ["documents", checkDocuments],
  ["repository", checkRepository],
] as const;
for (const [name, check] of checks) {
  const findings = await check();
  report(name, findings.length === 0);
  for (const { file, line, problem, page } of findings)
    process.stdout.write(`  ${file}${line === undefined ? "" : `:${line}`}: ${problem} (see ${page})\n`);
}
process.exitCode = failures > 0 ? 1 : 0;
