/** Schemas and other documents that clients keep: sent again only when they have changed. */

import { mayAccess } from "#datamodel/rights/may-access.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";
import { persistService } from "#schemas/persist-service.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { findService } from "#schemas/services.ts";

import { entityNotFound } from "../../../errors.ts";
import { defineMethod } from "../../define-method.ts";
import { readPrimaryKey } from "../../documents/read-primary-key.ts";
import { readStoredDocument } from "../../read-stored-document.ts";
import { schemaDocument } from "../../schemas/schema-document.ts";
import type { SoapCall } from "../../soap-call.ts";

/**
 * What services without a table offer is public: a client without a session needs it to call what is open to everyone.
 * Answers nothing when the client's copy is the same, or when there is no such entity and it need not exist.
 * @throws sessionInvalid for anything that is not public, entityNotFound
 */
export const getEntityIfMoreRecent = defineMethod(
  persistService,
  "GetEntityIfMoreRecent",
  async (call, pk, md5, mustExist) => {
    const key = readPrimaryKey(pk);
    const [name = ""] = key?.values ?? [];
    const found =
      key?.schema === "xtk:schema" ? await findSchemaDocument(call, name) : await findStored(call, key, name);
    if (found === undefined && mustExist) throw entityNotFound({ entity: pk.slice(0, 200) });
    return [found === undefined || found.attributes.get("md5") === md5 ? undefined : found];
  },
);

async function findSchemaDocument(call: SoapCall, name: string): Promise<XmlElement | undefined> {
  if (findService(name) !== undefined && builtInSchemas.find(name) === undefined)
    return schemaDocument(builtInSchemas, name);
  const { schemas, viewer } = await call.dataContext();
  const schema = schemas.find(name);
  return schema !== undefined && mayAccess(schema, viewer, "read") ? schemaDocument(schemas, name) : undefined;
}

/** What operators wrote; of a schema that the product ships, its document in place of a source. */
async function findStored(
  call: SoapCall,
  key: { readonly schema: string } | undefined,
  name: string,
): Promise<XmlElement | undefined> {
  const context = await call.dataContext();
  if (key === undefined) return undefined;
  const stored = await readStoredDocument(context, key.schema, name);
  if (stored !== undefined || key.schema !== "xtk:srcSchema") return stored;
  const shipped = builtInSchemas.find(name);
  if (shipped === undefined || !mayAccess(shipped, context.viewer, "read")) return undefined;
  const document = schemaDocument(builtInSchemas, name);
  return (
    document && {
      ...document,
      name: "srcSchema",
      attributes: new Map([...document.attributes, ["xtkschema", "xtk:srcSchema"]]),
    }
  );
}
