/** Runs all checks side by side, each within its own time. */

import { pause } from "#foundation/clock.ts";
import { isDatabaseAway } from "#foundation/database-errors.ts";
import type { Check, Examination, HostVisit, InstanceVisit, Values } from "#foundation/doctor/check.ts";
import type { CheckName } from "#foundation/doctor/words.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";

import type { Report } from "./report.ts";

/** An instance whose settings can be used, and without `open` one whose cannot. */
export type VisitedInstance = {
  readonly name: string;
  readonly open?: Omit<InstanceVisit, keyof HostVisit | "instance">;
};

const limitMs = 6_000;
/** The whole run ends within ten seconds, with what it takes to start and to print. */
const longestLimitMs = 8_000;

/** A database that is not of this version answers so to what it does not know. */
const unknownToDatabase = new Set(["42P01", "42703", "42883"]);

/**
 * Examines the host once, and each instance.
 * @param host without the signal, which each check gets of its own
 */
export function runChecks(
  checks: readonly Check[],
  host: Omit<HostVisit, "signal">,
  instances: readonly VisitedInstance[],
): Promise<Report[]> {
  return Promise.all(
    checks.flatMap((check) =>
      check.scope === "host"
        ? [report(check, undefined, (signal) => check.examine({ ...host, signal }))]
        : instances.map(({ name, open }) =>
            report(check, name, (signal) =>
              open === undefined
                ? Promise.resolve({ obstacle: "settings" } as const)
                : check.examine({ ...host, ...open, instance: name, signal }),
            ),
          ),
    ),
  );
}

async function report(
  { name, limitMs: own = limitMs }: Pick<Check, "name" | "limitMs">,
  instance: string | undefined,
  examine: (signal: AbortSignal) => Promise<Examination>,
): Promise<Report> {
  const ending = new AbortController();
  const withinMs = Math.min(own, longestLimitMs);
  const tooLate = pause(withinMs, ending.signal).then((): Examination => {
    ending.abort();
    return faulty("doctor.tooSlow", { check: { text: `check.${name}` }, limit: { spanMs: withinMs } });
  });
  // Begun in a turn of its own: one that throws at once is like one that throws later.
  const looking = Promise.resolve()
    .then(() => examine(ending.signal))
    .catch((error: unknown) => explain(name, error));
  const examination = await Promise.race([looking, tooLate]);
  ending.abort();
  return { check: name, instance, examination };
}

/** What another check has as its finding is an obstacle here; the rest must be seen. */
function explain(name: CheckName, error: unknown): Examination {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const isOfDatabase = isDatabaseAway(error) || (isPostriderError(error) && code.startsWith("DBS-"));
  if (isOfDatabase || unknownToDatabase.has(code)) return { obstacle: "database" };
  return faulty("doctor.failed", { check: { text: `check.${name}` }, reason: describeError(error) });
}

function faulty(problem: "doctor.tooSlow" | "doctor.failed", values: Values): Examination {
  return { findings: [{ severity: "warning", problem, values }] };
}
