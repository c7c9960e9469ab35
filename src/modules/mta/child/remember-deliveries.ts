/** Keeps the compiled form of deliveries for the parts that follow. */

import type { CompiledDelivery } from "#campaign/content/compiled-message.ts";
import { forgetOldest } from "#foundation/forget-oldest.ts";

export type RecallDelivery = (deliveryId: number) => Promise<CompiledDelivery>;

const mostKept = 8;

/** Remembers the compiled form of the last few deliveries; two parts that need one at the same time share the work. */
export function rememberDeliveries(load: RecallDelivery): RecallDelivery {
  const kept = new Map<number, Promise<CompiledDelivery>>();
  return (deliveryId) => {
    const known = kept.get(deliveryId) ?? load(deliveryId);
    kept.delete(deliveryId);
    kept.set(deliveryId, known);
    forgetOldest(kept, mostKept);
    known.catch(() => kept.delete(deliveryId));
    return known;
  };
}
