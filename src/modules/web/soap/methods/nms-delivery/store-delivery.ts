/** Stores the delivery that a method is called on, where its document says more than which one it is. */

import { requireEntity } from "#campaign/entities/require-entity.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";
import { delivery as deliverySchema } from "#schemas/delivery.ts";
import { findField } from "#schemas/fields.ts";

import { entityInvalid } from "../../documents/errors.ts";
import { readEntity } from "../../documents/read-entity.ts";
import type { SoapCall } from "../../soap-call.ts";

const keys = ["id", "internalName"];

/**
 * What the server keeps itself is left out of what is stored: clients send documents back as they got them.
 * @returns the delivery's id
 * @throws entityUnknown, entityProtected, entityInvalid, and the errors of the writer
 */
export async function storeDelivery(call: SoapCall, document: XmlElement): Promise<number> {
  const context = await call.writeContext();
  const schema = context.schemas.find("nms:delivery") ?? deliverySchema;
  const given = readEntity(context.schemas, schema, document);
  const values = new Map(
    [...given.values].filter(([path]) => {
      const declaration = findField(schema, path)?.declaration;
      return declaration === undefined || !("isReadOnly" in declaration) || !declaration.isReadOnly;
    }),
  );
  const isKeyAlone =
    given.links.size === 0 && given.collections.size === 0 && [...values.keys()].every((path) => keys.includes(path));
  if (!isKeyAlone) {
    const [written] = await writeEntities(context, [{ ...given, values }]);
    const id = written?.key?.[0];
    if (id !== undefined) return requireEntity(context, "nms:delivery", String(id));
  }
  const reference = values.get("id") ?? values.get("internalName");
  if (reference === undefined || reference === null)
    throw entityInvalid({ schema: "nms:delivery", problem: "it has neither id nor internalName" });
  return requireEntity(context, "nms:delivery", String(reference));
}
