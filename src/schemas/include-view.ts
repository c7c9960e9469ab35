/** Personalization blocks: parts of content that deliveries include by name. */

import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { defineSchema } from "./schema.ts";

export const includeView = defineSchema({
  namespace: "nms",
  name: "includeView",
  label: "Personalization blocks",
  labelSingular: "Personalization block",
  table: "nms_include_view",
  attributes: {
    id: { type: "int64", column: "include_view_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    visible: { type: "boolean", column: "is_visible", label: "Offered in menus", default: true },
    order: { type: "long", column: "position", label: "Order", default: 0 },
    "source/html": { type: "memo", column: "html_source", label: "HTML content", isElement: true },
    "source/text": { type: "memo", column: "text_source", label: "Text content", isElement: true },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: { ...folderLink("includeView"), ...stampLinks },
  computeString: "@label",
  folderAttribute: "folder-id",
  access: { write: { right: "delivery" } },
  isAudited: true,
  restName: "personalization-blocks",
});
