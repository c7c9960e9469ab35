/**
 * Lets one stat of a database grant at a time: two would each grant the whole quota. The others wait as spares. The one that grants goes
 * on while the database is away, and looks for its lock before a spare does.
 */

import { existsSync } from "node:fs";

import { pause, whenAborted } from "#foundation/clock.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context, Running } from "#foundation/module.ts";

import { findHolder, nameHolder, statLock } from "./holder-store.ts";

export type Patience = {
  /** Whoever grants without its lock looks for it so often. */
  readonly regainEveryMs: number;
  readonly lookEveryMs: number;
  /** A spare lets the one before it come back: it may only have been restarted, or its connection was. */
  readonly freeLooks: number;
};

const usual: Patience = { regainEveryMs: 250, lookEveryMs: 1_000, freeLooks: 10 };
/** A connection whose server is silent is not waited for. */
const closeLimitMs = 1_000;

/** `busy`: another process has the lock. `away`: the database cannot be asked. `lost`: it was held until the connection broke. */
type Attempt = "busy" | "away" | "lost";

/**
 * Serves now, or as soon as nobody else does.
 * @param serve begins to grant; what it throws at the start is thrown here, later it ends the process
 * @returns once it serves, or waits for its turn or the database
 */
export async function serveAlone(
  context: Context,
  serve: () => Promise<Running>,
  patience: Patience = usual,
): Promise<Running> {
  const { db, log, instance, host } = context;
  const stopping = new AbortController();
  const begun = Promise.withResolvers<void>();
  let running: Running | undefined;
  let told: Attempt | undefined;

  const tell = (attempt: Attempt, fields: Readonly<Record<string, string>>): void => {
    if (told !== attempt) log.warning(`stat.lock_${attempt}`, fields);
    told = attempt;
  };
  const hold = async (lost: AbortSignal): Promise<Attempt> => {
    if (told !== undefined) log.info("stat.lock_held");
    told = undefined;
    running ??= await serve();
    begun.resolve();
    await whenAborted(AbortSignal.any([lost, stopping.signal]));
    return "lost";
  };
  const attempt = async (): Promise<Attempt> => {
    const failures: unknown[] = [];
    const work = (lost: AbortSignal): Promise<Attempt> =>
      hold(lost).catch((error: unknown) => {
        failures.push(error);
        return "lost";
      });
    const outcome = await db
      .whileLocked(statLock, work, nameHolder(instance, host, process.pid))
      .catch((error: unknown): Attempt => {
        tell("away", { reason: describeError(error), meaning: "who already grants goes on; a new one waits" });
        return "away";
      });
    // Of serving, not of the database: that may be another one's turn.
    if (failures.length > 0) throw failures[0];
    return outcome ?? "busy";
  };
  /** Another one grants: this one ends to, and waits. */
  const wait = async (): Promise<void> => {
    const holder = await findHolder(db).catch(() => undefined);
    const meaning = "another stat grants for this database; this one waits until it has ended";
    tell("busy", { holder: holder?.where ?? "unknown", meaning });
    const former = running;
    running = undefined;
    await former?.stop();
    begun.resolve();
    // Killed a moment ago on this host: its connection is about to be seen as broken.
    if (holder?.host === host && !existsSync(`/proc/${holder.pid}`))
      return pause(patience.regainEveryMs, stopping.signal);
    for (let looks = 0; looks < patience.freeLooks && !stopping.signal.aborted; ) {
      await pause(patience.lookEveryMs, stopping.signal);
      looks = (await isFree(context)) ? looks + 1 : 0;
    }
  };
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const outcome = await attempt();
      if (stopping.signal.aborted) return;
      if (outcome === "lost") tell("lost", { meaning: "it goes on granting, and looks for its lock" });
      if (outcome === "busy") await wait();
      else {
        begun.resolve();
        await pause(running === undefined ? patience.lookEveryMs : patience.regainEveryMs, stopping.signal);
      }
    }
  };

  const keeping = keep();
  // The first failure is the caller's; who waited for its turn ends with it.
  keeping.catch((error: unknown) => begun.reject(error));
  await begun.promise;
  keeping.catch((error: unknown) => {
    log.error("stat.serving_failed", { reason: describeError(error) });
    context.requestStop(1);
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running?.stop();
    await Promise.race([keeping.catch(() => undefined), pause(closeLimitMs)]);
    // It may have begun to serve meanwhile.
    await running?.stop();
  };
  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stop()) };
}

async function isFree({ db }: Context): Promise<boolean> {
  try {
    return (await findHolder(db)) === undefined;
  } catch {
    return false;
  }
}
