/** On whose behalf data is read and written: the rights that are compiled into every query and every write. */

import type { Statements } from "#foundation/database.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

export type Viewer = {
  /** 0 for the server itself and for `internal`. */
  readonly operatorId: number;
  readonly login: string;
  /** Named rights, his own and those of his groups; `admin` implies all. */
  readonly rights: readonly string[];
  readonly groupIds: readonly number[];
  /** He works only in this folder and below; 0 = everywhere. */
  readonly folderId: number;
  /** The time zone of dates in his expressions, such as `Europe/Paris`. */
  readonly timezone: string;
};

/** What every query and every write needs to know. */
export type DataContext = {
  readonly db: Statements;
  readonly schemas: SchemaSet;
  readonly viewer: Viewer;
};

/** The product's own work: sees and does everything. */
export const server: Viewer = {
  operatorId: 0,
  login: "",
  rights: ["admin"],
  groupIds: [],
  folderId: 0,
  timezone: "UTC",
};

/** True when the viewer holds a named right, or all. */
export function holdsRight(viewer: Viewer, right: string): boolean {
  return viewer.rights.includes("admin") || viewer.rights.includes(right);
}

/** True for the product's own work, which no right restricts. */
export function isServer(viewer: Viewer): boolean {
  return viewer.operatorId === 0 && viewer.login === "";
}
