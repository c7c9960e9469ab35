/** The traffic shaper of a child: one lane for each destination, and room for so many sessions in all. */

import { deferral } from "./judge-outcome.ts";
import type { Destination } from "../routing/destination.ts";
import type { Job, JobEnd } from "./job.ts";
import { type Lane, type LaneTools, openLane } from "./lane.ts";

export type Shaper = {
  add(destination: Destination, jobs: readonly Job[]): void;
  /** Takes back the messages of an owner that have not begun; those under way come to their end. */
  takeBack(owner: object): Job[];
  readonly waiting: number;
  /** Messages that wait where they may leave soon. */
  readonly ready: number;
  readonly sessions: number;
  /** Another child waits for a connection to this address. */
  yieldOne(address: string): void;
  /** Ends every session after the message under way; what is cut at the limit comes out as lost or in doubt. */
  drain(limitMs: number): Promise<void>;
};

const sweepEveryMs = 1_000;

/** Opens a shaper without lanes. */
export function shapeTraffic(options: {
  tools: Omit<LaneTools, "takeRoom" | "giveRoom">;
  maxSessions: number;
  maxAgeMs: number;
}): Shaper {
  const lanes = new Map<string, Lane>();
  let room = options.maxSessions;
  let isDraining = false;

  const tools: LaneTools = {
    ...options.tools,
    takeRoom: () => {
      if (room > 0) {
        room -= 1;
        return true;
      }
      // Sessions that only wait make place for those that have something to carry.
      for (const lane of lanes.values()) lane.releaseIdle();
      return false;
    },
    giveRoom: () => {
      room += 1;
      queueMicrotask(() => {
        for (const lane of lanes.values()) if (lane.waiting > 0) lane.pump();
      });
    },
  };

  const sweep = setInterval(() => {
    for (const [key, lane] of lanes) {
      const { jobs, failure } = lane.takeOverdue(options.maxAgeMs);
      for (const job of jobs) {
        const end: JobEnd =
          failure === undefined
            ? { kind: "left", reason: "throttled" }
            : { kind: "outcome", outcome: { ...deferral(failure), broadLogId: job.broadLogId, at: tools.now() } };
        void job.end(end);
      }
      if (lane.waiting === 0 && lane.sessions === 0) {
        lane.drain();
        lanes.delete(key);
      } else lane.pump();
    }
  }, sweepEveryMs);
  sweep.unref();

  return {
    get waiting() {
      return [...lanes.values()].reduce((sum, lane) => sum + lane.waiting, 0);
    },
    get ready() {
      return [...lanes.values()].reduce((sum, lane) => sum + (lane.isFlowing ? lane.waiting : 0), 0);
    },
    yieldOne: (address) => {
      for (const lane of lanes.values()) lane.yieldOne(address);
    },
    get sessions() {
      return options.maxSessions - room;
    },
    add: (destination, jobs) => {
      if (isDraining) {
        for (const job of jobs) void job.end({ kind: "left", reason: "halted" });
        return;
      }
      const lane = lanes.get(destination.key) ?? openLane(destination, tools);
      lanes.set(destination.key, lane);
      lane.add(jobs);
    },
    takeBack: (owner) => [...lanes.values()].flatMap((lane) => lane.takeBack(owner)),
    drain: async (limitMs) => {
      isDraining = true;
      clearInterval(sweep);
      for (const lane of lanes.values()) lane.drain();
      await waitUntil(() => room === options.maxSessions, limitMs);
      for (const lane of lanes.values()) lane.cut();
      await waitUntil(() => room === options.maxSessions, 2_000);
    },
  };
}

function waitUntil(condition: () => boolean, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  return new Promise((resolve) => {
    const look = (): void => {
      if (condition() || performance.now() >= endMs) return resolve();
      setTimeout(look, 20);
    };
    look();
  });
}
