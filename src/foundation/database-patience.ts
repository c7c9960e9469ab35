/** How long a database is waited for: as long as it takes, until the process is about to end and has better to do. */

import type { Socket } from "node:net";

export type Patience = {
  /** Follows a connection while somebody waits for its answers; the returned function says that nobody does any longer. */
  follow(socket: Socket): () => void;
  /**
   * Waits for a connection.
   * @param giveBack is handed the one that comes when it is no longer waited for
   * @throws what making it threw, or that it took too long
   */
  waitFor<T>(connecting: Promise<T>, giveBack: (late: T) => void): Promise<T>;
  /** From now on a connection in use that is silent for so long is cut, and whoever waits for one waits no longer than that. */
  limit(silentMs: number): void;
};

/** Patience without limit. */
export function openPatience(): Patience {
  const busy = new Set<Socket>();
  const waiting = new Set<() => void>();
  let limitMs: number | undefined;
  const watch = (socket: Socket, silentMs: number): void => void socket.setTimeout(silentMs, cutSilent);
  return {
    follow: (socket) => {
      busy.add(socket);
      if (limitMs !== undefined) watch(socket, limitMs);
      return () => {
        busy.delete(socket);
        if (limitMs !== undefined) socket.setTimeout(0, cutSilent);
      };
    },
    waitFor: <T>(connecting: Promise<T>, giveBack: (late: T) => void) => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const giveUp = (): void => {
        if (waiting.delete(giveUp)) reject(new Error("timeout exceeded when trying to connect"));
      };
      waiting.add(giveUp);
      if (limitMs !== undefined) setTimeout(giveUp, limitMs).unref();
      connecting.then(
        (taken) => (waiting.delete(giveUp) ? resolve(taken) : giveBack(taken)),
        (error: unknown) => {
          waiting.delete(giveUp);
          reject(error);
        },
      );
      return promise;
    },
    limit: (silentMs) => {
      limitMs = silentMs;
      for (const socket of busy) watch(socket, silentMs);
      for (const giveUp of waiting) setTimeout(giveUp, silentMs).unref();
    },
  };
}

function cutSilent(this: Socket): void {
  this.destroy();
}
