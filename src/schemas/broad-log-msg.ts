/** What remote servers answered, each text once, with what it was taken to mean. */

import { failureReasons, failureTypes } from "./codes.ts";
import { enumerate, enumerateWords } from "./enumeration.ts";
import { dates } from "./fragments.ts";
import { defineSchema } from "./schema.ts";

export const broadLogMsg = defineSchema({
  namespace: "nms",
  name: "broadLogMsg",
  label: "Delivery log messages",
  labelSingular: "Delivery log message",
  table: "nms_broad_log_msg",
  attributes: {
    id: { type: "int64", column: "broad_log_msg_id", label: "Primary key", sequenceCache: 20 },
    textHash: { type: "blob", column: "text_hash", label: "Text hash", required: true, isReadOnly: true },
    text: { type: "memo", column: "text", label: "Text", required: true, isReadOnly: true },
    firstText: { type: "memo", column: "first_text", label: "First text", default: "", isReadOnly: true },
    failureType: {
      type: "byte",
      column: "failure_type",
      label: "Failure type",
      default: 0,
      enumeration: enumerate("failureType", failureTypes),
    },
    failureReason: {
      type: "byte",
      column: "failure_reason",
      label: "Failure reason",
      default: 0,
      enumeration: enumerate("failureReason", failureReasons),
    },
    status: {
      type: "string",
      column: "status",
      label: "Status",
      default: "keep",
      enumeration: enumerateWords("status", ["to_qualify", "keep", "ignore"]),
    },
    occurrences: { type: "int64", column: "occurrences", label: "Occurrences", default: 0, isReadOnly: true },
    ...dates,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["textHash"] }],
  computeString: "@text",
  access: { write: "admin" },
  restName: "delivery-log-messages",
});
