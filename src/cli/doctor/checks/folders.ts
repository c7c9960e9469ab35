/** Folders that the platform writes: whether it can, and how much room is left. */

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, type StatsFs } from "node:fs";
import { open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

import type { Examination, Finding, HostVisit } from "#foundation/doctor/check.ts";
import { describeError } from "#foundation/errors.ts";

type Room = {
  readonly folder: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly freeFiles: number;
};

const mebibyte = 1_048_576;
/** Below this nothing that is written is safe. */
const tooLittleBytes = 100 * mebibyte;
const littleBytes = 5_120 * mebibyte;
const littleShare = 0.05;

/** What a file system has left, as `statfs` tells it. */
export type ReadRoom = (folder: string) => Promise<Pick<StatsFs, "bavail" | "blocks" | "bsize" | "ffree" | "files">>;

/** Writes a small file into each, and removes it; asks each file system once. */
export async function checkFolders(
  { home, instances, signal }: HostVisit,
  readRoom: ReadRoom = statfs,
): Promise<Examination> {
  const folders = [
    home.conf,
    home.var,
    home.runtime,
    ...["default", ...instances].flatMap((name) => spools(join(home.var, name))),
  ];
  const there = folders.filter((folder) => existsSync(folder));
  const findings: Finding[] = [];
  const rooms = new Map<number, Room>();
  for (const folder of there) {
    if (signal.aborted) break;
    const refused = await tryToWrite(folder);
    if (refused !== undefined)
      findings.push({ severity: "error", problem: "folders.notWritable", values: { folder, reason: refused } });
    await measure(folder, rooms, readRoom);
  }
  findings.push(...[...rooms.values()].flatMap(judge));
  const least = Math.min(...[...rooms.values()].map(({ freeBytes }) => freeBytes));
  const free = { bytes: Number.isFinite(least) ? least : 0 };
  return { findings, seen: { text: "seen.folders", values: { folders: there.length, free } } };
}

/** Where outcomes, hits and log lines lie until the database has them. */
function spools(folder: string): string[] {
  return [
    folder,
    ...list(folder)
      .filter((name) => name !== "database" && name !== "pg")
      .map((name) => join(folder, name)),
    join(folder, "mta", "journal"),
  ];
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

async function tryToWrite(folder: string): Promise<string | undefined> {
  const file = join(folder, `.doctor-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.write("doctor\n");
      await handle.sync();
    } finally {
      await handle.close();
    }
    return undefined;
  } catch (error) {
    return describeError(error);
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

async function measure(folder: string, rooms: Map<number, Room>, readRoom: ReadRoom): Promise<void> {
  const { dev } = await stat(folder);
  if (rooms.has(dev)) return;
  const { bavail, blocks, bsize, ffree, files } = await readRoom(folder);
  // One that keeps nothing on a disk has no size.
  if (blocks === 0) return;
  // A file system without a limit of files counts none.
  const freeFiles = files === 0 ? 1 : ffree / files;
  rooms.set(dev, { folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles });
}

function judge({ folder, freeBytes, totalBytes, freeFiles }: Room): Finding[] {
  const values = { folder, free: { bytes: freeBytes }, total: { bytes: totalBytes } };
  if (freeBytes < tooLittleBytes) return [{ severity: "error", problem: "folders.full", values }];
  if (freeFiles < littleShare / 5) return [{ severity: "error", problem: "folders.noFiles", values }];
  return freeBytes < littleBytes && freeBytes < totalBytes * littleShare
    ? [{ severity: "warning", problem: "folders.nearlyFull", values }]
    : [];
}
