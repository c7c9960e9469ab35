/** The traffic shaper of a child: a lane for each destination and each of our addresses, and room for so many sessions in all. */

import { isIP } from "node:net";

import type { Path, Waiting } from "#channels/permits/permit-messages.ts";

import { deferral } from "./judge-outcome.ts";
import type { Balance } from "./choose-source.ts";
import { chooseWhoGivesWay, openClearingPace } from "./clear-room.ts";
import type { Destination } from "../routing/destination.ts";
import type { Job, JobEnd } from "./job.ts";
import { type Lane, type LaneTools, openLane } from "./lane.ts";
import type { Source, SourcePool } from "./source.ts";
import { openSpread, type Spread } from "./spread-lanes.ts";

export type Shaper = {
  add(destination: Destination, pool: SourcePool, jobs: readonly Job[]): void;
  /** Takes back the messages of an owner that have not begun; those under way come to their end. */
  takeBack(owner: object): Job[];
  readonly waiting: number;
  /** Messages that may leave within a second. */
  readonly ready: number;
  readonly sessions: number;
  /** Another child waits for a connection of this path. */
  yieldOne(path: { readonly address: string; readonly publicId: number }): void;
  /** False while that helped nobody a moment ago. */
  readonly mayClearRoom: boolean;
  /** So many messages too many wait here: those of slow destinations go back to their parts. */
  clearRoom(count: number): void;
  /** What waits, most messages first. */
  describeWaits(): Waiting[];
  /** Ends every session after the message under way; what is cut at the limit comes out as lost or in doubt. */
  drain(limitMs: number): Promise<void>;
};

const sweepEveryMs = 1_000;

type RoomTools = "takeRoom" | "giveRoom" | "stepAside" | "stepBack" | "makeWay";

