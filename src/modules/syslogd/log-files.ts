/** All log files that are being written: opened when a line comes, flushed together, closed when nothing comes any more. */

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { isLogFileName } from "#channels/logs/log-file-name.ts";

import { type LogFile, openLogFile } from "./log-file.ts";
import { commonInstance, type Route, unsortedFile } from "./route-line.ts";

export type LogFiles = {
  write(route: Route): void;
  /** Writes all that waits. */
  flush(): Promise<void>;
  /** Closes files that had no line for a minute; called now and then. */
  closeIdle(): Promise<void>;
  close(): Promise<void>;
};

export type LogFilesOptions = {
  /** The folder that holds a folder for each instance. */
  readonly varFolder: string;
  readonly maxFileBytes: number;
  readonly maxNumberOfLoginsFiles: number;
  readonly maxFilesPerInstance: number;
  readonly flushIntervalMs: number;
  readonly describeLoss: (lostLines: number, reason: string) => string;
  /** Called when a file cannot be written, once until it can be again. */
  readonly onFailure: (path: string, error: unknown) => void;
  readonly onRecovery: (path: string, lostLines: number) => void;
  readonly elapsedMs: () => number;
};

/** Enough lines are written before the time is over. */
const batchBytes = 65_536;
const idleMs = 60_000;

type Entry = { readonly file: LogFile; usedAtMs: number };

/** Starts with no file open. */
export function openLogFiles(options: LogFilesOptions): LogFiles {
  const entries = new Map<string, Entry>();
  const namesOf = new Map<string, Set<string>>();
  let timer: NodeJS.Timeout | undefined;

  const folderOf = (instance: string): string => join(options.varFolder, instance, "log");

  /** Whoever may send lines may invent names: beyond the limit they share a file. */
  const limitNames = ({ instance, file }: Route): Pick<Route, "instance" | "file"> => {
    const names = namesOf.get(instance) ?? readNames(folderOf(instance));
    namesOf.set(instance, names);
    if (names.has(file)) return { instance, file };
    if (names.size >= options.maxFilesPerInstance) return { instance: commonInstance, file: unsortedFile };
    names.add(file);
    return { instance, file };
  };

  const find = (route: Route): Entry => {
    const { instance, file } =
      route.loginsDay === undefined
        ? limitNames(route)
        : { instance: route.instance, file: `logins.${route.loginsDay}` };
    const path = join(folderOf(instance), file);
    const known = entries.get(path);
    if (known !== undefined) return known;
    if (route.loginsDay !== undefined)
      removeOldLogins(folderOf(instance), options.maxNumberOfLoginsFiles, route.loginsDay);
    const opened = openLogFile({
      path,
      maxBytes: options.maxFileBytes,
      describeLoss: options.describeLoss,
      onFailure: (error) => options.onFailure(path, error),
      onRecovery: (lostLines) => options.onRecovery(path, lostLines),
    });
    const entry = { file: opened, usedAtMs: options.elapsedMs() };
    entries.set(path, entry);
    return entry;
  };

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    await Promise.all(
      [...entries.values()].filter(({ file }) => file.waitingBytes() > 0).map(({ file }) => file.flush()),
    );
  };

  return {
    write: (route) => {
      const entry = find(route);
      entry.usedAtMs = options.elapsedMs();
      entry.file.append(route.text);
      if (entry.file.waitingBytes() >= batchBytes) void entry.file.flush();
      else timer ??= setTimeout(() => void flush(), options.flushIntervalMs);
    },
    flush,
    closeIdle: async () => {
      const now = options.elapsedMs();
      const idle = [...entries].filter(([, { usedAtMs }]) => now - usedAtMs > idleMs);
      for (const [path] of idle) entries.delete(path);
      await Promise.all(idle.map(([, { file }]) => file.close()));
    },
    close: async () => {
      clearTimeout(timer);
      await Promise.all([...entries.values()].map(({ file }) => file.close()));
    },
  };
}

function readNames(folder: string): Set<string> {
  const names = listFiles(folder).map((file) => (file.endsWith(".log") ? file.slice(0, -".log".length) : ""));
  return new Set(names.filter(isLogFileName));
}

/** Keeps the files of the last days, the new one included. */
function removeOldLogins(folder: string, kept: number, newDay: string): void {
  const files = listFiles(folder).flatMap((file) => {
    const day = /^logins\.(\d\d-\d\d-\d\d)(?:_2)?\.log$/.exec(file)?.[1];
    return day === undefined ? [] : [{ file, day }];
  });
  const days = [...new Set([...files.map(({ day }) => day), newDay])].sort().slice(0, -kept);
  for (const { file, day } of files) {
    if (days.includes(day)) rmSync(join(folder, file), { force: true });
  }
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The folder is made with its first file.
    return [];
  }
}
