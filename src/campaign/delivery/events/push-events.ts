/** Takes events that another program pushes into the queue they wait in. */

import type { Statements } from "#foundation/database.ts";

import { eventQueueFull } from "../errors.ts";
import type { EventQueue, PushedEvent } from "./event.ts";
import { insertEvents } from "./event-store.ts";

export type EventIntake = {
  readonly queue: EventQueue;
  readonly createdBy: number;
  /** The most events that may wait, in both queues. */
  readonly maxPending: number;
  /** Which of the platforms that take events this one is, from 0 to 127. */
  readonly executionInstance: number;
};

/**
 * Stores events, all or none.
 * @returns what their senders know them by, in their order: the high byte is the execution instance, the rest the row's key
 * @throws eventQueueFull
 */
export async function pushEvents(
  db: Statements,
  events: readonly PushedEvent[],
  { queue, createdBy, maxPending, executionInstance }: EventIntake,
): Promise<bigint[]> {
  if (events.length === 0) return [];
  const ids = await insertEvents(db, queue, events, { createdBy, most: maxPending });
  if (ids.length !== events.length) throw eventQueueFull({ most: maxPending });
  return ids.map((id) => (BigInt(executionInstance) << 56n) | BigInt(id));
}
