/** Makes the document of a delivery out of a template and of what differs from it. */

import { requireReadable } from "#campaign/entities/require-entity.ts";
import { copyEntity } from "#datamodel/write/copy-entity.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";
import { delivery } from "#schemas/delivery.ts";

import { writeEntity } from "../../documents/write-entity.ts";

/**
 * The new delivery has an id and nothing is stored.
 * @param model internal name or id of the template
 * @throws entityUnknown, and the errors of the writer
 */
export async function draftFromModel(
  context: WriteContext,
  model: string,
  patch: XmlElement | undefined,
): Promise<XmlElement> {
  const schema = context.schemas.find("nms:delivery") ?? delivery;
  const copy = await copyEntity(context, "nms:delivery", [await requireReadable(context, "nms:delivery", model)]);
  return writeEntity(context.schemas, schema, copy, patch);
}
