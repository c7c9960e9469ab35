/** Says whether another user can get to a folder. */

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** True when every folder on the way lets others pass; a folder that is missing counts as one that we will make so. */
export function isReachableByOthers(path: string): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
