/** Files of a delivery as they were when it was prepared, kept until it is over; written by the mta. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const deliveryFile = defineSchema({
  namespace: "nms",
  name: "deliveryFile",
  label: "Files of deliveries",
  labelSingular: "File of a delivery",
  description: "Attachments and images as they were when the delivery was prepared; gone when it is over.",
  table: "nms_delivery_file",
  attributes: {
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", required: true },
    internalName: { type: "string", column: "internal_name", label: "Internal name of the file", required: true },
    md5: { type: "string", column: "md5", label: "MD5", required: true },
    fileName: { type: "string", column: "file_name", label: "File name", default: "" },
    contentType: { type: "string", column: "content_type", label: "Content type", default: "" },
    content: { type: "blob", column: "content", label: "Content", required: true, isInternal: true },
  },
  keys: [{ attributes: ["delivery-id", "internalName"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "deliveryFile" }),
  },
  computeString: "@internalName",
  rightsThrough: ["delivery"],
  access: { write: "server" },
  restName: "delivery-files",
});
