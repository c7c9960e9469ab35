/** Sessions without a message, which wait a little for the next one. */

export type IdleSessions = {
  /** Waits for the next message; resolves when woken, or when it has waited long enough. */
  wait(): Promise<void>;
  /** Wakes those that have waited so long at least. */
  wakeAll(atLeastMs?: number): void;
  readonly size: number;
};

/** Opens an empty set. */
export function openIdleSessions(options: {
  readonly idleSessionMs: number;
  readonly elapsedMs: () => number;
}): IdleSessions {
  /** What ends a wait, and when it began. */
  const idle = new Map<() => void, number>();
  return {
    get size() {
      return idle.size;
    },
    wait: () =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          idle.delete(finish);
          resolve();
        };
        const timer = setTimeout(finish, options.idleSessionMs);
        idle.set(finish, options.elapsedMs());
      }),
    wakeAll: (atLeastMs = 0) => {
      for (const [finish, sinceMs] of idle) if (options.elapsedMs() - sinceMs >= atLeastMs) finish();
    },
  };
}
