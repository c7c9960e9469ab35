/** Removes archived messages whose time is over: whole days at once. */

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** How many days are kept. */
export type ArchiveKeeping = { readonly folder: string; readonly keptDays: number };

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Removes the folders of days that ended longer ago than allowed; whatever else lies there stays.
 * @returns names of the days
 */
export async function purgeArchive({ folder, keptDays }: ArchiveKeeping, now: Date): Promise<string[]> {
  const first = new Date(now.getTime() - keptDays * 86_400_000).toISOString().slice(0, 10);
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  const over = names.filter((name) => dayPattern.test(name) && name < first).sort();
  for (const name of over) await rm(join(folder, name), { recursive: true, force: true });
  return over;
}
