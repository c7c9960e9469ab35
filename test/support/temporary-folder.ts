/** Folders for tests, removed at their end. */

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Ending } from "./endings.ts";

/** A new folder that other users may pass through, as an embedded PostgreSQL under another user must. */
export function aFolder(t: Ending): string {
  const folder = makeFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The same for a caller that removes it itself. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pr-"));
  chmodSync(folder, 0o755);
  return folder;
}
