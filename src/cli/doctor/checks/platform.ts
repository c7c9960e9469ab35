/** The watchdog and its processes: what should run and does not, what dies again and again, what takes too much memory. */

import { existsSync } from "node:fs";

import { controlSocketPath, readStatus } from "#channels/control/control.ts";
import type { PlatformStatus, ProcessEntry } from "#channels/control/control-messages.ts";
import { pause } from "#foundation/clock.ts";
import type { Examination, Finding, HostVisit, Values } from "#foundation/doctor/check.ts";
import type { TextKey } from "#foundation/doctor/words.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { Home } from "#foundation/home.ts";
import { type Indicator, measureMachine } from "#foundation/machine-indicators.ts";

const slowStartMs = 60_000;
const recentMs = 600_000;
/** The daily restart is one; more of them within minutes are none that were wanted. */
const manyRestarts = 3;
const scarceShare = 0.95;
const bytesPerMb = 1_048_576;

/**
 * Asks the watchdog.
 * @param given.measure what it reads the machine's memory by; given.againMs when it looks again at what seems to be stopped
 */
export async function checkPlatform(
  { home, instances, now, signal }: HostVisit,
  { measure = measureMachine, againMs = 2_000 } = {},
): Promise<Examination> {
  const status = await readSettled(home, againMs, signal).catch((error: unknown) => explainSilence(home, error));
  if ("problem" in status && instances.length === 0) return { obstacle: "settings" };
  if ("problem" in status) return { findings: [status] };
  const own = status.processes.filter(({ instance }) => instance === "default" || instances.includes(instance));
  const findings = [
    ...judgePhase(status, now()),
    ...judgeMemory(await measure(home), status.processes),
    ...own.flatMap((entry) => judgeProcess(entry, status, now())),
  ];
  const running = own.filter(({ pid }) => pid !== undefined).length;
  const memory = { bytes: own.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) };
  return {
    findings,
    seen: { text: "seen.platform", values: { processes: running, memory, since: new Date(status.startedAt) } },
  };
}

/** A restart, as by a reload, goes through "stopped": what is meant to be so is still so a moment later. */
async function readSettled(home: Home, againMs: number, signal: AbortSignal): Promise<PlatformStatus> {
  const status = await readStatus(home);
  const mayPass = status.processes.some(({ state, isAutoStart }) => isAutoStart && isDown(state));
  if (!mayPass) return status;
  await pause(againMs, signal);
  return readStatus(home);
}

function isDown(state: ProcessEntry["state"]): boolean {
  return state === "stopped" || state === "stopping";
}

function explainSilence(home: Home, error: unknown): Finding {
  const code = isPostriderError(error) ? error.code : "";
  const values = { folder: home.root, socket: controlSocketPath(home), reason: describeError(error) };
  // An orderly end removes the socket.
  if (code === "CTL-100001")
    return { severity: "error", problem: existsSync(values.socket) ? "platform.died" : "platform.stopped", values };
  return { severity: "error", problem: code === "CTL-100003" ? "platform.otherUser" : "platform.silent", values };
}

function judgePhase({ phase, startedAt }: PlatformStatus, now: Date): Finding[] {
  const forMs = now.getTime() - new Date(startedAt).getTime();
  if (phase === "stopping") return [{ severity: "warning", problem: "platform.stopping" }];
  return phase === "starting" && forMs > slowStartMs
    ? [{ severity: "warning", problem: "platform.starting", values: { for: { spanMs: forMs } } }]
    : [];
}

/** Memory that the system would give back at once counts as free. */
function judgeMemory(machine: readonly Indicator[], processes: readonly ProcessEntry[]): Finding[] {
  const memory = machine.find(({ name }) => name === "Memory");
  const largest = processes.toSorted((one, other) => other.memoryBytes - one.memoryBytes)[0];
  if (memory === undefined || largest === undefined || memory.current < memory.max * scarceShare) return [];
  const values = {
    used: { bytes: memory.current * bytesPerMb },
    total: { bytes: memory.max * bytesPerMb },
    process: `${largest.module}@${largest.instance}`,
    most: { bytes: largest.memoryBytes },
  };
  return [{ severity: "warning", problem: "platform.memory", values }];
}

function judgeProcess(entry: ProcessEntry, { phase, missing }: PlatformStatus, now: Date): Finding[] {
  const name = `${entry.module}@${entry.instance}`;
  const { restarts, lastError = "", startedAt } = entry;
  const values: Values = {
    process: name,
    symptom: { text: symptomOf(entry.module) },
    restarts,
    reason: lastError || "-",
    command: `postrider config ${entry.instance === "default" ? "" : `-instance:${entry.instance} `}${entry.module}.autoStart=true`,
  };
  if (missing.includes(name)) return phase === "stopping" ? [] : judgeMissing(entry, values);
  const isRecent = startedAt !== undefined && now.getTime() - new Date(startedAt).getTime() < recentMs;
  if (isRecent && restarts >= manyRestarts && lastError !== "")
    return [{ severity: "warning", problem: "platform.unsteady", values }];
  return entry.pid === undefined && !entry.isAutoStart && entry.parent === undefined
    ? [{ severity: "note", problem: "platform.notAutoStarted", values }]
    : [];
}

function judgeMissing({ state, lastError = "" }: ProcessEntry, values: Values): Finding[] {
  // The check of the database has this one.
  if (lastError.startsWith("it waits for its database")) return [];
  if (isDown(state)) return [{ severity: "error", problem: "platform.moduleStopped", values }];
  // Just started, and not ready yet.
  if (state === "starting" && lastError === "") return [];
  return [{ severity: "error", problem: "platform.moduleDies", values }];
}

const symptoms: Readonly<Record<string, TextKey>> = {
  syslogd: "symptom.syslogd",
  trackinglogd: "symptom.trackinglogd",
  web: "symptom.web",
  stat: "symptom.mail",
  mta: "symptom.mail",
  inbox: "symptom.inbox",
  inMail: "symptom.inMail",
  tracking: "symptom.tracking",
  wfserver: "symptom.wfserver",
};

/** What an operator notices when a module is away (docs: the table of modules). */
function symptomOf(module: string): TextKey {
  return symptoms[module] ?? "symptom.other";
}
