/** Fetches what the redirection servers have written since the last visit, and stores it. */

import { consolidateHits } from "#campaign/tracking/consolidate-hits.ts";
import type { ConsolidationRules } from "#campaign/tracking/summarize-hits.ts";
import { forgetCursors, listCursors } from "#campaign/tracking/tracking-store.ts";
import type { HitFile } from "#channels/hits/hit-file.ts";
import type { HitsServer } from "#channels/hits/hits.ts";
import { ensurePartitions } from "#datamodel/partitions-store.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";

import { readPortions } from "./read-portions.ts";

export type Collector = {
  /**
   * Visits every server once.
   * @returns what was stored, or `busy` when another process of this instance is at it
   */
  visit(signal: AbortSignal): Promise<Visit | "busy">;
};

export type Visit = {
  storedHits: number;
  repeatedHits: number;
  orphanHits: number;
  optOuts: number;
  damagedLines: number;
  /** Servers that did not answer, or refused. */
  failedServers: number;
};

type Parts = Pick<Context, "db" | "log" | "clock"> & {
  readonly servers: readonly HitsServer[];
  readonly rules: ConsolidationRules;
};

const upkeepIntervalMs = 3_600_000;

/** Makes a collector; it remembers what it has complained about. */
export function openCollector({ db, log, clock, servers, rules }: Parts): Collector {
  const failuresOf = new Map<string, number>();
  const shortened = new Set<string>();
  let upkeepAtMs = Number.NEGATIVE_INFINITY;

  const collectFile = async (
    server: HitsServer,
    file: HitFile,
    from: number,
    visit: Visit,
    signal: AbortSignal,
  ): Promise<void> => {
    for await (const { damagedLines, ...portion } of readPortions(server, file, from)) {
      if (signal.aborted) return;
      const stored = await consolidateHits(db, { source: server.name, file: file.name, ...portion }, rules);
      visit.storedHits += stored.storedHits;
      visit.repeatedHits += stored.repeatedHits;
      visit.orphanHits += stored.orphanHits;
      visit.optOuts += stored.optOuts;
      visit.damagedLines += damagedLines;
    }
  };

  /** Someone cut a file that had been read further: what is left in it was stored, and more is never added to it. */
  const noteShortened = (file: HitFile, offset: number): void => {
    if (shortened.has(file.name)) return;
    shortened.add(file.name);
    log.warning("tracking.file_shortened", { file: file.name, sizeBytes: file.sizeBytes, readBytes: offset });
  };

  const collectServer = async (server: HitsServer, visit: Visit, signal: AbortSignal): Promise<readonly HitFile[]> => {
    const cursors = await listCursors(db);
    const files = await server.listFiles(cursors);
    for (const file of files) {
      const offset = cursors.get(file.name) ?? 0;
      if (offset > file.sizeBytes) noteShortened(file, offset);
      else await collectFile(server, file, offset, visit, signal);
    }
    return files;
  };

  /** A server that is away must not keep the hits of the others waiting. */
  const tryServer = async (
    server: HitsServer,
    visit: Visit,
    signal: AbortSignal,
  ): Promise<readonly HitFile[] | undefined> => {
    try {
      const files = await collectServer(server, visit, signal);
      if (failuresOf.delete(server.name)) log.info("tracking.server_back", { server: server.name });
      return files;
    } catch (error) {
      if (!isPostriderError(error) || !error.code.startsWith("HIT-")) throw error;
      visit.failedServers += 1;
      // Broken off by us: the server is not to blame.
      if (signal.aborted) return undefined;
      const failures = (failuresOf.get(server.name) ?? 0) + 1;
      failuresOf.set(server.name, failures);
      if (failures % 10 === 1)
        log.warning("tracking.server_failed", { server: server.name, failures, reason: describeError(error) });
      return undefined;
    }
  };

  /** Partitions must be there before the rows of their month. */
  const prepareTables = async (): Promise<void> => {
    if (clock.elapsedMs() - upkeepAtMs < upkeepIntervalMs) return;
    await ensurePartitions(db, clock.now());
  };

  const forgetOldCursors = async (lists: readonly (readonly HitFile[] | undefined)[]): Promise<void> => {
    if (clock.elapsedMs() - upkeepAtMs < upkeepIntervalMs || lists.includes(undefined)) return;
    upkeepAtMs = clock.elapsedMs();
    await forgetCursors(
      db,
      lists.flatMap((files) => files ?? []).map(({ name }) => name),
    );
  };

  const visitAll = async (signal: AbortSignal): Promise<Visit> => {
    const startedMs = clock.elapsedMs();
    const visit: Visit = {
      storedHits: 0,
      repeatedHits: 0,
      orphanHits: 0,
      optOuts: 0,
      damagedLines: 0,
      failedServers: 0,
    };
    const lists: (readonly HitFile[] | undefined)[] = [];
    await prepareTables();
    for (const server of servers) lists.push(await tryServer(server, visit, signal));
    await forgetOldCursors(lists);
    const { failedServers: _, ...found } = visit;
    if (Object.values(found).some((count) => count > 0))
      log.info("tracking.hits_stored", { ...found, durationMs: Math.round(clock.elapsedMs() - startedMs) });
    return visit;
  };

  return {
    visit: async (signal) =>
      (await db.whileLocked("tracking", (lost) => visitAll(AbortSignal.any([signal, lost])))) ?? "busy",
  };
}
