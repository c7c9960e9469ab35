/** Reads events as their senders write them: `<rtEvent type="..." email="..."><ctx>...</ctx></rtEvent>`. */

import { invalidEvent } from "#campaign/delivery/errors.ts";
import type { PushedEvent } from "#campaign/delivery/events/event.ts";
import { parseEvent } from "#campaign/delivery/events/parse-event.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";
import { childrenOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import { parametersUnreadable } from "../../../errors.ts";

/**
 * Reads a document that is one event.
 * @param method `PushEvent` of the service, for the fault
 * @throws parametersUnreadable
 */
export function readEvent(
  element: XmlElement | undefined,
  method: { readonly method: string; readonly service: string },
): PushedEvent {
  try {
    if (element === undefined) throw invalidEvent({ problem: "the document is empty" });
    const [ctx, second] = childrenOf(element).filter(({ name }) => name === "ctx");
    const other = childrenOf(element).find(({ name }) => name !== "ctx");
    if (other !== undefined) throw invalidEvent({ problem: `it has no element '${other.name.slice(0, 60)}'` });
    if (second !== undefined) throw invalidEvent({ problem: "it has more than one ctx" });
    return parseEvent(element.attributes, ctx === undefined ? "" : writeXml(ctx));
  } catch (cause) {
    if (isPostriderError(cause)) throw parametersUnreadable(method, { cause });
    throw cause;
  }
}
