/** Who may read or write rows of a schema at all. */

import type { Admission, Schema } from "#schemas/schema.ts";

import { holdsRight, isServer, type Viewer } from "../viewer.ts";

/**
 * True when the schema is there for the viewer. To one who may not read it, it must look as if it did not exist, on
 * every road that leads to it.
 */
export function mayAccess(schema: Schema, viewer: Viewer, purpose: "read" | "write"): boolean {
  if (isServer(viewer)) return true;
  if (schema.isHidden === true || !admits(schema.access?.read, viewer)) return false;
  return purpose === "read" || admits(schema.access?.write, viewer);
}

function admits(admission: Admission | undefined, viewer: Viewer): boolean {
  if (admission === undefined || admission === "session") return true;
  if (admission === "server") return false;
  return holdsRight(viewer, admission === "admin" ? "admin" : admission.right);
}
