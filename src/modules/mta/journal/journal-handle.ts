/** An open journal file: written at once, brought to the disk in the background. */

import { closeSync, fdatasync, openSync, writeSync } from "node:fs";
import { promisify } from "node:util";

export type JournalHandle = {
  /** Adds all bytes at the end; they survive the death of the process, not yet a power cut. */
  write(bytes: Uint8Array): void;
  /** Brings what was written to the disk. */
  datasync(): Promise<void>;
  close(): void;
};

const datasyncOf = promisify(fdatasync);

/** Makes a file to append to; fails when it is there already. */
export function openJournalHandle(path: string): JournalHandle {
  const fd = openSync(path, "ax", 0o640);
  return {
    write: (bytes) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    },
    datasync: () => datasyncOf(fd),
    close: () => closeSync(fd),
  };
}
