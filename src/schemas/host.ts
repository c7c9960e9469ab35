/** The machines that run modules of the instance. */

import { defineSchema } from "./schema.ts";

export const host = defineSchema({
  namespace: "xtk",
  name: "host",
  label: "Hosts",
  labelSingular: "Host",
  table: "xtk_host",
  attributes: {
    id: { type: "int64", column: "host_id", label: "Primary key", sequenceCache: 20 },
    name: { type: "string", column: "name", label: "Name", required: true },
    version: { type: "string", column: "version", label: "Version", required: true },
    affinities: {
      type: "string",
      column: "affinities",
      label: "IP affinities",
      description: "Those that mta declares there, separated by ;.",
      default: "",
    },
    lastHeartbeat: { type: "datetime", column: "last_heartbeat", label: "Last heartbeat", default: "now" },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  computeString: "@name",
  access: { write: "server" },
});
