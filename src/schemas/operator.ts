/** The people and programs that may log on. */

import { defineSchema } from "./schema.ts";

export const operator = defineSchema({
  namespace: "xtk",
  name: "operator",
  label: "Operators",
  labelSingular: "Operator",
  table: "xtk_operator",
  attributes: {
    id: { type: "int64", column: "operator_id", label: "Primary key", sequenceCache: 20 },
    name: { type: "string", column: "name", label: "Name", required: true },
    label: { type: "string", column: "label", label: "Label", default: "" },
    email: { type: "string", column: "email", label: "E-mail" },
    passwordHash: { type: "string", column: "password_hash", label: "Password hash", isInternal: true },
    locale: { type: "string", column: "locale", label: "Language", default: "en" },
    timezone: { type: "string", column: "timezone", label: "Timezone", default: "UTC" },
    disabled: { type: "boolean", column: "is_disabled", label: "Disabled", default: false },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
    lastModified: { type: "datetime", column: "last_modified", label: "Last modified", default: "now" },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
});
