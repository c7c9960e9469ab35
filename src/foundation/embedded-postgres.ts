/**
 * Runs the PostgreSQL that comes from npm: real server binaries, under an unprivileged user also when we are root,
 * reachable through a Unix socket only. It ends when we end: a small shell holds our pipe and stops the server when it closes.
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { arch } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { pause } from "./clock.ts";
import { checkDatabase, type DatabaseAddress, openDatabase } from "./database.ts";
import { describeError } from "./errors.ts";
import { embeddedPostgresFailed, embeddedPostgresMissing, socketFolderTaken } from "./embedded-postgres-errors.ts";
import { createDatabaseIfMissing } from "./embedded-postgres-store.ts";
import { isReachableByOthers } from "./reachable.ts";

export type EmbeddedOptions = {
  /** Where the data shall lie, such as `var/main/database`; may become a link when its own place cannot be reached. */
  readonly dataFolder: string;
  readonly socketFolder: string;
  /** Name of the database to create in a new server. */
  readonly databaseName: string;
  /** The address of the server's own `postgres` database, to create ours from. */
  readonly maintenanceAddress: DatabaseAddress;
  readonly sharedBuffersMb: number;
  /** Gets each line the server writes. */
  readonly onLine: (line: string) => void;
  /** False for tests: no waiting for the disk. */
  readonly isDurable?: boolean;
};

export type EmbeddedPostgres = {
  /** Process id of the server. */
  readonly pid: number;
  /** Resolves when the server has ended, with its exit code. */
  readonly ended: Promise<number>;
  /** Ends the server in an orderly way: connections are cut, nothing committed is lost. */
  stop(): Promise<void>;
};

type SystemUser = { readonly uid: number; readonly gid: number };

/** Folder for what must be reached by an unprivileged user when our own folders cannot. */
export const sharedStateFolder = "/var/lib/postrider";

/** A server in crash recovery says no until it is done; a large one may take minutes. */
const startLimitMs = 300_000;

/**
 * Starts the server, making its data on the first start, and creates the database where it is missing.
 * @throws embeddedPostgresMissing, embeddedPostgresFailed, socketFolderTaken
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const user = chooseUser(options.dataFolder);
  const binaries = prepareBinaries(user);
  const dataFolder = placeData(options.dataFolder, user);
  prepareSocketFolder(options.socketFolder, user);
  await endFormerServer(dataFolder);
  removeStaleLocks(dataFolder, options.socketFolder);
  if (!existsSync(join(dataFolder, "PG_VERSION"))) await initialise(binaries, dataFolder, user, options);

  const lastLines: string[] = [];
  const shell = spawnServer(binaries, dataFolder, user, options, (line) => {
    lastLines.push(line);
    if (lastLines.length > 5) lastLines.shift();
    options.onLine(line);
  });
  const ended = new Promise<number>((resolve) => {
    shell.once("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
  const stop = async (): Promise<void> => {
    shell.stdin?.end();
    await ended;
  };
  let isEnded = false;
  void ended.then(() => {
    isEnded = true;
  });

  try {
    await waitUntilReady(options.maintenanceAddress, () => isEnded);
    await createDatabase(options.maintenanceAddress, options.databaseName);
  } catch (cause) {
    await stop();
    throw embeddedPostgresFailed({ dataFolder, reason: lastLines.join(" | ") || describeError(cause) }, { cause });
  }
  return { pid: readServerPid(dataFolder) ?? shell.pid ?? 0, ended, stop };
}

/** The user the server runs as: ourselves, or as root the owner of the data's place, else the first unprivileged user there is. */
function chooseUser(dataFolder: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid = "", gid = ""]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  let place = dataFolder;
  while (!existsSync(place)) place = dirname(place);
  const owner = statSync(place).uid;
  const found =
    users.find((user) => owner !== 0 && user.uid === owner) ??
    ["postrider", "postgres", "nobody"]
      .map((name) => users.find((user) => user.name === name))
      .find((user) => user !== undefined);
  if (found === undefined)
    throw embeddedPostgresFailed({ dataFolder, reason: "there is no unprivileged user to run it as" });
  return { uid: found.uid, gid: found.gid };
}

