/** Information services: what recipients subscribe to, such as a newsletter. */

import { serviceTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const informationService = defineSchema({
  namespace: "nms",
  name: "service",
  label: "Services",
  labelSingular: "Service",
  table: "nms_service",
  attributes: {
    id: { type: "int64", column: "service_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    desc: { type: "memo", column: "description", label: "Description" },
    type: {
      type: "byte",
      column: "type",
      label: "Channel",
      default: 0,
      enumeration: enumerate("serviceType", serviceTypes),
    },
    isModel: { type: "boolean", column: "is_model", label: "Template", default: false, isResetByCopy: true },
    validityDays: {
      type: "long",
      column: "validity_days",
      label: "Subscriptions last (days)",
      description: "0 = until they are ended.",
      default: 0,
    },
    "subScenario-id": { type: "int64", column: "sub_scenario_id", label: "Confirms subscriptions", default: 0 },
    "unsubScenario-id": { type: "int64", column: "unsub_scenario_id", label: "Confirms unsubscriptions", default: 0 },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...folderLink("service"),
    ...stampLinks,
    subScenario: linkToOne("Confirms subscriptions", "nms:delivery", "subScenario-id"),
    unsubScenario: linkToOne("Confirms unsubscriptions", "nms:delivery", "unsubScenario-id"),
    subscription: linkToMany("Subscriptions", "nms:subscription", "service-id", {
      reverse: "service",
      integrity: "own",
    }),
    subHisto: linkToMany("History of subscriptions", "nms:subHisto", "service-id", {
      reverse: "service",
      integrity: "own",
    }),
    delivery: linkToMany("Deliveries", "nms:delivery", "service-id", { reverse: "service", integrity: "normal" }),
  },
  computeString: "@label",
  folderAttribute: "folder-id",
});
