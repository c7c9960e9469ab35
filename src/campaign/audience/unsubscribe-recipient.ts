/** Ends the subscriptions of a recipient; or, when no service is named, takes his wish to be sent nothing more at all. */

import type { EntityInput } from "#datamodel/write/entity-input.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";

import { findServices } from "./find-services.ts";

/**
 * Neither a recipient who is unknown nor one who is not subscribed is an error.
 * @param order.services internal names, separated by commas; none = send nothing more, by any channel
 * @returns false when there is no such recipient
 * @throws serviceUnknown, tooManyServices, and the errors of the writer
 */
export async function unsubscribeRecipient(
  context: WriteContext,
  { services: names, recipient }: { readonly services: string; readonly recipient: EntityInput },
): Promise<boolean> {
  const services = await findServices(context, names);
  const collections = services.map(
    ({ id }): EntityInput => ({
      schema: "nms:subscription",
      operation: "delete",
      values: new Map([["service-id", id]]),
      links: new Map(),
      collections: new Map(),
    }),
  );
  const [written] = await writeEntities(context, [
    {
      ...recipient,
      operation: "update",
      values: services.length === 0 ? new Map([...recipient.values, ["blackList", true]]) : recipient.values,
      collections:
        services.length === 0
          ? recipient.collections
          : new Map([...recipient.collections, ["subscription", collections]]),
    },
  ]);
  return written?.key !== undefined;
}