/** The folder of the binaries, copied to where the user can reach them if need be. */
function prepareBinaries(user: SystemUser | undefined): string {
  const packageName = `@embedded-postgres/linux-${arch()}`;
  // Its package.json is not exported; the entry point is, and lies one folder below it.
  let packageFolder: string;
  try {
    packageFolder = dirname(dirname(fileURLToPath(import.meta.resolve(packageName))));
  } catch (cause) {
    throw embeddedPostgresMissing({ packageName }, { cause });
  }
  const native = join(packageFolder, "native");
  makeLibraryLinks(native);
  if (user === undefined || isReachableByOthers(join(native, "bin"))) return native;

  const parsed: unknown = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const version = typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "0";
  const copy = join(sharedStateFolder, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(sharedStateFolder, { recursive: true, mode: 0o755 });
  const draft = `${copy}.${process.pid}`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch {
    // Another start was faster; its copy is as good.
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}

/** The package makes these links in an install script; installations that forbid scripts lack them. */
function makeLibraryLinks(native: string): void {
  const list: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  if (!Array.isArray(list)) return;
  for (const entry of list) {
    if (typeof entry?.source !== "string" || typeof entry?.target !== "string") continue;
    const target = join(dirname(native), entry.target);
    const source = join(dirname(native), entry.source);
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined || !existsSync(source)) continue;
    try {
      symlinkSync(source.slice(dirname(target).length + 1), target);
    } catch {
      // A read-only install or a neighbour's start: the server says so if the link is really missing.
    }
  }
}

/** Makes the data folder's parent reachable for the user, elsewhere if its own place is not. */
function placeData(wanted: string, user: SystemUser | undefined): string {
  const entry = lstatSync(wanted, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink()) return readlinkSync(wanted);
  if (user === undefined || entry !== undefined || isReachableByOthers(dirname(wanted))) return wanted;
  const elsewhere = join(sharedStateFolder, wanted.replaceAll("/", "_"));
  mkdirSync(sharedStateFolder, { recursive: true, mode: 0o755 });
  symlinkSync(elsewhere, wanted);
  return elsewhere;
}

function prepareSocketFolder(folder: string, user: SystemUser | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const entry = lstatSync(folder);
  const expected = user?.uid ?? process.getuid?.() ?? 0;
  // In a temporary folder anyone may have been here first.
  if (!entry.isDirectory() || (entry.uid !== expected && entry.uid !== (process.getuid?.() ?? 0)))
    throw socketFolderTaken({ folder });
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
}

/** Ends a server that a killed parent left behind; its own shell is already stopping it. */
async function endFormerServer(dataFolder: string): Promise<void> {
  for (const [signal, waitMs] of [
    [undefined, 3_000],
    ["SIGINT", 20_000],
    ["SIGQUIT", 10_000],
  ] as const) {
    const pid = readServerPid(dataFolder);
    if (pid === undefined || !isServer(pid, dataFolder)) return;
    if (signal !== undefined) process.kill(pid, signal);
    const end = performance.now() + waitMs;
    while (performance.now() < end && isServer(pid, dataFolder)) await pause(50);
  }
}

/** A pid file whose pid is gone, or belongs to another program by now, would keep the server from starting. */
function removeStaleLocks(dataFolder: string, socketFolder: string): void {
  rmSync(join(dataFolder, "postmaster.pid"), { force: true });
  for (const name of existsSync(socketFolder) ? readdirSync(socketFolder) : []) {
    if (name.startsWith(".s.PGSQL.")) rmSync(join(socketFolder, name), { force: true });
  }
}

function readServerPid(dataFolder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isServer(pid: number, dataFolder: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return (words[0] ?? "").endsWith("postgres") && words.includes(dataFolder);
  } catch {
    return false;
  }
}

async function initialise(
  binaries: string,
  dataFolder: string,
  user: SystemUser | undefined,
  options: EmbeddedOptions,
): Promise<void> {
  // Made aside and renamed, so that an interrupted first start leaves nothing half made.
  const draft = `${dataFolder}.new`;
  rmSync(draft, { recursive: true, force: true });
  if (existsSync(dataFolder)) {
    if (readdirSync(dataFolder).length > 0)
      throw embeddedPostgresFailed({
        dataFolder,
        reason: "the folder holds something that is no PostgreSQL data; move it away",
      });
    rmdirSync(dataFolder);
  }
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(draft, user.uid, user.gid);
  const words = [
    "-D",
    draft,
    "-U",
    "postrider",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ];
  if (options.isDurable === false) words.push("--no-sync");
  try {
    await promisify(execFile)(join(binaries, "bin", "initdb"), words, {
      ...spawnUser(user),
      cwd: "/",
      env: serverEnvironment(binaries),
    });
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    throw embeddedPostgresFailed({ dataFolder, reason: describeError(cause) }, { cause });
  }
  renameSync(draft, dataFolder);
}

/**
 * Stops the server when standard input closes, which the system does for us however we end. The server is in a session of
 * its own, so that Ctrl-C in a terminal does not reach it before the modules that still write to it.
 */
const shellScript = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( read -r line <&3; kill -INT "$server" 2>/dev/null ) &
reader=$!
wait "$server"
code=$?
kill "$reader" 2>/dev/null
exit "$code"
`;

function spawnServer(
  binaries: string,
  dataFolder: string,
  user: SystemUser | undefined,
  options: EmbeddedOptions,
  onLine: (line: string) => void,
): ChildProcess {
  const server: Record<string, string | number> = {
    listen_addresses: "",
    unix_socket_directories: options.socketFolder,
    unix_socket_permissions: "0700",
    max_connections: 200,
    shared_buffers: `${options.sharedBuffersMb}MB`,
    max_wal_size: "2GB",
    // What a large preparation has needed is kept over a quiet day; where nothing has needed files, none are made (record 55).
    min_wal_size: "1GB",
    timezone: "UTC",
    log_timezone: "UTC",
    jit: "off",
    ...(options.isDurable === false ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } : {}),
  };
  const words = Object.entries(server).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const shell = spawn(
    "/bin/sh",
    ["-c", shellScript, "postgres", join(binaries, "bin", "postgres"), "-D", dataFolder, ...words],
    {
      ...spawnUser(user),
      cwd: "/",
      env: serverEnvironment(binaries),
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  shell.stdin?.on("error", () => undefined);
  for (const stream of [shell.stdout, shell.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", onLine);
  }
  return shell;
}

function spawnUser(user: SystemUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

function serverEnvironment(binaries: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    LD_LIBRARY_PATH: join(binaries, "lib"),
    LC_ALL: "C",
    TZ: "UTC",
  };
}

async function waitUntilReady(address: DatabaseAddress, isEnded: () => boolean): Promise<void> {
  const end = performance.now() + startLimitMs;
  for (;;) {
    try {
      return await checkDatabase(address, 2_000);
    } catch (error) {
      if (isEnded() || performance.now() > end) throw error;
    }
    await pause(30);
  }
}

async function createDatabase(address: DatabaseAddress, name: string): Promise<void> {
  const db = openDatabase({ address, applicationName: "postrider-start", maxConnections: 1 });
  try {
    await createDatabaseIfMissing(db, name);
  } finally {
    await db.close();
  }
}
