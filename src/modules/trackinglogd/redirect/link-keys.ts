/** The keys that links are checked with: one for each instance of this host. */

import { createSecretKey, type KeyObject } from "node:crypto";

import type { Clock } from "#foundation/clock.ts";

export type LinkKeys = {
  /** The keys of the instances known now. */
  current(): ReadonlyMap<string, KeyObject>;
  /** Looks for instances that were added meanwhile, once a second at most; true when there are new ones. */
  refresh(): boolean;
};

/** Derives the keys of all instances. */
export function openLinkKeys(options: {
  listInstances: () => readonly string[];
  deriveKey: (instance: string) => Buffer;
  clock: Clock;
}): LinkKeys {
  const derive = (): Map<string, KeyObject> =>
    new Map(options.listInstances().map((instance) => [instance, createSecretKey(options.deriveKey(instance))]));
  let keys = derive();
  let readAtMs = options.clock.elapsedMs();
  return {
    current: () => keys,
    refresh: () => {
      if (options.clock.elapsedMs() - readAtMs < 1_000) return false;
      readAtMs = options.clock.elapsedMs();
      const before = keys;
      keys = derive();
      return [...keys.keys()].some((instance) => !before.has(instance));
    },
  };
}
