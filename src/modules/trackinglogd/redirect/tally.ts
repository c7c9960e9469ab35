/** What was answered, in numbers: a campaign's clicks come by the thousand, so the log gets totals. */

export type Outcome =
  | "clicks"
  | "opens"
  | "unsubscriptions"
  | "unsubscriptionPages"
  | "expired"
  /** No key of ours signed the link. */
  | "unsigned"
  /** Rightly signed, but its delivery or link is not known here. */
  | "unknownLinks"
  /** Answered although the hit could not be written. */
  | "hitsLost"
  | "failed"
  | "overloaded";

export type Tally = {
  count(outcome: Outcome): void;
  /** Totals since the start. */
  totals(): Readonly<Partial<Record<Outcome, number>>>;
  /** What was counted since the last call; undefined when nothing was. */
  take(): Readonly<Partial<Record<Outcome, number>>> | undefined;
};

/** Starts counting. */
export function openTally(): Tally {
  const totals: Partial<Record<Outcome, number>> = {};
  let recent: Partial<Record<Outcome, number>> = {};
  return {
    count: (outcome) => {
      totals[outcome] = (totals[outcome] ?? 0) + 1;
      recent[outcome] = (recent[outcome] ?? 0) + 1;
    },
    totals: () => ({ ...totals }),
    take: () => {
      if (Object.keys(recent).length === 0) return undefined;
      const taken = recent;
      recent = {};
      return taken;
    },
  };
}
