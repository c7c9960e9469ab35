/** Grants what the database knows of: what it does not know yet is written first, and the question judged anew. */

import type { Answer } from "#channels/permits/permit-messages.ts";

import type { Unwritten } from "./quotas/quota-book.ts";

export type Judge = () => Answer | Unwritten;

export type GrantWritten = {
  /** Answers at once, or once it is written. */
  judge(client: string, judge: Judge): Answer | Promise<Answer>;
  /** Grants nothing any more of what a sender has asked that is gone. */
  forget(client: string): void;
};

/** The slice may turn, or others be faster, between the writing and the grant. */
const mostWritings = 4;
const longestWriteMs = 5_000;
const notWritten: Answer = { kind: "wait", retryAfterMs: 250, reason: "database" };

/** @param written resolves once all that was wanted is written; false when it could not be */
export function openGrantWritten(written: (limitMs: number) => Promise<boolean>): GrantWritten {
  const waiting = new Map<string, Set<AbortController>>();

  const judgeWritten = async (judge: Judge, gone: AbortSignal): Promise<Answer> => {
    for (let writings = 0; writings < mostWritings; writings += 1) {
      if (!(await written(longestWriteMs)) || gone.aborted) return notWritten;
      const answer = judge();
      if (answer.kind !== "unwritten") return answer;
    }
    return notWritten;
  };
  return {
    judge: (client, judge) => {
      const answer = judge();
      if (answer.kind !== "unwritten") return answer;
      const gone = new AbortController();
      const own = waiting.get(client) ?? new Set();
      waiting.set(client, own.add(gone));
      return judgeWritten(judge, gone.signal).finally(() => {
        own.delete(gone);
        if (own.size === 0 && waiting.get(client) === own) waiting.delete(client);
      });
    },
    forget: (client) => {
      for (const gone of waiting.get(client) ?? []) gone.abort();
      waiting.delete(client);
    },
  };
}
