/** Why the messages of a destination do not leave: for the log, and for who asks the statistics server. */

import type { Path, Waiting } from "#channels/permits/permit-messages.ts";
import type { Log } from "#foundation/log.ts";

export type LaneWait = {
  /** Leave was refused, or no address of the destination can be reached. */
  note(refusal: { readonly waitMs: number; readonly reason: Waiting["reason"]; readonly path: Path }): void;
  /** A session was opened: nothing waits for leave any more. */
  end(): void;
  /** What waits now; undefined while messages leave. */
  describe(lane: {
    readonly destination: string;
    readonly messages: number;
    readonly sessions: number;
    /** No address can be reached. */
    readonly isUnreachable: boolean;
    readonly holdUntilMs: number;
    /** When the oldest of them came. */
    readonly queuedMs: number;
  }): Waiting | undefined;
};

/** The same wait is written once a minute. */
const tellEveryMs = 60_000;
const longestName = 100;

/** Classic's words for them. */
const events: { readonly [R in Waiting["reason"]]?: readonly [event: string, meaning: string] } = {
  quota: ["mta.quotas_met", "quotas met"],
  flow: ["mta.dynamic_flow_control", "dynamic flow control"],
  database: ["mta.stat_without_database", "stat has no word of its database, and grants nothing until it has"],
  warmUp: ["mta.warm_up_met", "the allowance of the day of this warm-up is met"],
};

/** Opens the account of a lane that waits for nothing. */
export function openLaneWait({ log, elapsedMs }: { readonly log: Log; readonly elapsedMs: () => number }): LaneWait {
  let wait: { readonly reason: Waiting["reason"]; readonly path: Path; readonly sinceMs: number } | undefined;
  const toldMs = new Map<Waiting["reason"], number>();
  return {
    note: ({ waitMs, reason, path }) => {
      const now = elapsedMs();
      const sinceMs = wait?.reason === reason ? wait.sinceMs : now;
      wait = { reason, path, sinceMs };
      const event = events[reason];
      if (event === undefined || now - (toldMs.get(reason) ?? Number.NEGATIVE_INFINITY) < tellEveryMs) return;
      toldMs.set(reason, now);
      const { host, address, publicId } = path;
      log.info(event[0], { host, address, publicId, waitSec: Math.ceil(waitMs / 1_000), meaning: event[1] });
    },
    end: () => {
      wait = undefined;
    },
    describe: ({ destination, messages, sessions, isUnreachable, holdUntilMs, queuedMs }) => {
      if (messages === 0 || (wait === undefined && sessions > 0)) return undefined;
      const now = elapsedMs();
      const reason = isUnreachable ? "unreachable" : (wait?.reason ?? "room");
      return {
        destination: destination.slice(0, longestName),
        ...(wait === undefined ? {} : { path: { ...wait.path, host: wait.path.host.slice(0, longestName) } }),
        messages,
        reason,
        sinceMs: Math.max(0, Math.round(now - (wait?.sinceMs ?? queuedMs))),
        forMs: Math.max(0, Math.round(holdUntilMs - now)),
      };
    },
  };
}
