/** Decides which files of hits may go. */

import type { HitFile } from "#channels/hits/hit-file.ts";

export type PurgeRules = { readonly maxTotalBytes: number; readonly keepReadMs: number };

export type Purge = {
  readonly files: readonly HitFile[];
  /** Bytes that tracking has not read: they are lost. */
  readonly unreadBytes: number;
};

/**
 * Chooses among the closed files: those that were read and are old enough, then, while all are too large, the oldest read ones, and in the
 * end unread ones.
 * @param files oldest first
 * @param stored how far tracking has stored each
 */
export function chooseFilesToPurge(
  files: readonly HitFile[],
  stored: ReadonlyMap<string, number>,
  now: Date,
  rules: PurgeRules,
): Purge {
  const unread = (file: HitFile): number => Math.max(0, file.sizeBytes - (stored.get(file.name) ?? 0));
  const closed = files.filter((file) => file.isClosed);
  const chosen = new Set(
    closed.filter((file) => unread(file) === 0 && now.getTime() - beganAtMs(file) > rules.keepReadMs),
  );
  let totalBytes = files.reduce((sum, file) => (chosen.has(file) ? sum : sum + file.sizeBytes), 0);
  const byNeed = [...closed.filter((file) => unread(file) === 0), ...closed.filter((file) => unread(file) > 0)];
  for (const file of byNeed) {
    if (totalBytes <= rules.maxTotalBytes) break;
    if (chosen.has(file)) continue;
    chosen.add(file);
    totalBytes -= file.sizeBytes;
  }
  const purged = [...chosen];
  return { files: purged, unreadBytes: purged.reduce((sum, file) => sum + unread(file), 0) };
}

/** A file's name begins with the time of its first hit. */
function beganAtMs(file: HitFile): number {
  return Number.parseInt(file.name.slice(0, 12), 16);
}
