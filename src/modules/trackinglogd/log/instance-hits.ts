/** The hits of one instance: the log that is written, the files that are handed out, and how far tracking has come. */

import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { HitFile } from "#channels/hits/hit-file.ts";
import type { Clock } from "#foundation/clock.ts";

import { chooseFilesToPurge, type PurgeRules } from "./choose-files-to-purge.ts";
import { listHitFiles, readHitFile } from "./hit-files.ts";
import { type HitLog, openHitLog } from "./hit-log.ts";

export type InstanceHits = Pick<HitLog, "append" | "close"> & {
  /** Lists the files for a reader that has stored some of them. */
  list(stored: ReadonlyMap<string, number>): Promise<HitFile[]>;
  /** Whole lines from an offset on; undefined when there is no such file. */
  read(name: string, offset: number): Promise<Buffer | undefined>;
  /** Removes files that are not needed any more, or for which there is no room. */
  purge(): Promise<{ removedFiles: number; removedBytes: number; unreadBytes: number }>;
};

export type InstanceHitsOptions = PurgeRules & {
  readonly folder: string;
  readonly maxFileBytes: number;
  readonly sync: "eachSecond" | "eachHit";
  readonly clock: Clock;
};

/** Opens the hits of an instance; what is there from before is handed out as well. */
export function openInstanceHits(options: InstanceHitsOptions): InstanceHits {
  const { folder, clock } = options;
  const log = openHitLog(options);
  // Known again at the reader's next call: a restart only delays the purge.
  let stored: ReadonlyMap<string, number> = new Map();

  return {
    append: log.append,
    close: log.close,
    list: (known) => {
      stored = known;
      return listHitFiles(folder, log.currentFile());
    },
    read: (name, offset) => readHitFile(folder, { name, isClosed: name !== log.currentFile() }, offset),
    purge: async () => {
      const files = await listHitFiles(folder, log.currentFile());
      const purge = chooseFilesToPurge(files, stored, clock.now(), options);
      for (const file of purge.files) await rm(join(folder, file.name), { force: true });
      return {
        removedFiles: purge.files.length,
        removedBytes: purge.files.reduce((sum, file) => sum + file.sizeBytes, 0),
        unreadBytes: purge.unreadBytes,
      };
    },
  };
}
