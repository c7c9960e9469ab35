/** Runs a method, on whatever road it is called: finds it, checks who calls, and wraps what goes wrong. */

import { hasRight } from "#campaign/access/operator.ts";
import { isDatabaseAway } from "#foundation/database-errors.ts";
import { isPostriderError, type PostriderError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import type { ParameterValue } from "#protocols/soap/parameter-types.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";

import { documentMissing, methodFailed, rightMissing } from "../errors.ts";
import type { SoapMethod, SoapResult } from "./define-method.ts";
import { openData, openWriting } from "../open-data.ts";
import type { Caller, Client, SoapCall } from "./soap-call.ts";

export type Invocation = {
  readonly context: Context;
  /**
   * Says who calls; asked only where it matters.
   * @throws sessionInvalid
   */
  readonly findCaller: () => Promise<Caller>;
  readonly client: Client;
  readonly method: SoapMethod;
  /** The schema that the method is called for; its service's own when not given. */
  readonly target?: string;
  /** What a method that is not static is called on. */
  readonly document?: XmlElement | undefined;
  readonly inputs: readonly ParameterValue[];
};

/**
 * Admits the caller to a method.
 * @returns undefined for a method that is open to everyone
 * @throws sessionInvalid, rightMissing
 */
export async function admitCaller(
  { service, declaration }: SoapMethod,
  findCaller: Invocation["findCaller"],
): Promise<Caller | undefined> {
  const { access } = declaration;
  if (access === "anonymous") return undefined;
  const caller = await findCaller();
  const right = access === "session" ? undefined : typeof access === "string" ? access : access.right;
  if (right !== undefined && !hasRight(caller.operator, right))
    throw rightMissing({ service, method: declaration.name, right });
  return caller;
}

/**
 * Admits the caller and runs the method.
 * @throws sessionInvalid, rightMissing, methodNotYet, and methodFailed with what the method threw as its cause
 */
export async function invokeMethod(invocation: Invocation): Promise<SoapResult> {
  const { method, inputs, findCaller } = invocation;
  const { service, declaration } = method;
  const caller = await admitCaller(method, findCaller);
  if (declaration.notYet !== undefined) return method.run(makeCall(invocation, caller), inputs);
  try {
    return await method.run(makeCall(invocation, caller), inputs);
  } catch (cause) {
    if (!isPostriderError(cause) || standsForItself(cause) || isDatabaseAway(cause)) throw cause;
    throw methodFailed({ service, method: declaration.name }, { cause });
  }
}

function makeCall(invocation: Invocation, caller: Caller | undefined): SoapCall {
  const { context, client, method, document } = invocation;
  let found: Promise<Caller> | undefined;
  const requireCaller = (): Promise<Caller> =>
    (found ??= caller === undefined ? invocation.findCaller() : Promise.resolve(caller));
  return {
    context,
    caller,
    requireCaller,
    client,
    target: invocation.target ?? method.service,
    document: () => {
      if (document === undefined) throw documentMissing({ service: method.service, method: method.declaration.name });
      return document;
    },
    dataContext: async () => openData(context, (await requireCaller()).operator),
    writeContext: async () => openWriting(context, (await requireCaller()).operator, client.address),
  };
}

/** What concerns the session, so that clients log on again when they read its code; and what is wrong with the call itself. */
function standsForItself({ code }: PostriderError): boolean {
  return /^(XSV-350(008|012|013|10\d)|SOP-\d+)$/.test(code);
}