/** Opens a shaper without lanes. */
export function shapeTraffic(options: {
  tools: Omit<LaneTools, RoomTools | Exclude<keyof OfSource, "resolveTargets">>;
  maxSessions: number;
  maxAgeMs: number;
}): Shaper {
  const spreads = new Map<string, Spread>();
  const balances = new Map<string, Balance>();
  const lanes = new Set<Lane>();
  let room = options.maxSessions;
  let aside = 0;
  let isDraining = false;

  let isPumping = false;
  const giveRoom = (): void => {
    room += 1;
    if (isPumping) return;
    isPumping = true;
    queueMicrotask(() => {
      isPumping = false;
      for (const lane of lanes) {
        if (room <= 0) return;
        if (lane.waiting > 0) lane.pump();
      }
    });
  };
  /** Sessions that only wait make place for those that have something to carry; once for all lanes that ask in the same turn. */
  let isReleasing = false;
  const releaseIdle = (): void => {
    if (isReleasing) return;
    isReleasing = true;
    queueMicrotask(() => {
      isReleasing = false;
      for (const lane of lanes) lane.releaseIdle();
    });
  };
  /** Other destinations with the same exchangers, and other pools, have lanes of their own: stat counts their connections as ours. */
  const makeWay = (asking: Lane, { address, publicId }: Path): void => {
    const others = [...lanes].filter((lane) => lane !== asking && lane.publicId === publicId);
    const fewest = asking.sessionsTo(address) + 2;
    const giving =
      others.find((lane) => lane.isIdle && lane.sessionsTo(address) > 0) ??
      others
        .filter((lane) => lane.sessionsTo(address) >= fewest)
        .sort((one, other) => other.sessionsTo(address) - one.sessionsTo(address))[0];
    giving?.yieldOne(address);
  };
  const tools: Omit<LaneTools, "makeWay" | Exclude<keyof OfSource, "resolveTargets">> = {
    ...options.tools,
    takeRoom: () => {
      if (room > 0) {
        room -= 1;
        return true;
      }
      releaseIdle();
      return false;
    },
    giveRoom,
    stepAside: () => {
      if (aside >= options.maxSessions) return false;
      aside += 1;
      giveRoom();
      return true;
    },
    stepBack: () => {
      aside -= 1;
      // There may be more sessions than room for the moment: no further one begins until that is over.
      room -= 1;
    },
  };

  const spreadOf = (destination: Destination, pool: SourcePool): Spread => {
    const key = `${destination.key} from ${pool.key}`;
    const known = spreads.get(key);
    if (known !== undefined) return known;
    const balance = balances.get(pool.key) ?? new Map<Source, number>();
    balances.set(pool.key, balance);
    const openFrom = (source: Source): Lane => {
      const lane: Lane = openLane(destination, {
        ...tools,
        ...ofSource(source, tools.resolveTargets),
        makeWay: (path) => makeWay(lane, path),
      });
      lanes.add(lane);
      return lane;
    };
    const spread = openSpread(pool, openFrom, balance);
    spreads.set(key, spread);
    return spread;
  };

  const clearing = openClearingPace(tools.elapsedMs);
  let gaveWay: ReadonlySet<Spread> = new Set();
  const clearRoom = (count: number): void => {
    const chosen = chooseWhoGivesWay(spreads.values(), count);
    const jobs = [...chosen].flatMap(([spread, ofSpread]) => spread.takeLast(ofSpread));
    if (jobs.length === 0) return;
    gaveWay = new Set(chosen.keys());
    clearing.noteCleared(jobs.length);
    for (const job of jobs) void job.end({ kind: "left", reason: "crowded" });
  };

  const endOverdue = (lane: Lane): void => {
    const { jobs, failure } = lane.takeOverdue(options.maxAgeMs);
    for (const job of jobs) {
      const end: JobEnd =
        failure === undefined
          ? { kind: "left", reason: "throttled" }
          : { kind: "outcome", outcome: { ...deferral(failure), broadLogId: job.broadLogId, at: tools.now() } };
      void job.end(end);
    }
  };

  const sweep = setInterval(() => {
    for (const lane of lanes) endOverdue(lane);
    for (const [key, spread] of spreads) {
      spread.rebalance();
      const ofSpread = [...spread.lanes];
      if (ofSpread.some((lane) => lane.waiting > 0 || lane.sessions > 0)) continue;
      for (const lane of ofSpread) {
        lane.drain();
        lanes.delete(lane);
      }
      spreads.delete(key);
    }
    for (const lane of lanes) {
      lane.measure();
      lane.pump();
    }
  }, sweepEveryMs);
  sweep.unref();

  return {
    get waiting() {
      return [...lanes].reduce((sum, lane) => sum + lane.waiting, 0);
    },
    describeWaits: () =>
      [...lanes].flatMap((lane) => lane.describeWait() ?? []).sort((one, other) => other.messages - one.messages),
    get ready() {
      return [...lanes].reduce((sum, lane) => sum + lane.ready, 0);
    },
    yieldOne: ({ address, publicId }) => {
      for (const lane of lanes) if (lane.publicId === publicId) lane.yieldOne(address);
    },
    get sessions() {
      return options.maxSessions - room;
    },
    add: (destination, pool, jobs) => {
      if (isDraining) {
        for (const job of jobs) void job.end({ kind: "left", reason: "halted" });
        return;
      }
      const spread = spreadOf(destination, pool);
      spread.add(jobs);
      if (gaveWay.size > 0 && !gaveWay.has(spread)) clearing.noteGained(jobs.length);
    },
    get mayClearRoom() {
      return clearing.isDue;
    },
    clearRoom,
    takeBack: (owner) => [...lanes].flatMap((lane) => lane.takeBack(owner)),
    drain: async (limitMs) => {
      isDraining = true;
      clearInterval(sweep);
      for (const lane of lanes) lane.drain();
      await waitUntil(() => room === options.maxSessions, limitMs);
      for (const lane of lanes) lane.cut();
      await waitUntil(() => room === options.maxSessions, 2_000);
    },
  };
}

type OfSource = Pick<LaneTools, "publicId" | "localAddress" | "heloName" | "resolveTargets">;

/** What is different for each of our addresses: it reaches those of its own family only. */
function ofSource({ address, publicId, heloName }: Source, resolveTargets: LaneTools["resolveTargets"]): OfSource {
  const family = isIP(address);
  return {
    publicId,
    heloName,
    localAddress: address,
    resolveTargets: async (destination) => {
      const found = await resolveTargets(destination);
      if (family === 0 || found.kind !== "targets") return found;
      return { kind: "targets", targets: found.targets.filter((target) => isIP(target.address) === family) };
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
