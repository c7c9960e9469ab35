/** Blocks of ids that are handed out at once. */

import { defineSchema } from "./schema.ts";

export const counter = defineSchema({
  namespace: "xtk",
  name: "counter",
  label: "Counters",
  labelSingular: "Counter",
  description: "Blocks of ids handed out at once, so that a part of a delivery is a range of ids.",
  table: "xtk_counter",
  attributes: {
    name: { type: "string", column: "name", label: "Name", required: true },
    value: { type: "int64", column: "value", label: "Value", default: 0 },
  },
  keys: [{ attributes: ["name"] }],
  access: { write: "server" },
});
