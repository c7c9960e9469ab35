/**
 * Lets one stat of a database grant at a time: two would each grant the whole quota. The others wait as spares. The one that grants
 * proves its lock again and again; cut off from the database, it stops granting before a spare can begin, and looks for its lock first.
 */

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";

import { pause } from "#foundation/clock.ts";
import type { Database, Statements } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context, Running } from "#foundation/module.ts";

import { databaseSilent } from "../errors.ts";
import {
  endBackend,
  findHolder,
  type Holder,
  leaveSeat,
  nameHolder,
  prove,
  readBackend,
  readSeat,
  statLock,
  takeSeat,
} from "./holder-store.ts";
import { type Patience, usualPatience } from "./patience.ts";
import { describePlace, isSurelyGone } from "./process-place.ts";
import { openProof, type Proof, type Tenure } from "./tenure.ts";

/** A connection whose server is silent is not waited for. */
const closeLimitMs = 1_000;
const answerLimitMs = 5_000;
const lookLimitMs = 2_000;
/** A host that the database does not hear for so long has lost its lock, and may be followed. */
const silentSec = 5;

type Turn = Pick<Tenure, "id" | "isFormerHeeded">;

/** `busy`: another process has the lock. `away`: the database cannot be asked. `lost`: it was held until the connection broke. */
type Attempt = "busy" | "away" | "lost";

/**
 * Serves now, or as soon as nobody else does.
 * @param serve begins to grant, while its tenure is proved; what it throws at the start is thrown here, later it ends the process
 * @returns once it serves, or waits for its turn or the database
 */
export async function serveAlone(
  context: Context,
  serve: (tenure: Tenure) => Promise<Running>,
  patience: Patience = usualPatience,
): Promise<Running> {
  const { db, log, instance, host, clock } = context;
  const stopping = new AbortController();
  const begun = Promise.withResolvers<void>();
  const proof = openProof(patience.proofHoldsMs, () => clock.elapsedMs());
  const place = describePlace();
  let serving: { readonly id: string; readonly running: Running } | undefined;
  let ending: Promise<void> | undefined;
  let ownBackend: number | undefined;
  let told: Attempt | undefined;

  const tell = (attempt: Attempt, fields: Readonly<Record<string, string>>): void => {
    if (told !== attempt) log.warning(`stat.lock_${attempt}`, fields);
    told = attempt;
  };
  const endServing = (): Promise<void> => {
    ending = serving?.running.stop() ?? ending;
    serving = undefined;
    return ending ?? Promise.resolve();
  };
  const begin = async ({ id, isFormerHeeded }: Turn): Promise<void> => {
    const { isProved, pausedForMs } = proof;
    serving ??= { id, running: await serve({ id, isFormerHeeded, isProved, pausedForMs }) };
    begun.resolve();
  };
  /** @param over aborted when the lock is lost, or is not wanted any more */
  const holdLock = async (over: AbortSignal, session: Statements, failures: unknown[]): Promise<void> => {
    ownBackend = await inTime(readBackend(session));
    const turn = await sit({ session, id: serving?.id, place, takeOverMs: patience.takeOverMs, over, log });
    if (over.aborted) return;
    const { id } = turn;
    // Another one has granted meanwhile: what it granted is read anew.
    if (id !== serving?.id) await endServing();
    if (!(await renew(proof, session, patience.proofLimitMs)) || over.aborted) return;
    if (told !== undefined) log.info("stat.lock_held");
    told = undefined;
    // Of serving, not of the database: that may be another one's turn.
    await begin(turn).catch((error: unknown) => void failures.push(error));
    if (failures.length > 0) return;
    while (!over.aborted && (await renew(proof, session, patience.proofLimitMs)))
      await pause(patience.proveEveryMs, over);
    if (!stopping.signal.aborted) return;
    await endServing();
    await inTime(leaveSeat(session, id));
  };
  const attempt = async (): Promise<Attempt> => {
    const failures: unknown[] = [];
    const work = async (lost: AbortSignal, session: Statements): Promise<Attempt> => {
      await holdLock(AbortSignal.any([lost, stopping.signal]), session, failures);
      return "lost";
    };
    const outcome = await db
      .whileLocked(statLock, work, { holder: nameHolder(instance, host, process.pid), silentSec })
      .catch((error: unknown): Attempt => {
        const meaning = "who grants goes on while its last proof holds; a new one waits";
        tell("away", { reason: describeError(error), meaning });
        return "away";
      });
    if (failures.length > 0) throw failures[0];
    return outcome ?? "busy";
  };
  /** Another one grants: this one ends to, and waits. */
  const wait = async (): Promise<void> => {
    const holder = await askHolder(db).catch(() => undefined);
    if (holder !== undefined && isOwn(holder)) {
      await db.transaction((tx) => endBackend(tx, holder), lookLimitMs).catch(() => undefined);
      return pause(patience.regainEveryMs, stopping.signal);
    }
    const meaning = "another stat grants for this database; this one waits until it has ended";
    tell("busy", { holder: holder?.where ?? "unknown", meaning });
    await endServing();
    begun.resolve();
    // Killed a moment ago on this host: its connection is about to be seen as broken.
    if (holder?.host === host && !existsSync(`/proc/${holder.pid}`))
      return pause(patience.regainEveryMs, stopping.signal);
    for (let looks = 0; looks < patience.freeLooks && !stopping.signal.aborted; ) {
      await pause(patience.lookEveryMs, stopping.signal);
      looks = (await isFree(context)) ? looks + 1 : 0;
    }
  };
  /** A connection of ours that was cut off, and that the database has not missed yet. */
  const isOwn = (holder: Holder): boolean =>
    holder.backend === ownBackend && holder.pid === process.pid && holder.host === host;
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const outcome = await attempt();
      if (stopping.signal.aborted) return;
      if (outcome === "lost") tell("lost", { meaning: "it goes on granting while its last proof holds" });
      if (outcome === "busy") await wait();
      else {
        begun.resolve();
        await pause(serving === undefined ? patience.lookEveryMs : patience.regainEveryMs, stopping.signal);
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
    await endServing();
    await Promise.race([keeping.catch(() => undefined), pause(closeLimitMs)]);
    // It may have begun to serve meanwhile.
    await endServing();
  };
  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stop()) };
}

