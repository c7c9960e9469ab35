/** Typologies: sets of rules that deliveries are checked and reduced by. */

import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const typology = defineSchema({
  namespace: "nms",
  name: "typology",
  label: "Typologies",
  labelSingular: "Typology",
  table: "nms_typology",
  attributes: {
    id: { type: "int64", column: "typology_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    desc: { type: "memo", column: "description", label: "Description" },
    affinity: {
      type: "string",
      column: "affinity",
      label: "IP affinity",
      description: "The addresses that its deliveries are sent from; empty = any.",
      default: "",
      length: 100,
    },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...folderLink("typology"),
    ...stampLinks,
    typologyRuleRel: linkToMany("Rules", "nms:typologyRuleRel", "typology-id", {
      reverse: "typology",
      integrity: "owncopy",
    }),
    delivery: linkToMany("Deliveries", "nms:delivery", "typology-id", { reverse: "typology", integrity: "define" }),
  },
  computeString: "@label",
  folderAttribute: "folder-id",
  access: { write: { right: "delivery" } },
  isAudited: true,
});
