/** Addresses that had an error. */

import { addressStatuses, failureReasons } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { dates, kept } from "./fragments.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const address = defineSchema({
  namespace: "nms",
  name: "address",
  label: "Quarantined addresses",
  labelSingular: "Quarantined address",
  description: "Quarantine: one row for each address that had an error, compared case-sensitively.",
  table: "nms_address",
  attributes: {
    id: { type: "int64", column: "address_id", label: "Primary key", sequenceCache: 100 },
    address: { type: "string", column: "address", label: "Address", required: true },
    status: {
      type: "byte",
      column: "status",
      label: "Status",
      default: 0,
      enumeration: enumerate("addressStatus", addressStatuses),
    },
    failureReason: {
      type: "byte",
      column: "failure_reason",
      label: "Failure reason",
      default: 0,
      enumeration: enumerate("failureReason", failureReasons),
    },
    errorCount: { type: "long", column: "error_count", label: "Error count", default: 0, ...kept },
    errorText: { type: "memo", column: "error_text", label: "Error text", ...kept },
    lastError: { type: "datetime", column: "last_error", label: "Last error", ...kept },
    "lastDelivery-id": { type: "int64", column: "last_delivery_id", label: "Last delivery", default: 0, ...kept },
    ...dates,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["address"] }],
  links: {
    lastDelivery: linkToOne("Last delivery", "nms:delivery", "lastDelivery-id"),
  },
  computeString: "@address",
  // It lies in no folder: everybody's bad addresses are for those who deal with deliveries.
  access: { read: { right: "delivery" }, write: "admin" },
  restName: "quarantined-addresses",
});
