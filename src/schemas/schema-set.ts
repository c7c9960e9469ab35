/** The schemas that queries and writers work with: the product's own, or those with an instance's extensions merged in. */

import { findSchema, schemas } from "./index.ts";
import type { Schema } from "./schema.ts";

export type SchemaSet = {
  /** The schema of a name such as `nms:recipient`; undefined when there is none. */
  find(id: string): Schema | undefined;
  all(): readonly Schema[];
  /** Changes whenever a schema does: what is derived from the schemas is kept under it. */
  readonly version: string;
};

/** The schemas as the product ships them. */
export const builtInSchemas: SchemaSet = { find: findSchema, all: () => schemas, version: "built-in" };
