/**
 * How long does the platform take to be ready, and how much memory does it hold when idle?
 * Bars: ready within 6 s of a warm start, 700 MB for all processes besides PostgreSQL (docs/decisions/0003).
 */

import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { readStatus } from "#channels/control/control.ts";
import { locateHome, programFolder } from "#foundation/home.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";
import { freePorts } from "#test/support/free-ports.ts";

import { atMost, median, report } from "../support/report.ts";

const warmStarts = 3;
const idleSeconds = 30;

const root = makeFolder();
const home = locateHome({ POSTRIDER_HOME: root });
const environment = { ...process.env, POSTRIDER_HOME: root, ...(await freePorts()) };

type Process = { readonly pid: number; readonly name: string; readonly rssMb: number; readonly pssMb: number };

async function startOnce(measure: boolean): Promise<{ readyMs: number; processes: Process[] }> {
  const begun = performance.now();
  const watchdog = spawn(join(programFolder, "bin/postrider"), ["watchdog", "-noconsole"], {
    env: environment,
    stdio: "ignore",
  });
  const exited = new Promise<void>((resolve) => {
    watchdog.once("exit", () => resolve());
  });
  for (;;) {
    const status = await readStatus(home).catch(() => undefined);
    if (status?.phase === "ready") break;
    if (watchdog.exitCode !== null || performance.now() - begun > 120_000)
      throw new Error("the platform did not get ready");
    await sleep(20);
  }
  const readyMs = performance.now() - begun;
  let processes: Process[] = [];
  if (measure) {
    await sleep(idleSeconds * 1000);
    processes = readTree(watchdog.pid ?? 0);
  }
  watchdog.kill("SIGTERM");
  await exited;
  return { readyMs, processes };
}

/** The processes below one, itself included, with resident and proportional memory. */
function readTree(top: number): Process[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = /^PPid:\s+(\d+)/m.exec(readProc(entry, "status"))?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const isBelow = (pid: number): boolean => pid === top || (parents.has(pid) && isBelow(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isBelow).map((pid) => {
    const words = readProc(String(pid), "cmdline").split("\0");
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readProc(String(pid), "smaps_rollup"))?.[1] ?? 0);
    const name =
      words.find((_, index) => (words[index - 1] ?? "").endsWith("cli/main.ts")) ??
      (words[0] ?? "").split("/").at(-1) ??
      "";
    return { pid, name, rssMb: kilobytes("Rss") / 1024, pssMb: kilobytes("Pss") / 1024 };
  });
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

try {
  const cold = await startOnce(false);
  const warm: number[] = [];
  for (let round = 1; round < warmStarts; round += 1) warm.push((await startOnce(false)).readyMs);
  const last = await startOnce(true);
  warm.push(last.readyMs);

  const isDatabase = (entry: Process): boolean => /postgres|^sh$/.test(entry.name);
  // A process that ended while we looked has no memory.
  const ours = last.processes.filter((entry) => !isDatabase(entry) && entry.rssMb > 0);
  const sum = (entries: readonly Process[], kind: "rssMb" | "pssMb"): number =>
    Math.round(entries.reduce((total, entry) => total + entry[kind], 0));
  const figures: Record<string, number | string> = {
    "cold start (new data folder), ms": Math.round(cold.readyMs),
    "warm start, median ms": Math.round(median(warm)),
    "processes of ours": ours.length,
    "idle memory, sum of resident sets, MB": sum(ours, "rssMb"),
    "idle memory, shared pages counted once (PSS), MB": sum(ours, "pssMb"),
    "PostgreSQL (PSS), MB": sum(last.processes.filter(isDatabase), "pssMb"),
  };
  for (const entry of ours)
    figures[`  ${entry.name} resident / PSS, MB`] = `${Math.round(entry.rssMb)} / ${Math.round(entry.pssMb)}`;
  report("startup", figures, [
    atMost("ready within 6 s of a warm start, s", Number((median(warm) / 1000).toFixed(2)), 6),
    atMost("idle platform besides PostgreSQL, MB (PSS)", sum(ours, "pssMb"), 700),
    atMost("the same as a sum of resident sets, MB", sum(ours, "rssMb"), 700),
  ]);
} finally {
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
