/** The moves of nms_delivery.state that somebody asks for. Each is one statement that makes the move only from where it is allowed. */

import type { Statements } from "#foundation/database.ts";
import { type DeliveryState, deliveryStates, nameOfCode } from "#schemas/codes.ts";

export type StateMove = {
  readonly from: readonly DeliveryState[];
  readonly to: DeliveryState;
  /** What becomes of the wish to start at once. */
  readonly isStartRequested?: boolean;
};

/**
 * Makes the first of the moves that fits the delivery's state.
 * @returns the state before and after; equal when no move fitted; undefined when there is no such delivery
 */
export function moveState(
  db: Statements,
  deliveryId: number,
  moves: readonly StateMove[],
): Promise<{ readonly before: DeliveryState; readonly after: DeliveryState; readonly hasMoved: boolean } | undefined> {
  const froms = moves.flatMap(({ from }) => from.map((state) => deliveryStates[state]));
  const tos = moves.flatMap(({ from, to }) => from.map(() => deliveryStates[to]));
  const starts = moves.flatMap(({ from, isStartRequested }) => from.map(() => isStartRequested ?? null));
  return db.first(parseMove)`
    with before as (select delivery_id, state from nms_delivery where delivery_id = ${deliveryId} for update),
         moved as (
           update nms_delivery d
              set state = m.target, is_start_requested = coalesce(m.is_start_requested, d.is_start_requested), last_modified = now()
             from before, unnest(${froms}::smallint[], ${tos}::smallint[], ${starts}::boolean[]) m(source, target, is_start_requested)
            where d.delivery_id = before.delivery_id and before.state = m.source
           returning d.state)
    select before.state as before, coalesce((select state from moved), before.state) as after, exists (select from moved) as has_moved
      from before`;
}

const parseMove = (row: unknown): { before: DeliveryState; after: DeliveryState; hasMoved: boolean } => {
  const r = row as { before: number; after: number; has_moved: boolean };
  return {
    before: nameOfCode(deliveryStates, r.before) ?? "failed",
    after: nameOfCode(deliveryStates, r.after) ?? "failed",
    hasMoved: r.has_moved,
  };
};
