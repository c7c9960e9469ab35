/** Countries by their codes. */

import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const country = defineSchema({
  namespace: "nms",
  name: "country",
  label: "Countries",
  labelSingular: "Country",
  table: "nms_country",
  attributes: {
    isoA2: { type: "string", column: "iso_a2", label: "Code (ISO 3166-1)", required: true, length: 2 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 100 },
  },
  keys: [{ attributes: ["isoA2"] }],
  links: {
    recipient: linkToMany("Recipients", "nms:recipient", "location/countryCode", {
      from: "isoA2",
      reverse: "country",
      integrity: "neutral",
    }),
  },
  computeString: "@label",
  access: { write: "admin" },
});
