/** Which processes the settings ask for: the modules of the host once, the others once for each instance. */

import { createHash } from "node:crypto";

import { commonSections, type SupervisionSettings } from "#foundation/common-settings.ts";
import type { Section, Settings } from "#foundation/settings.ts";

import { allSections, roster, type RosterEntry } from "../roster.ts";
import { moduleWithoutSettings } from "./errors.ts";
import type { MemoryLimits } from "./watch-memory.ts";

export type PlannedProcess = {
  /** `module@instance`, as commands name it. */
  readonly name: string;
  readonly module: string;
  /** `default` for a module that serves the whole host. */
  readonly instance: string;
  readonly scope: RosterEntry["scope"];
  readonly runLevel: number;
  readonly isAutoStart: boolean;
  readonly args: readonly string[];
  readonly restartTime: string;
  readonly memory: MemoryLimits;
  /** Changes when a setting that the process reads has changed. */
  readonly fingerprint: string;
};

const bytesPerMb = 1_048_576;

/** The processes in the order they start: by run level, then as the roster lists them. */
export function planProcesses(host: Settings, instances: ReadonlyMap<string, Settings>): PlannedProcess[] {
  const supervised = roster.filter((entry) => entry.kind === "supervised");
  const planned = supervised.flatMap((entry) =>
    entry.scope === "host"
      ? [planProcess(entry, "default", host)]
      : [...instances].map(([instance, settings]) => planProcess(entry, instance, settings)),
  );
  return planned.sort((a, b) => a.runLevel - b.runLevel);
}

/** Groups processes by run level, low first. */
export function groupByLevel<T extends { readonly plan: PlannedProcess }>(processes: readonly T[]): T[][] {
  const levels = new Map<number, T[]>();
  for (const process of processes) {
    const level = process.plan.runLevel;
    levels.set(level, [...(levels.get(level) ?? []), process]);
  }
  return [...levels].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function planProcess(entry: RosterEntry, instance: string, settings: Settings): PlannedProcess {
  const values = settings.of(supervisionSection(entry.name));
  return {
    name: `${entry.name}@${instance}`,
    module: entry.name,
    instance,
    scope: entry.scope,
    runLevel: values.runLevel,
    isAutoStart: values.autoStart,
    args: values.args.split(/\s+/).filter((word) => word !== ""),
    restartTime: values.processRestartTime,
    memory: {
      warningBytes: values.maxProcessMemoryWarningMb * bytesPerMb,
      alertBytes: values.maxProcessMemoryAlertMb * bytesPerMb,
    },
    fingerprint: fingerprint(entry.name, settings),
  };
}

function supervisionSection(module: string): Section<SupervisionSettings> {
  const section = allSections.find(({ path, settings }) => path === module && "runLevel" in settings);
  if (section === undefined) throw moduleWithoutSettings({ module });
  // moduleSettings put them there, and nothing else declares a run level.
  return section as unknown as Section<SupervisionSettings>;
}

/** The module's own nodes and those that several modules read. */
function fingerprint(module: string, settings: Settings): string {
  const read = allSections.filter(
    (section) => commonSections.includes(section) || section.path === module || section.path.startsWith(`${module}.`),
  );
  return createHash("sha256")
    .update(JSON.stringify(read.map((section) => settings.of(section))))
    .digest("hex");
}
