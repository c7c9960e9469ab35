/** Reads the recipient of a call: `<recipient _key="@email" email="..."/>`. */

import type { EntityInput } from "#datamodel/write/entity-input.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";
import { recipient } from "#schemas/recipient.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { readEntity } from "../../documents/read-entity.ts";
import { requireDocument } from "../../documents/require-document.ts";

/** @throws entityInvalid */
export function readRecipient(
  { schemas }: { readonly schemas: SchemaSet },
  element: XmlElement | undefined,
): EntityInput {
  const root = requireDocument(element, "recipient");
  return readEntity(schemas, schemas.find("nms:recipient") ?? recipient, root);
}
