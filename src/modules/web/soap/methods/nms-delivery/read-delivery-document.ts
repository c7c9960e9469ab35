/** Reads a delivery as the document that clients work with. */

import { runQuery } from "#datamodel/query-def/run-query.ts";
import { selectAll } from "#datamodel/query-def/select-all.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import { delivery } from "#schemas/delivery.ts";

import { writeResult } from "../../documents/write-result.ts";
import type { SoapCall } from "../../soap-call.ts";

/** The stored delivery, every field that the caller may see. */
export async function readDeliveryDocument(call: SoapCall, deliveryId: number): Promise<XmlElement> {
  const context = await call.dataContext();
  const schema = context.schemas.find("nms:delivery") ?? delivery;
  const result = await runQuery(
    context,
    {
      schema: "nms:delivery",
      operation: "getIfExists",
      select: selectAll(schema),
      where: [{ kind: "expression", expr: "@id = $(id)" }],
    },
    { parameters: { id: deliveryId } },
  );
  const found = writeResult(result, "getIfExists");
  return {
    ...found,
    attributes: new Map([...anElement("x", { xtkschema: "nms:delivery" }).attributes, ...found.attributes]),
  };
}
