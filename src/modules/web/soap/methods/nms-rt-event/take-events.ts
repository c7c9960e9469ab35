/** Puts events of a call into their queue. */

import type { EventQueue, PushedEvent } from "#campaign/delivery/events/event.ts";
import { pushEvents } from "#campaign/delivery/events/push-events.ts";

import { webEventsSettings } from "../../../settings.ts";
import type { SoapCall } from "../../soap-call.ts";

/**
 * Takes the events of a caller.
 * @returns their ids, in their order
 * @throws eventQueueFull
 */
export async function takeEvents(call: SoapCall, queue: EventQueue, events: readonly PushedEvent[]): Promise<bigint[]> {
  const { operator } = await call.requireCaller();
  const { maxPending, executionInstance } = call.context.settings.of(webEventsSettings);
  return pushEvents(call.context.db, events, { queue, createdBy: operator.operatorId, maxPending, executionInstance });
}
