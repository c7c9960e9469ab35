/** Merges the schemas of operators as far as they can be used: one that cannot must not take the others with it. */

import { builtInSchemas } from "#schemas/schema-set.ts";
import type { Schema } from "#schemas/schema.ts";

import { mergeDocuments } from "./merge-documents.ts";
import type { SourceDocument } from "./src-schema-store.ts";

/** A schema that cannot be used, and why. */
export type LeftOut = { readonly schema: string; readonly error: unknown };

export type Fitting = { readonly schemas: readonly Schema[]; readonly leftOut: readonly LeftOut[] };

/** Merges all, or else one after another what fits to those before it. */
export function mergeWhatFits(documents: readonly SourceDocument[]): Fitting {
  try {
    return { schemas: mergeDocuments(documents), leftOut: [] };
  } catch {
    return mergeOneByOne(documents);
  }
}

function mergeOneByOne(documents: readonly SourceDocument[]): Fitting {
  let kept: readonly SourceDocument[] = [];
  let schemas = builtInSchemas.all();
  const errors = new Map<SourceDocument, unknown>();
  // Twice, since one may need another that comes after it.
  for (const document of [...documents, ...documents]) {
    if (kept.includes(document)) continue;
    try {
      schemas = mergeDocuments([...kept, document]);
      kept = [...kept, document];
      errors.delete(document);
    } catch (error) {
      errors.set(document, error);
    }
  }
  const leftOut = [...errors].map(([{ namespace, name }, error]) => ({ schema: `${namespace}:${name}`, error }));
  return { schemas, leftOut };
}
