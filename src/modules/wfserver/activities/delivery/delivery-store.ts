/** What the delivery activity reads of the delivery it has made. */

import type { Statements } from "#foundation/database.ts";
import { type DeliveryState, deliveryStates, nameOfCode } from "#schemas/codes.ts";

export type DeliveryProgress = { readonly state: DeliveryState; readonly failureText: string | undefined };

/** A delivery's state, and why its preparation failed. */
export function readProgress(db: Statements, deliveryId: number): Promise<DeliveryProgress | undefined> {
  return db.first(parseProgress)`select state, failure_text from nms_delivery where delivery_id = ${deliveryId}`;
}

function parseProgress(raw: unknown): DeliveryProgress {
  const { state, failure_text: failureText } = raw as { state: number; failure_text: string | null };
  return { state: nameOfCode(deliveryStates, state) ?? "edited", failureText: failureText ?? undefined };
}
