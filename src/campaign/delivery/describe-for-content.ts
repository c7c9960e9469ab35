/** The delivery as `<%@ value object='delivery' %>` and `<%@ foreach %>` see it. */

import type { DeliveryContent } from "#campaign/content/analyze-content.ts";
import type { Tree } from "#campaign/content/directives/read-path.ts";

import type { Delivery } from "./delivery.ts";

/** Its names, its mail parameters, and the variables that were given to it. */
export function describeForContent(
  delivery: DeliveryContent &
    Partial<Pick<Delivery, "deliveryId" | "label" | "internalName">> & { readonly data: unknown },
): Tree {
  const { deliveryId, label, internalName, subject, fromName, fromAddress, replyToAddress, data } = delivery;
  return {
    id: deliveryId ?? 0,
    label: label ?? "",
    internalName: internalName ?? "",
    mailParameters: { subject, senderName: fromName, senderAddress: fromAddress, replyAddress: replyToAddress },
    variables: { var: readVariables(data) },
  };
}

/** `variables` is a list of objects with a name and values beside it, or an object with such a list as `var`. */
function readVariables(data: unknown): readonly Tree[] {
  const stored = typeof data === "object" && data !== null && "variables" in data ? data.variables : undefined;
  const list: unknown = typeof stored === "object" && stored !== null && "var" in stored ? stored.var : stored;
  if (!Array.isArray(list)) return [];
  return list.flatMap((variable: unknown): Tree[] => {
    if (typeof variable !== "object" || variable === null) return [];
    const values = Object.entries(variable).flatMap(([name, value]): [string, Tree][] =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [[name, value]] : [],
    );
    return [Object.fromEntries(values)];
  });
}
