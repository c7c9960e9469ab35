/** What each sender said that waits, for who asks what is waited for and until when. */

import type { Waiting } from "#channels/permits/permit-messages.ts";

export type WaitingBoard = {
  /** Replaces what a sender said before. */
  note(client: string, waiting: readonly Waiting[]): void;
  forget(client: string): void;
  /** What waits now, with times from now; what was said too long ago is left out. */
  list(): (Waiting & { readonly client: string })[];
};

/** Senders say it every two seconds. */
const staleMs = 15_000;

/** Opens an empty board. */
export function openWaitingBoard(nowMs: () => number): WaitingBoard {
  const bySender = new Map<string, { readonly atMs: number; readonly waiting: readonly Waiting[] }>();
  return {
    note: (client, waiting) => {
      if (waiting.length === 0) bySender.delete(client);
      else bySender.set(client, { atMs: nowMs(), waiting });
    },
    forget: (client) => void bySender.delete(client),
    list: () => {
      const now = nowMs();
      for (const [client, { atMs }] of bySender) if (now - atMs > staleMs) bySender.delete(client);
      return [...bySender].flatMap(([client, { atMs, waiting }]) =>
        waiting.map((each) => ({
          ...each,
          client,
          sinceMs: Math.round(each.sinceMs + now - atMs),
          forMs: Math.max(0, Math.round(each.forMs - (now - atMs))),
        })),
      );
    },
  };
}
