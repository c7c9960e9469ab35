/** How many messages new addresses of ours may send on each day while providers get to know them. */

import { defineSchema } from "./schema.ts";

export const warmUp = defineSchema({
  namespace: "nms",
  name: "warmUp",
  label: "Warm-ups",
  labelSingular: "Warm-up",
  description:
    "How many messages each of our addresses may send on each day while providers get to know it. Where several fit, the tightest counts.",
  table: "nms_warm_up",
  attributes: {
    id: { type: "int64", column: "warm_up_id", label: "Primary key", sequenceCache: 20 },
    label: { type: "string", column: "label", label: "Label", default: "" },
    publicIds: {
      type: "string",
      column: "public_ids",
      label: "Public addresses",
      description: "Such as 1,3-5; empty = all, each by itself",
      default: "",
    },
    mask: {
      type: "string",
      column: "mask",
      label: "Host name mask",
      description: "Of the mail exchangers that it is for",
      default: "*",
    },
    startDate: { type: "date", column: "start_date", label: "First day", required: true },
    firstDayMessages: { type: "long", column: "first_day_messages", label: "Messages of the first day", default: 50 },
    growthFactor: {
      type: "double",
      column: "growth_factor",
      label: "Growth factor",
      description: "Each day allows so many times what the day before did",
      default: 1.5,
    },
    allowances: {
      type: "string",
      column: "allowances",
      label: "Messages of each day",
      description: "Such as 50,100,500; stands instead of first day, factor and days",
      default: "",
    },
    days: {
      type: "long",
      column: "days",
      label: "Days",
      description: "After so many there is no limit any more",
      default: 30,
    },
  },
  keys: [{ attributes: ["id"] }],
  computeString: "@label",
  access: { write: "admin" },
  isAudited: true,
  restName: "warm-ups",
});
