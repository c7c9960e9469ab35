/** The XML of `postrider monitor`: instances, their processes and work, and indicators of the machine in Classic's form. */

import { hostname } from "node:os";

import type { DatabaseEntry, PlatformStatus, ProcessEntry } from "#channels/control/control-messages.ts";
import { countWaiting, type Survey } from "#channels/permits/survey-stat.ts";
import { describeError } from "#foundation/errors.ts";
import type { Home } from "#foundation/home.ts";
import { type Indicator, measureMachine, readCustomIndicators } from "#foundation/machine-indicators.ts";
import { version } from "#foundation/version.ts";

export type Platform = {
  readonly home: Home;
  /** Undefined when no watchdog runs. */
  readonly status: PlatformStatus | undefined;
  /** Names of the processes that should run and do not. */
  readonly missing: readonly string[];
  /** Those to tell of, besides what serves the whole host. */
  readonly instances: readonly string[];
  /** Asks an instance's database how much work there is. */
  readonly countWork: (instance: string) => Promise<PlatformWork>;
  /** Asks an instance's statistics server; undefined where it cannot be asked. */
  readonly surveyStat: (instance: string) => Promise<Survey | undefined>;
};

export type PlatformWork = {
  readonly failedWorkflows: number;
  readonly runningWorkflows: number;
  readonly failedDeliveries: number;
  readonly runningDeliveries: number;
};

/** The whole document. */
export async function describePlatform(platform: Platform): Promise<string> {
  const { home, status, missing } = platform;
  const blocks = await Promise.all(["default", ...platform.instances].map((name) => describeInstance(platform, name)));
  const indicators = [...(await measureMachine(home)).map(renderIndicator), ...(await readCustomIndicators(home))];
  const attributes = renderAttributes({
    host: hostname(),
    version,
    date: new Date().toISOString(),
    status: status === undefined ? "stopped" : missing.length === 0 ? status.phase : "missing",
    pid: status?.pid,
  });
  return `<?xml version='1.0' encoding='UTF-8'?>\n<monitor${attributes}>\n${[...blocks, ...indicators].join("\n")}\n</monitor>\n`;
}

async function describeInstance({ status, missing, countWork, surveyStat }: Platform, name: string): Promise<string> {
  const processes = (status?.processes ?? [])
    .filter(({ instance, pid }) => instance === name && pid !== undefined)
    .map(renderProcess);
  const absent = missing
    .filter((process) => process.endsWith(`@${name}`))
    .map((process) => renderMissing(process, status));
  const database = status?.databases.find(({ instance }) => instance === name);
  const work = database === undefined ? [] : [renderDatabase(database), await describeWork(() => countWork(name))];
  const stat = name === "default" ? undefined : await surveyStat(name);
  const quotas = stat === undefined ? [] : [renderStat(stat)];
  return [
    `  <instance${renderAttributes({ name })}>`,
    ...processes,
    ...absent,
    ...work,
    ...quotas,
    "  </instance>",
  ].join("\n");
}

/** A statistics server that is silent holds every message back. */
function renderStat({ where, found }: Survey): string {
  if (found === undefined) return `    <stat${renderAttributes({ where, state: "silent" })}/>`;
  const { overview, paths } = found;
  return `    <stat${renderAttributes({
    where,
    state: overview.pausedForMs > 0 ? "paused" : overview.startingForMs > 0 ? "starting" : "ready",
    senders: overview.senders,
    openConnections: overview.openConnections,
    slowedPaths: paths.filter(({ flow }) => flow !== undefined).length,
    waitingMessages: [...countWaiting(found).values()].reduce((sum, count) => sum + count, 0),
    refusedDatagrams: overview.refused,
  })}/>`;
}

function renderProcess(entry: ProcessEntry): string {
  return `    <process${renderAttributes({
    name: entry.module,
    pid: entry.pid,
    state: entry.state,
    memoryMb: (entry.memoryBytes / 1_048_576).toFixed(1),
    startDate: entry.startedAt,
    restarts: entry.restarts,
    parent: entry.parent,
    lastError: entry.lastError,
  })}/>`;
}

function renderMissing(name: string, status: PlatformStatus | undefined): string {
  const entry = status?.processes.find(({ module, instance }) => `${module}@${instance}` === name);
  return `    <missing${renderAttributes({ name: name.split("@")[0], state: entry?.state, restarts: entry?.restarts, lastError: entry?.lastError })}/>`;
}

function renderDatabase({ kind, where, isReady, pid, problem }: DatabaseEntry): string {
  return `    <database${renderAttributes({ kind, where, state: isReady ? "ready" : "away", pid, problem })}/>`;
}

async function describeWork(countWork: () => Promise<PlatformWork>): Promise<string> {
  try {
    const work = await countWork();
    return [
      `    <workflows${renderAttributes({ running: work.runningWorkflows, failed: work.failedWorkflows })}/>`,
      `    <deliveries${renderAttributes({ running: work.runningDeliveries, failed: work.failedDeliveries })}/>`,
    ].join("\n");
  } catch (error) {
    return `    <work${renderAttributes({ problem: describeError(error) })}/>`;
  }
}

function renderIndicator({ name, current, display, warning, alert, max }: Indicator): string {
  return [
    `  <indicator${renderAttributes({ name })}>`,
    `    <current${renderAttributes({ label: "Current value", value: current, display })}/>`,
    `    <warning${renderAttributes({ value: warning })}/>`,
    `    <alert${renderAttributes({ value: alert })}/>`,
    `    <max${renderAttributes({ label: "Max value", value: max })}/>`,
    "  </indicator>",
  ].join("\n");
}

function renderAttributes(attributes: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}='${escapeAttribute(String(value))}'`)
    .join("");
}

/** XML 1.0 has no place for most control characters. */
function escapeAttribute(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("'", "&apos;")
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
