/** Indicators of the machine: how full it is, with a warning at 80 % and an alert at 90 % of the most it can take. */

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { SaxesParser } from "saxes";

import type { Home } from "./home.ts";

export type Indicator = {
  readonly name: string;
  readonly current: number;
  /** The current value with its unit. */
  readonly display: string;
  readonly warning: number;
  readonly alert: number;
  readonly max: number;
};

const bytesPerMb = 1_048_576;
const customLimitMs = 10_000;
/** Classic's limit: more processes that nobody waits for are a defect of their parent. */
const mostZombies = 2;

/** What Linux tells of this machine; what it does not tell is left out. */
export function measureMachine(home: Home): Promise<Indicator[]> {
  const disk = statfsSync(existsSync(home.var) ? home.var : home.root);
  const diskMb = (disk.blocks * disk.bsize) / bytesPerMb;
  const freeDiskMb = (disk.bavail * disk.bsize) / bytesPerMb;
  const memory = readMemory();
  const zombies = countZombies();
  const indicators: readonly (Indicator | undefined)[] = [
    share("CPU load", loadavg()[0] ?? 0, availableParallelism(), ""),
    share("Memory", memory.usedMb, memory.totalMb, " MB"),
    memory.swapTotalMb === 0 ? undefined : share("Swap memory", memory.swapUsedMb, memory.swapTotalMb, " MB"),
    share("Disk", diskMb - freeDiskMb, diskMb, " MB"),
    readFileHandles(),
    {
      name: "Zombie processes",
      current: zombies,
      display: String(zombies),
      warning: mostZombies,
      alert: mostZombies,
      max: mostZombies,
    },
  ];
  return Promise.resolve(indicators.filter((indicator) => indicator !== undefined));
}

/**
 * What the operator's own `cust_indicators.sh` in the data folder prints: `<indicator>` elements as they are.
 * @returns nothing without such a script; a comment that says why when its output cannot be used
 */
export async function readCustomIndicators(home: Home): Promise<string[]> {
  const script = join(home.root, "cust_indicators.sh");
  if (!existsSync(script)) return [];
  try {
    const { stdout } = await promisify(execFile)(script, {
      timeout: customLimitMs,
      maxBuffer: bytesPerMb,
      cwd: home.root,
    });
    new SaxesParser().write(`<indicators>${stdout}</indicators>`).close();
    return [stdout.trimEnd()];
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return [`  <!-- cust_indicators.sh: ${reason.replaceAll("--", "- -")} -->`];
  }
}

function share(name: string, current: number, max: number, unit: string): Indicator {
  const rounded = Math.round(current * 100) / 100;
  return {
    name,
    current: rounded,
    display: `${rounded}${unit}`,
    warning: Math.round(max * 80) / 100,
    alert: Math.round(max * 90) / 100,
    max: Math.round(max * 100) / 100,
  };
}

/** Memory that the system would give back at once counts as free. */
function readMemory(): { totalMb: number; usedMb: number; swapTotalMb: number; swapUsedMb: number } {
  const text = read("/proc/meminfo");
  const megabytes = (field: string): number | undefined => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1_024;
  };
  const totalMb = megabytes("MemTotal") ?? totalmem() / bytesPerMb;
  const swapTotalMb = megabytes("SwapTotal") ?? 0;
  return {
    totalMb,
    usedMb: totalMb - (megabytes("MemAvailable") ?? freemem() / bytesPerMb),
    swapTotalMb,
    swapUsedMb: swapTotalMb - (megabytes("SwapFree") ?? 0),
  };
}

function readFileHandles(): Indicator | undefined {
  const [used, , most] = read("/proc/sys/fs/file-nr").trim().split(/\s+/).map(Number);
  return used === undefined || most === undefined ? undefined : share("File handles", used, most, "");
}

function countZombies(): number {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && /^\d+ \(.*\) Z /.test(read(`/proc/${name}/stat`)))
    .length;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
