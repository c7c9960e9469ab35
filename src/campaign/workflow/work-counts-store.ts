/** The statement that counts the work of an instance, for `monitor`. */

import type { Statements } from "#foundation/database.ts";

export type WorkCounts = {
  readonly failedWorkflows: number;
  readonly runningWorkflows: number;
  readonly failedDeliveries: number;
  readonly runningDeliveries: number;
};

/** How many workflows and deliveries run or failed. Delivery states: 37 preparation failed, 87 failed, 51 to 62 being sent. */
export async function countWork(db: Statements): Promise<WorkCounts> {
  const counts = await db.first(parseCounts)`
    select (select count(*) from xtk_workflow where has_failed) as failed_workflows,
           (select count(*) from xtk_workflow where state not in (0, 20)) as running_workflows,
           (select count(*) from nms_delivery where state in (37, 87)) as failed_deliveries,
           (select count(*) from nms_delivery where state between 51 and 62) as running_deliveries`;
  return counts ?? { failedWorkflows: 0, runningWorkflows: 0, failedDeliveries: 0, runningDeliveries: 0 };
}

function parseCounts(row: unknown): WorkCounts {
  const counts = row as Record<string, number>;
  return {
    failedWorkflows: counts["failed_workflows"] ?? 0,
    runningWorkflows: counts["running_workflows"] ?? 0,
    failedDeliveries: counts["failed_deliveries"] ?? 0,
    runningDeliveries: counts["running_deliveries"] ?? 0,
  };
}
