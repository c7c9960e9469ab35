/** Budgets: what campaigns may cost. */

import { budgetStatuses } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const budget = defineSchema({
  namespace: "nms",
  name: "budget",
  label: "Budgets",
  labelSingular: "Budget",
  table: "nms_budget",
  attributes: {
    id: { type: "int64", column: "budget_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    status: {
      type: "byte",
      column: "status",
      label: "Status",
      default: 0,
      enumeration: enumerate("budgetStatus", budgetStatuses),
      isResetByCopy: true,
    },
    allocated: { type: "double", column: "allocated", label: "Allocated amount", default: 0 },
    currency: { type: "string", column: "currency", label: "Currency (ISO 4217)", default: "EUR", length: 3 },
    start: { type: "datetime", column: "start_date", label: "Start" },
    end: { type: "datetime", column: "end_date", label: "End" },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: {
    ...folderLink("budget"),
    ...stampLinks,
    operation: linkToMany("Campaigns", "nms:operation", "budget-id", { reverse: "budget", integrity: "define" }),
  },
  computeString: "@label",
  folderAttribute: "folder-id",
});