/**
 * Has the seat, once nobody else can grant any more.
 * @param given.id the run that already serves here
 * @returns the run that may serve: another one than the one given when somebody else had the seat since
 */
async function sit(given: {
  readonly session: Statements;
  readonly id: string | undefined;
  readonly place: string;
  readonly takeOverMs: number;
  readonly over: AbortSignal;
  readonly log: Context["log"];
}): Promise<Turn> {
  const { session, place, takeOverMs, over, log } = given;
  const former = await inTime(readSeat(session));
  const isGone = former !== undefined && isSurelyGone(former.place);
  if (former !== undefined && former.id === given.id) return { id: former.id, isFormerHeeded: false };
  if (former !== undefined && !isGone) {
    log.info("stat.taking_over", { afterMs: takeOverMs, meaning: "until then the one before may still grant" });
    await pause(takeOverMs, over);
  }
  const id = randomUUID();
  if (!over.aborted) await inTime(takeSeat(session, { id, place }));
  return { id, isFormerHeeded: !isGone };
}

/** Answers whether the connection of the lock is still there. */
async function renew(proof: Proof, session: Statements, limitMs: number): Promise<boolean> {
  const asked = proof.now();
  const isThere = await inTime(prove(session), limitMs).then(
    () => true,
    () => false,
  );
  if (isThere) proof.renew(asked);
  return isThere;
}

/** The connection is given up when a statement is not answered. */
async function inTime<T>(statement: Promise<T>, limitMs: number = answerLimitMs): Promise<T> {
  const limit = new AbortController();
  try {
    return await Promise.race([
      statement,
      pause(limitMs, limit.signal).then(() => Promise.reject(databaseSilent({ limitMs }))),
    ]);
  } finally {
    limit.abort();
    statement.catch(() => undefined);
  }
}

/** On a connection that is given up when it is silent: what cut off the lock may have cut off all of them. */
function askHolder(db: Database): Promise<Holder | undefined> {
  return db.transaction(findHolder, lookLimitMs);
}

async function isFree({ db }: Context): Promise<boolean> {
  try {
    return (await askHolder(db)) === undefined;
  } catch {
    return false;
  }
}
