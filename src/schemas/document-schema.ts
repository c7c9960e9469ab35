/** Entities of the configuration that are documents: they are known by namespace and name, and stored as their clients wrote them. */

import { documentFields, stampLinks } from "./fragments.ts";
import type { Schema } from "./schema.ts";

type Naming = Pick<Schema, "name" | "label" | "labelSingular" | "description" | "restName">;

/**
 * The schema of a kind of document in the namespace `xtk`: only administrators write them, and every change is audited.
 * Its table is `xtk_<name>`.
 */
export function documentSchema({ name, ...naming }: Naming) {
  const words = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return {
    namespace: "xtk",
    name,
    ...naming,
    table: `xtk_${words}`,
    attributes: {
      id: { type: "int64", column: `${words}_id`, label: "Primary key", sequenceCache: 20 },
      ...documentFields,
    },
    keys: [{ attributes: ["id"] }, { attributes: ["namespace", "name"] }],
    links: { ...stampLinks },
    documentAttribute: "document",
    computeString: "@namespace + ':' + @name",
    access: { write: "admin" },
    isAudited: true,
  } as const satisfies Schema;
}
