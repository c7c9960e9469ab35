/** Clicks for each link and period. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const trackingStats = defineSchema({
  namespace: "nms",
  name: "trackingStats",
  label: "Tracking statistics",
  labelSingular: "Tracking statistic",
  table: "nms_tracking_stats",
  attributes: {
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", required: true },
    "url-id": { type: "int64", column: "tracking_url_id", label: "Tracked link", required: true },
    periodStart: { type: "datetime", column: "period_start", label: "Period start", required: true },
    totalClicks: { type: "int64", column: "total_clicks", label: "Total clicks", default: 0 },
  },
  keys: [{ attributes: ["delivery-id", "url-id", "periodStart"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "trackingStats" }),
    url: linkToOne("Tracked link", "nms:trackingUrl", "url-id", { reverse: "trackingStats" }),
  },
  rightsThrough: ["delivery"],
  access: { write: "server" },
  restName: "tracking-stats",
});
