/** Reads nms_warm_up. */

import type { Statements } from "#foundation/database.ts";

import type { WarmUp } from "./warm-up.ts";

/** All ramps. */
export function listWarmUps(db: Statements): Promise<WarmUp[]> {
  return db.rows(parseWarmUp)`
    select warm_up_id, public_ids, mask, start_date::text as start_date, first_day_messages, growth_factor, allowances, days
      from nms_warm_up order by warm_up_id`;
}

function parseWarmUp(raw: unknown): WarmUp {
  const row = raw as {
    warm_up_id: number;
    public_ids: string;
    mask: string;
    start_date: string;
    first_day_messages: number;
    growth_factor: number;
    allowances: string;
    days: number;
  };
  return {
    id: row.warm_up_id,
    publicIds: row.public_ids,
    mask: row.mask.trim(),
    startDate: row.start_date,
    firstDayMessages: Math.max(0, row.first_day_messages),
    growthFactor: row.growth_factor > 0 ? row.growth_factor : 1,
    table: parseAllowances(row.allowances),
    days: row.days,
  };
}

/** What is no number allows nothing: a slip of the pen must not let a new address send without a limit. */
function parseAllowances(text: string): number[] {
  if (text.trim() === "") return [];
  return text.split(",").map((part) => (/^\s*\d{1,9}\s*$/.test(part) ? Number(part) : 0));
}
