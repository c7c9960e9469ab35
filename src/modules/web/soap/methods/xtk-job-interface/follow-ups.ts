/** What a job waits for after its method has answered: some methods only ask another module to work. */

import { lastAuditLine } from "#campaign/delivery/audit-store.ts";
import { followPreparation } from "#campaign/delivery/follow-preparation.ts";
import type { CallJob } from "#campaign/transfer/start-call-job.ts";
import type { Context } from "#foundation/module.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";

import type { SoapResult } from "../../define-method.ts";

type Finish = (result: SoapResult, job: CallJob) => Promise<void>;
/** Looks at what there is before the call, and answers what waits after it. */
type FollowUp = (context: Context, document: XmlElement | undefined) => Promise<Finish>;

/** By service and method. */
export const followUps: ReadonlyMap<string, FollowUp> = new Map([
  ["nms:delivery#Prepare", awaitPreparation],
  ["nms:delivery#PrepareAndStart", awaitPreparation],
]);

async function awaitPreparation({ db }: Context, document: XmlElement | undefined): Promise<Finish> {
  const id = deliveryIdOf(document);
  const lastLine = id === undefined ? 0 : await lastAuditLine(db, id);
  return async ({ entity }, job) => {
    const deliveryId = deliveryIdOf(entity) ?? id;
    if (deliveryId !== undefined) await followPreparation(db, deliveryId, lastLine, job);
  };
}

function deliveryIdOf(element: XmlElement | undefined): number | undefined {
  const id = element?.attributes.get("id") ?? "";
  return /^\d{1,15}$/.test(id) && Number(id) > 0 ? Number(id) : undefined;
}
