/** Values by name, for what is no setting of a process. */

import { optionTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { stampLinks, stamps } from "./fragments.ts";
import { defineSchema } from "./schema.ts";

export const option = defineSchema({
  namespace: "xtk",
  name: "option",
  label: "Options",
  labelSingular: "Option",
  table: "xtk_option",
  attributes: {
    id: { type: "int64", column: "option_id", label: "Primary key", sequenceCache: 20 },
    name: { type: "string", column: "name", label: "Name", required: true, length: 200 },
    dataType: {
      type: "byte",
      column: "data_type",
      label: "Data type",
      description: "Says which of the values counts.",
      default: 6,
      enumeration: enumerate("dataType", optionTypes),
    },
    stringValue: { type: "string", column: "string_value", label: "String value" },
    longValue: { type: "int64", column: "long_value", label: "Long value", default: 0 },
    doubleValue: { type: "double", column: "double_value", label: "Double value", default: 0 },
    memoValue: { type: "memo", column: "memo_value", label: "Memo value" },
    timeStampValue: { type: "datetime", column: "time_stamp_value", label: "Time stamp value" },
    description: { type: "memo", column: "description", label: "Description" },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: { ...stampLinks },
  computeString: "@name",
  access: { write: "admin" },
  isAudited: true,
});
