/** The time after a restart in which nothing is granted: senders hold what this run does not know of until they have reported. */

export type Starting = {
  /** False until rules and what was kept are read. */
  readonly hasBegun: boolean;
  /** Senders that held something before. Those that never come back are given up after a while. */
  begin(senders: readonly string[], giveUp: (sender: string) => void): void;
  /** It has told all that it holds, or is surely gone. */
  noteReport(sender: string): void;
  /** Milliseconds for which nothing is granted yet; ends early when all have reported. */
  forMs(): number;
  stop(): void;
};

/** Opens a start that has not begun. */
export function openStarting(options: {
  readonly nowMs: () => number;
  readonly graceMs: number;
  readonly giveUpMs: number;
}): Starting {
  let begunMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const awaited = new Set<string>();
  return {
    get hasBegun() {
      return begunMs !== undefined;
    },
    begin: (senders, giveUp) => {
      begunMs = options.nowMs();
      for (const sender of senders) awaited.add(sender);
      timer = setTimeout(() => {
        for (const sender of awaited) giveUp(sender);
        awaited.clear();
      }, options.giveUpMs);
      timer.unref();
    },
    noteReport: (sender) => void awaited.delete(sender),
    forMs: () =>
      begunMs === undefined || awaited.size === 0 ? 0 : Math.max(0, begunMs + options.graceMs - options.nowMs()),
    stop: () => clearTimeout(timer),
  };
}
