/** Repairs what a tool can: format, lint findings with a safe fix, reference pages, the schema dump. */

import { spawnSync } from "node:child_process";

import { root } from "./check/finding.ts";

for (const [command = "", ...words] of [
  ["node_modules/.bin/oxlint", "--type-aware", "--fix", "--quiet"],
  ["node_modules/.bin/biome", "format", "--write"],
  [process.execPath, "scripts/docs.ts"],
  [process.execPath, "scripts/database-dump.ts"],
]) {
  spawnSync(command, words, { cwd: root, stdio: "inherit" });
}
