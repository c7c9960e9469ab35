/** Reads a document that operators store whole, such as a source schema or a form, by its namespace and name. */

import { runQuery } from "#datamodel/query-def/run-query.ts";
import { mayAccess } from "#datamodel/rights/may-access.ts";
import type { DataContext } from "#datamodel/viewer.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";

import { writeResult } from "./documents/write-result.ts";

/**
 * Reads a document with the caller's rights.
 * @param schema whose documents they are, such as `xtk:srcSchema`
 * @param name of the document, such as `cus:recipient`
 * @returns the document with its md5, or undefined when there is none
 */
export async function readStoredDocument(
  context: DataContext,
  schema: string,
  name: string,
): Promise<XmlElement | undefined> {
  const stored = context.schemas.find(schema);
  const found = /^([\w-]+):([\w.-]+)$/.exec(name);
  if (stored?.documentAttribute === undefined || found === null || !mayAccess(stored, context.viewer, "read"))
    return undefined;
  const [, namespace = "", own = ""] = found;
  const result = await runQuery(
    context,
    {
      schema,
      operation: "getIfExists",
      select: ["@namespace", "@name", "@md5", stored.documentAttribute].map((expr) => ({ expr })),
      where: [{ kind: "expression", expr: "@namespace = $(namespace) and @name = $(name)" }],
    },
    { parameters: { namespace, name: own } },
  );
  if (result.kind === "count" || result.rows.length === 0) return undefined;
  const document = writeResult(result, "get");
  return { ...document, attributes: new Map([...document.attributes, ["xtkschema", schema]]) };
}
