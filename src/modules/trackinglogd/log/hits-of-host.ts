/** The hits of all instances of this host. */

import { join } from "node:path";

import type { Hit } from "#channels/hits/hit-line.ts";
import type { Clock } from "#foundation/clock.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import { type InstanceHits, type InstanceHitsOptions, openInstanceHits } from "./instance-hits.ts";

export type HitsOfHost = {
  /** The hits of an instance of this host. */
  of(instance: string): InstanceHits;
  /** Writes a hit, and then says whether it could be written. */
  append(instance: string, hit: Hit, done: (isWritten: boolean) => void): void;
  /** Purges the hits of each instance. */
  purge(instances: readonly string[]): Promise<void>;
  close(): Promise<void>;
};

const reportIntervalMs = 10_000;

/** Opens each instance's hits when they are first needed. */
export function openHitsOfHost(
  options: Omit<InstanceHitsOptions, "folder"> & { varFolder: string; clock: Clock; log: Log },
): HitsOfHost {
  const opened = new Map<string, InstanceHits>();
  let failures = 0;
  let reportedAtMs = Number.NEGATIVE_INFINITY;

  const of = (instance: string): InstanceHits => {
    const known = opened.get(instance);
    if (known !== undefined) return known;
    const hits = openInstanceHits({ ...options, folder: join(options.varFolder, instance, "redir", "log") });
    opened.set(instance, hits);
    return hits;
  };

  const report = (reason: string): void => {
    failures += 1;
    if (options.clock.elapsedMs() - reportedAtMs < reportIntervalMs) return;
    options.log.error("trackinglogd.hits_not_written", { failures, reason });
    reportedAtMs = options.clock.elapsedMs();
    failures = 0;
  };

  return {
    of,
    append: (instance, hit, done) => {
      of(instance).append(hit, (error) => {
        if (error !== undefined) report(describeError(error));
        done(error === undefined);
      });
    },
    purge: async (instances) => {
      for (const instance of instances) {
        const { removedFiles, removedBytes, unreadBytes } = await of(instance).purge();
        if (unreadBytes > 0)
          options.log.error("trackinglogd.unread_hits_purged", { instance, removedFiles, removedBytes, unreadBytes });
        else if (removedFiles > 0)
          options.log.info("trackinglogd.hits_purged", { instance, removedFiles, removedBytes });
      }
    },
    close: async () => {
      await Promise.all([...opened.values()].map((hits) => hits.close()));
    },
  };
}
