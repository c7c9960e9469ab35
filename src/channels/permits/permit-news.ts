/** News of a sender: what servers did on each path, which messages ended, what waits. Also its sign of life. */

import type { HeldPermits, Lot } from "./held-permits.ts";
import { openPathTally, splitBySize } from "./path-tally.ts";
import type { Exchange } from "./permit-exchange.ts";
import {
  type Answer,
  longestDatagramBytes,
  type Path,
  type PathCounts,
  type PathNews,
  type Question,
  signOfLifeMs,
  type Waiting,
} from "./permit-messages.ts";

export type PermitNews = {
  /** The message of a token came to its end. */
  endMessage(lot: Lot): void;
  /** Counts what a server did; told within a second, and at once when it asks for less. */
  count(path: Path, counts: PathCounts): void;
  /** Tells what there is to tell, when it is time: called every `newsEveryMs`. */
  tellIfDue(): void;
  /** Tells what there is now. */
  tell(): Promise<void>;
  /** Tells nothing at once any more. */
  stop(): void;
  /** What is being told. */
  readonly telling: Promise<void> | undefined;
};

export const newsEveryMs = 1_000;
/** News of a server that asks for less cannot wait so long. */
const urgentNewsMs = 50;
const mostWaitsTold = 12;
const waitBytes = 400;
const bodyBytes = longestDatagramBytes - 2_048;

/** Opens without any. */
export function openNews(options: {
  readonly exchange: Exchange;
  readonly held: Pick<HeldPermits, "settle" | "isEmpty">;
  /** What waits now; told to the server for those who ask it. */
  readonly describeWaits: (() => readonly Waiting[]) | undefined;
  readonly elapsedMs: () => number;
  /** Aborted when the sender ends. */
  readonly signal: AbortSignal;
}): PermitNews {
  const { exchange, held, elapsedMs, signal } = options;
  const describeWaits = options.describeWaits ?? ((): readonly Waiting[] => []);
  const tally = openPathTally();
  let toldMs = 0;
  let hasWaits = false;
  let telling: Promise<void> | undefined;
  let urgent: NodeJS.Timeout | undefined;

  const tellLot = async (paths: readonly PathNews[], waiting: readonly Waiting[] | undefined): Promise<void> => {
    const question: Question = { kind: "news", paths, ...(waiting === undefined ? {} : { waiting }) };
    const onAnswer = (answer: Answer): void => {
      if (answer.kind !== "done" || answer.slice === undefined) return;
      for (const { path, ended } of paths) if (ended.length > 0) held.settle(path, ended, answer.slice);
    };
    await exchange.ask(question, signal, { onAnswer });
  };
  const tellAll = async (): Promise<void> => {
    toldMs = elapsedMs();
    const waiting = describeWaits().slice(0, mostWaitsTold);
    const lots = splitBySize(tally.take(), bodyBytes - waiting.length * waitBytes);
    for (const [index, paths] of lots.entries()) await tellLot(paths, index === 0 ? waiting : undefined);
  };
  const tell = (): Promise<void> => {
    clearTimeout(urgent);
    urgent = undefined;
    telling ??= tellAll().finally(() => {
      telling = undefined;
    });
    return telling;
  };
  /** What waits is told once more when nothing does any more. */
  const tellsWaits = (): boolean => {
    const hadWaits = hasWaits;
    hasWaits = describeWaits().length > 0;
    return hasWaits || hadWaits;
  };

  return {
    endMessage: (lot) => tally.end(lot.path, lot.slice, elapsedMs() < lot.endsMs),
    count: (path, counts) => {
      tally.count(path, counts);
      if (counts.throttled === undefined && counts.refused === undefined) return;
      urgent ??= setTimeout(() => void tell(), urgentNewsMs);
      urgent.unref();
    },
    tellIfDue: () => {
      const isDue = elapsedMs() - toldMs >= signOfLifeMs - newsEveryMs / 2;
      if (!tally.isEmpty || (isDue && (!held.isEmpty || tellsWaits()))) void tell();
    },
    tell,
    stop: () => clearTimeout(urgent),
    get telling() {
      return telling;
    },
  };
}
