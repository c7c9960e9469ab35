/** Programs with which mails are opened and links followed. */

import { defineSchema } from "./schema.ts";

export const userAgent = defineSchema({
  namespace: "nms",
  name: "userAgent",
  label: "User agents",
  labelSingular: "User agent",
  table: "nms_user_agent",
  attributes: {
    id: { type: "int64", column: "user_agent_id", label: "Primary key", sequenceCache: 20 },
    hashKey: {
      type: "string",
      column: "hash_key",
      label: "Hash",
      description: "MD5 of what the program calls itself.",
      required: true,
      length: 32,
    },
    text: { type: "memo", column: "text", label: "User agent", required: true },
    browserName: { type: "string", column: "browser_name", label: "Browser", default: "" },
    browserVersion: { type: "string", column: "browser_version", label: "Version of the browser", default: "" },
    osName: { type: "string", column: "os_name", label: "Operating system", default: "" },
    device: { type: "string", column: "device", label: "Device", default: "" },
    isMachine: { type: "boolean", column: "is_machine", label: "A machine, no person", default: false },
    created: { type: "datetime", column: "created", label: "First seen", default: "now" },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["hashKey"] }],
  computeString: "JuxtWords3(@browserName, @osName, @device)",
  access: { write: "server" },
});
