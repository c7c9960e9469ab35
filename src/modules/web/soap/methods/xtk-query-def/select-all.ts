/** Completes a query: a node for every field of its schema. */

import { selectAll as nodesOf } from "#datamodel/query-def/select-all.ts";
import { mayAccess } from "#datamodel/rights/may-access.ts";
import { anElement, childrenOf } from "#protocols/soap/xml-element.ts";
import { findField } from "#schemas/fields.ts";
import { queryDefService } from "#schemas/query-def-service.ts";
import type { Schema } from "#schemas/schema.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { schemaOfDocumentUnknown } from "../../documents/errors.ts";

/** @throws schemaOfDocumentUnknown */
export const selectAll = defineEntityMethod(queryDefService, "SelectAll", async (call, document, isForCopy) => {
  const { schemas, viewer } = await call.dataContext();
  const id = document.attributes.get("schema")?.trim() ?? "";
  const schema = schemas.find(id);
  if (schema === undefined || !mayAccess(schema, viewer, "read"))
    throw schemaOfDocumentUnknown({ schema: id.slice(0, 200) });
  const nodes = nodesOf(schema)
    .filter(({ expr }) => !isForCopy || isCopied(schema, expr))
    .map(({ expr }) => anElement("node", { expr }));
  const others = childrenOf(document).filter(({ name }) => name !== "select");
  return { entity: { ...document, content: [anElement("select", {}, ...nodes), ...others] }, outputs: [] };
});

/** False for what a copy of the entity takes anew: its key, and what is reset. */
function isCopied(schema: Schema, expr: string): boolean {
  const path = expr.replace(/^\[(.*)\]$/, "$1").replaceAll("@", "");
  const field = findField(schema, path);
  if (field === undefined || field.kind === "computed") return field === undefined;
  return field.declaration.isResetByCopy !== true && !schema.keys[0].attributes.includes(path);
}
