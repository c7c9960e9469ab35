/** How far each log of each redirection server was read. */

import { defineSchema } from "./schema.ts";

export const trackingCursor = defineSchema({
  namespace: "nms",
  name: "trackingCursor",
  label: "Read positions of tracking logs",
  labelSingular: "Read position",
  description:
    "How far each log of each redirection server was read; moves in the transaction that inserts its rows. No two files ever have the same name.",
  table: "nms_tracking_cursor",
  attributes: {
    file: { type: "string", column: "file", label: "File", required: true },
    source: { type: "string", column: "source", label: "Source", required: true },
    byteOffset: { type: "int64", column: "byte_offset", label: "Byte offset", default: 0 },
    lastModified: { type: "datetime", column: "last_modified", label: "Last modified", default: "now" },
  },
  keys: [{ attributes: ["file"] }],
  access: { read: "server", write: "server" },
  isHidden: true,
});
