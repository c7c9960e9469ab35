/** Writes docs/reference. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { root } from "./check/finding.ts";
import { buildReferencePages } from "./reference-pages.ts";

for (const [file, text] of Object.entries(await buildReferencePages())) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  process.stdout.write(`${file}\n`);
}
