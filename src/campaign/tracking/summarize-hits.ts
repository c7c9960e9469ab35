/** Decides what hits mean: which rows they become, who is new among the readers, and what is added to sums and indicators. */

import { isMachine } from "./recognize-machine.ts";
import type { TrackedHit } from "./tracked-hit.ts";

export type ConsolidationRules = {
  /** Width of the periods of `nms:trackingStats`, in seconds. */
  readonly consolidationPeriodSec: number;
  /** An open is dropped when the latest one of the same message is nearer than this, in seconds; 0 = none is. */
  readonly dedupOpenPeriodSec: number;
};

/** What the database knows of a message's reader before these hits. */
export type ReaderState = {
  readonly deliveryId: number;
  readonly broadLogId: number;
  /** 0 when the message is not in the ledger any more. */
  readonly recipientId: number;
  /** The message went to a seed address: its hits become rows and count for nothing. */
  readonly isSeed: boolean;
  readonly isReader: boolean;
  readonly hasClicked: boolean;
  readonly hasOptedOut: boolean;
  /** Milliseconds since 1970, or null. */
  readonly lastOpenMs: number | null;
};

export type TrackingRow = { readonly hit: TrackedHit; readonly recipientId: number; readonly isMachine: boolean };
export type StatsRow = {
  readonly deliveryId: number;
  readonly urlId: number;
  readonly periodStartMs: number;
  clicks: number;
};
export type Indicators = {
  readonly deliveryId: number;
  newReaders: number;
  newClickers: number;
  opens: number;
  clicks: number;
  optOuts: number;
};

export type Summary = {
  readonly rows: readonly TrackingRow[];
  readonly stats: readonly StatsRow[];
  /** Readers that are new or of whom something new is known, as they are now. */
  readonly readers: readonly ReaderState[];
  readonly indicators: readonly Indicators[];
  /** Recipients who unsubscribed. */
  readonly optOuts: readonly number[];
  /** Opens soon after another one, and unsubscriptions after the first. */
  readonly repeatedHits: number;
  /** Hits of deliveries that do not exist any more. */
  readonly orphanHits: number;
};

type Reader = { -readonly [K in keyof ReaderState]: ReaderState[K] } & { isChanged: boolean };

const openUrlId = 1;
const unsubscribeUrlId = 2;
const clickType = 1;
const optOutType = 3;

/**
 * Sums hits up in the order in which they were written. A click or an unsubscription makes a reader as an open does. Hits of machines
 * become rows and count for nothing, but an opt-out does, whoever sent it.
 * @param states one for each message of an existing delivery that has hits
 */
export function summarizeHits(
  hits: readonly TrackedHit[],
  states: readonly ReaderState[],
  rules: ConsolidationRules,
): Summary {
  const readers = indexReaders(states);
  const rows: TrackingRow[] = [];
  const stats = new Map<string, StatsRow>();
  const indicators = new Map<number, Indicators>();
  const optOuts = new Set<number>();
  const machines = new Map<string, boolean>();
  let orphanHits = 0;

  for (const hit of hits) {
    const reader = readers.get(hit.deliveryId)?.get(hit.broadLogId);
    if (reader === undefined) {
      orphanHits += 1;
      continue;
    }
    const isUnsubscription = hit.urlId === unsubscribeUrlId;
    const isByMachine = remembered(machines, hit.userAgent);
    if (isUnsubscription && reader.recipientId > 0) optOuts.add(reader.recipientId);
    const isCounted = !reader.isSeed && (!isByMachine || isUnsubscription);
    const isRepeated = isCounted && isRepeatedBy(reader, hit, rules);
    if (isCounted) note(reader, hit, isRepeated, indicatorsOf(indicators, hit.deliveryId));
    if (isRepeated) continue;
    rows.push({ hit, recipientId: reader.recipientId, isMachine: isByMachine });
    if (!isByMachine && !reader.isSeed) addToStats(stats, hit, rules.consolidationPeriodSec);
  }

  const byKey = (a: { deliveryId: number }, b: { deliveryId: number }): number => a.deliveryId - b.deliveryId;
  return {
    rows,
    stats: [...stats.values()],
    readers: [...readers.values()]
      .flatMap((ofDelivery) => [...ofDelivery.values()])
      .filter((reader) => reader.isChanged),
    indicators: [...indicators.values()].sort(byKey),
    optOuts: [...optOuts].sort((a, b) => a - b),
    repeatedHits: hits.length - rows.length - orphanHits,
    orphanHits,
  };
}

function indexReaders(states: readonly ReaderState[]): Map<number, Map<number, Reader>> {
  const readers = new Map<number, Map<number, Reader>>();
  for (const state of states) {
    const ofDelivery = readers.get(state.deliveryId) ?? new Map<number, Reader>();
    ofDelivery.set(state.broadLogId, { ...state, isChanged: false });
    readers.set(state.deliveryId, ofDelivery);
  }
  return readers;
}

function isRepeatedBy(reader: Reader, hit: TrackedHit, { dedupOpenPeriodSec }: ConsolidationRules): boolean {
  if (hit.urlId === unsubscribeUrlId) return reader.hasOptedOut;
  if (hit.urlId !== openUrlId || reader.lastOpenMs === null) return false;
  return Math.abs(hit.time.getTime() - reader.lastOpenMs) < dedupOpenPeriodSec * 1_000;
}

function note(reader: Reader, hit: TrackedHit, isRepeated: boolean, indicators: Indicators): void {
  if (!reader.isReader) {
    reader.isReader = true;
    reader.isChanged = true;
    indicators.newReaders += 1;
  }
  if (hit.urlType === clickType && !reader.hasClicked) {
    reader.hasClicked = true;
    reader.isChanged = true;
    indicators.newClickers += 1;
  }
  if (hit.urlId === unsubscribeUrlId && !reader.hasOptedOut) {
    reader.hasOptedOut = true;
    reader.isChanged = true;
  }
  if (hit.urlId === openUrlId && hit.time.getTime() > (reader.lastOpenMs ?? Number.NEGATIVE_INFINITY)) {
    reader.lastOpenMs = hit.time.getTime();
    reader.isChanged = true;
  }
  if (isRepeated) return;
  if (hit.urlId === openUrlId) indicators.opens += 1;
  if (hit.urlType === clickType) indicators.clicks += 1;
  if (hit.urlType === optOutType) indicators.optOuts += 1;
}

function indicatorsOf(all: Map<number, Indicators>, deliveryId: number): Indicators {
  const known = all.get(deliveryId) ?? { deliveryId, newReaders: 0, newClickers: 0, opens: 0, clicks: 0, optOuts: 0 };
  all.set(deliveryId, known);
  return known;
}

function addToStats(stats: Map<string, StatsRow>, hit: TrackedHit, periodSec: number): void {
  const periodMs = periodSec * 1_000;
  const periodStartMs = Math.floor(hit.time.getTime() / periodMs) * periodMs;
  const key = `${hit.deliveryId} ${hit.urlId} ${periodStartMs}`;
  const known = stats.get(key);
  if (known === undefined) stats.set(key, { deliveryId: hit.deliveryId, urlId: hit.urlId, periodStartMs, clicks: 1 });
  else known.clicks += 1;
}

/** Few browsers make most of the hits. */
function remembered(machines: Map<string, boolean>, userAgent: string): boolean {
  const known = machines.get(userAgent);
  if (known !== undefined) return known;
  const found = isMachine(userAgent);
  machines.set(userAgent, found);
  return found;
}
