/** Has a method called in the background, with the rights of whoever submits it. */

import { startCallJob } from "#campaign/transfer/start-call-job.ts";
import type { ParameterValue } from "#protocols/soap/parameter-types.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";

import { jobCallInvalid, methodNotYet } from "../../../errors.ts";
import type { SoapMethod } from "../../define-method.ts";
import { withCode } from "../../describe-fault.ts";
import { admitCaller, invokeMethod } from "../../invoke-method.ts";
import type { SoapCall } from "../../soap-call.ts";
import { followUps } from "./follow-ups.ts";
import { writeResponse } from "./write-response.ts";

/** Services whose methods make no sense in the background. */
const notInBackground = ["xtk:jobInterface", "xtk:session"];

export type JobOrder = {
  readonly service: string;
  readonly method: string;
  readonly document: XmlElement | undefined;
  readonly readInputs: (method: SoapMethod) => readonly ParameterValue[];
};

/**
 * Begins a job; what is wrong with the call itself is a fault at once.
 * @throws unknownService, unknownMethod, jobCallInvalid, methodNotYet, rightMissing, tooManyJobs
 */
export async function submitJob(
  call: SoapCall,
  { service, method: name, document, readInputs }: JobOrder,
): Promise<{ readonly id: number; readonly ended: Promise<void> }> {
  // The list of methods holds this one: at the top of the file each would wait for the other.
  const { findMethod } = await import("../../find-method.ts");
  const caller = await call.requireCaller();
  const { method, target } = findMethod(service, name);
  const { declaration } = method;
  if (notInBackground.includes(method.service))
    throw jobCallInvalid({ problem: `methods of ${method.service} cannot run in the background` });
  if (declaration.notYet !== undefined)
    throw methodNotYet({ service: method.service, method: declaration.name, reason: declaration.notYet });
  const findCaller = (): Promise<typeof caller> => Promise.resolve(caller);
  await admitCaller(method, findCaller);
  const inputs = readInputs(method);
  const { context, client } = call;
  const invocation = { context, findCaller, client, method, target, document, inputs };
  const order = {
    label: `${target}#${declaration.name}`,
    parameters: { service: method.service, method: declaration.name },
    objectSchema: target,
    objectId: idOf(document),
    createdBy: caller.operator.operatorId,
  };
  return startCallJob(context, order, async (job) => {
    const followUp = followUps.get(`${method.service}#${declaration.name}`);
    const finish = await followUp?.(context, document);
    await job.note("info", `${declaration.label}.`);
    const result = await invokeMethod(invocation).catch((error: unknown) => {
      throw withCode(error);
    });
    await finish?.(result, job);
    return { response: writeResponse(method, result) };
  });
}

function idOf(document: XmlElement | undefined): number {
  const id = document?.attributes.get("id") ?? "";
  return /^\d{1,15}$/.test(id) ? Number(id) : 0;
}
