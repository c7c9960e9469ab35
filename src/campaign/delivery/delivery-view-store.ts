/** The blocks that a delivery's content included when it was prepared: a block that is changed later does not change it. */

import type { Views } from "#campaign/content/flatten-template.ts";
import type { Statements } from "#foundation/database.ts";

/** Keeps the blocks of a delivery that is being prepared. */
export function keepViews(db: Statements, deliveryId: number, views: Views): Promise<number> {
  return db.run`
    update nms_delivery set included_views = ${JSON.stringify(views)}::jsonb where delivery_id = ${deliveryId}`;
}

/** The blocks of a prepared delivery. */
export async function readViews(db: Statements, deliveryId: number): Promise<Views> {
  const views = await db.first((row) => (row as { included_views: Views }).included_views)`
    select included_views from nms_delivery where delivery_id = ${deliveryId}`;
  return views ?? {};
}
