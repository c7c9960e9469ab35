/** The people and programs that may log on. */

import { stampLinks, stamps } from "./fragments.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const operator = defineSchema({
  namespace: "xtk",
  name: "operator",
  label: "Operators",
  labelSingular: "Operator",
  table: "xtk_operator",
  attributes: {
    id: { type: "int64", column: "operator_id", label: "Primary key", sequenceCache: 20 },
    name: { type: "string", column: "name", label: "Login", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    email: { type: "string", column: "email", label: "E-mail", length: 320 },
    passwordHash: { type: "string", column: "password_hash", label: "Password hash", isInternal: true },
    locale: { type: "string", column: "locale", label: "Language", default: "en", length: 10 },
    timezone: { type: "string", column: "timezone", label: "Time zone", default: "UTC", length: 60 },
    disabled: { type: "boolean", column: "is_disabled", label: "Disabled", default: false },
    description: { type: "memo", column: "description", label: "Description" },
    "folder-id": {
      type: "int64",
      column: "folder_id",
      label: "Restricted to folder",
      description: "Sees and changes only what is in this folder and below; 0 = everywhere.",
      default: 0,
    },
    securityZone: {
      type: "string",
      column: "security_zone",
      label: "Security zone",
      description: "Logs on only from this zone or one within it.",
      default: "public",
      length: 100,
    },
    trustedNetworks: {
      type: "string",
      column: "trusted_networks",
      label: "Trusted addresses",
      description: "Networks from which the login alone is enough, such as 10.0.0.0/8, with commas between them.",
      default: "",
    },
    noConsoleCnx: { type: "boolean", column: "no_console_cnx", label: "No access from the console", default: false },
    sessionTimeOutSec: {
      type: "long",
      column: "session_time_out_sec",
      label: "Session time-out (s)",
      description: "0 = as the settings say.",
      default: 0,
    },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...stampLinks,
    folder: linkToOne("Restricted to folder", "xtk:folder", "folder-id"),
    operatorRight: linkToMany("Named rights", "xtk:operatorRight", "operator-id", {
      reverse: "operator",
      integrity: "owncopy",
    }),
    operatorGroupRel: linkToMany("Groups", "xtk:operatorGroupRel", "operator-id", {
      reverse: "operator",
      integrity: "owncopy",
    }),
    folderRight: linkToMany("Rights on folders", "xtk:folderRight", "operator-id", {
      reverse: "operator",
      integrity: "owncopy",
    }),
    apiToken: linkToMany("API tokens", "xtk:apiToken", "operator-id", { reverse: "operator", integrity: "own" }),
    task: linkToMany("Tasks", "nms:task", "assignee-id", { reverse: "assignee", integrity: "normal" }),
    sessionInfo: linkToMany("Sessions", "xtk:sessionInfo", "operator-id", { reverse: "operator", integrity: "own" }),
  },
  computeString: "@label + ' (' + @name + ')'",
  access: { write: "admin" },
  isAudited: true,
});
