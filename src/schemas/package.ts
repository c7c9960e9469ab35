/** Packages of configuration that were installed. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const installedPackage = defineSchema({
  namespace: "xtk",
  name: "package",
  label: "Packages",
  labelSingular: "Package",
  table: "xtk_package",
  attributes: {
    id: { type: "int64", column: "package_id", label: "Primary key", sequenceCache: 20 },
    namespace: { type: "string", column: "namespace", label: "Namespace", required: true, length: 30 },
    name: { type: "string", column: "name", label: "Name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    vendor: { type: "string", column: "vendor", label: "Vendor", default: "", length: 200 },
    buildVersion: { type: "string", column: "build_version", label: "Version", default: "", length: 50 },
    buildNumber: { type: "string", column: "build_number", label: "Build", default: "", length: 50 },
    installed: { type: "datetime", column: "installed", label: "Installed", default: "now" },
    "installedBy-id": { type: "int64", column: "installed_by", label: "Installed by", default: 0 },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["namespace", "name"] }],
  links: { installedBy: linkToOne("Installed by", "xtk:operator", "installedBy-id") },
  computeString: "@namespace + ':' + @name",
  access: { write: "admin" },
  isAudited: true,
});
