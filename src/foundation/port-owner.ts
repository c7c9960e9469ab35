/** Finds out which program holds a port of this host, as far as /proc lets this user see it. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Names the program that holds a port.
 * @returns such as `nginx (pid 812)`, or `another program` when it cannot be known
 */
export function findPortOwner(protocol: "tcp" | "udp", port: number): string {
  const inodes = new Set([protocol, `${protocol}6`].flatMap((table) => readInodes(table, port)));
  const pid =
    inodes.size === 0 ? undefined : listFolder("/proc").find((name) => /^\d+$/.test(name) && holdsSocket(name, inodes));
  return pid === undefined ? "another program" : `${readText(`/proc/${pid}/comm`).trim() || "a program"} (pid ${pid})`;
}

/** True for the error of a listener whose port another program holds. */
export function isPortTaken(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
}

/** Inodes of the sockets that are bound to a port: for TCP those that listen. */
function readInodes(table: string, port: number): string[] {
  const listening = table.startsWith("tcp") ? "0A" : "07";
  return readText(`/proc/net/${table}`)
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => Number.parseInt(columns[1]?.split(":")[1] ?? "", 16) === port && columns[3] === listening)
    .map((columns) => columns[9] ?? "");
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  return listFolder(`/proc/${pid}/fd`).some((descriptor) => {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${descriptor}`))?.[1];
    return inode !== undefined && inodes.has(inode);
  });
}

/** A process may end, or belong to another user, while it is looked at: it is then passed over. */
function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
