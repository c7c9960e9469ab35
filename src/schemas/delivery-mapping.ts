/** Target mappings: whom deliveries are for, where their address stands, and where what happens is kept. */

import { stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const deliveryMapping = defineSchema({
  namespace: "nms",
  name: "deliveryMapping",
  label: "Target mappings",
  labelSingular: "Target mapping",
  table: "nms_delivery_mapping",
  attributes: {
    id: { type: "int64", column: "delivery_mapping_id", label: "Primary key", sequenceCache: 20 },
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    schema: {
      type: "string",
      column: "schema_name",
      label: "Targeting schema",
      default: "nms:recipient",
      length: 100,
    },
    "address/email": { type: "string", column: "email_path", label: "E-mail address", default: "@email", length: 200 },
    "address/format": {
      type: "string",
      column: "format_path",
      label: "E-mail format",
      default: "@emailFormat",
      length: 200,
    },
    "storage/broadLogSchema": {
      type: "string",
      column: "broad_log_schema",
      label: "Schema of the delivery logs",
      description: "Exclusions are kept in it too, with their reason.",
      default: "nms:broadLogRcp",
      length: 100,
    },
    "storage/trackingLogSchema": {
      type: "string",
      column: "tracking_log_schema",
      label: "Schema of the tracking logs",
      default: "nms:trackingLogRcp",
      length: 100,
    },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...stampLinks,
    delivery: linkToMany("Deliveries", "nms:delivery", "mapping-id", { reverse: "mapping", integrity: "define" }),
  },
  computeString: "@label",
  access: { write: "admin" },
  isAudited: true,
});
