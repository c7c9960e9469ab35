/** Answers one SOAP request: admits the caller, reads the inputs by their place, runs it and names the outputs. */

import { admitCaller as admitSession } from "#campaign/access/admit-caller.ts";
import { findApiToken } from "#campaign/access/api-tokens/find-api-token.ts";
import { sessionInvalid } from "#campaign/access/errors.ts";
import { isPostriderError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { type ParameterValue, readParameter } from "#protocols/soap/parameter-types.ts";
import type { Envelope } from "#protocols/soap/read-envelope.ts";
import { type Output, writeAnswer } from "#protocols/soap/write-envelope.ts";
import { childrenOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import { parametersUnreadable, tokenTooNarrow } from "../errors.ts";
import type { SoapMethod, SoapResult } from "./define-method.ts";
import type { FoundMethod } from "./find-method.ts";
import { admitCaller, invokeMethod } from "./invoke-method.ts";
import { outputName, soapType } from "./parameter-names.ts";
import type { Caller, Client } from "./soap-call.ts";

/** Systems that send events know a refused session by the words of an unreadable request. */
const eventServices: ReadonlySet<string> = new Set(["nms:rtEvent", "nms:batchEvent"]);

export type SoapRequest = {
  /** Its database answers within the time that a client waits to learn that it is away. */
  readonly quickContext: Context;
  /** Its database takes the time that the work takes. */
  readonly context: Context;
  readonly envelope: Envelope;
  /** From the HTTP headers; the body's tokens come before them, and the cookie after. */
  readonly headers: {
    readonly sessionToken: string;
    readonly securityToken: string;
    readonly cookie: string;
    /** The API token of `Authorization: Bearer`, which stands for a session. */
    readonly bearer: string;
  };
  readonly client: Client;
};

/**
 * Runs the method that a request names in its body. Rights follow the body, never a header.
 * @returns the answer as XML
 * @throws sessionInvalid, rightMissing, parametersUnreadable, and what the method throws
 */
export async function callMethod(found: FoundMethod, request: SoapRequest): Promise<string> {
  return writeAnswer(
    request.envelope.service,
    found.method.declaration.name,
    outputsOf(found, await run(request, found)),
  );
}

async function run(request: SoapRequest, { method, target }: FoundMethod): Promise<SoapResult> {
  const { envelope, client } = request;
  const { declaration } = method;
  let caller: Promise<Caller> | undefined;
  const findCaller = (): Promise<Caller> => (caller ??= readCaller(request));
  // Who may not call learns nothing of what is wrong with what he sent.
  await admit(method, findCaller);
  const [first] = envelope.parameters;
  return invokeMethod({
    // A method that is open to everyone has not waited for the database yet: it must not wait long.
    context: declaration.access === "anonymous" ? request.quickContext : request.context,
    findCaller,
    client,
    method,
    target,
    document: declaration.isStatic || first === undefined ? undefined : rootWithin(first),
    inputs: readInputs(method, declaration.isStatic ? envelope.parameters : envelope.parameters.slice(1)),
  });
}

/** @throws sessionInvalid, rightMissing; for events, parametersUnreadable with the former as its cause */
async function admit(method: SoapMethod, findCaller: () => Promise<Caller>): Promise<void> {
  const { service, declaration } = method;
  try {
    await admitCaller(method, findCaller);
  } catch (cause) {
    if (!eventServices.has(service) || !isPostriderError(cause) || cause.code !== sessionInvalid().code) throw cause;
    throw parametersUnreadable({ service, method: declaration.name }, { cause });
  }
}

function readInputs({ service, declaration }: SoapMethod, given: readonly XmlElement[]): ParameterValue[] {
  const taken = declaration.parameters.filter(({ direction }) => direction !== "out");
  try {
    return taken.map(({ name, type }, index) => readParameter(soapType(type), name, given[index]));
  } catch (cause) {
    throw parametersUnreadable({ service, method: declaration.name }, { cause });
  }
}

/** The document is the only element within its parameter. */
function rootWithin(parameter: XmlElement): XmlElement | undefined {
  return childrenOf(parameter)[0];
}

/** @throws sessionInvalid, zoneRefused, tokenTooNarrow */
async function readCaller({ quickContext, envelope, headers, client }: SoapRequest): Promise<Caller> {
  const given = envelope.sessionToken || headers.sessionToken;
  if (given === "" && headers.bearer !== "") {
    const token = await findApiToken(quickContext, headers.bearer, client.address);
    if (token === undefined) throw sessionInvalid();
    if (!token.scopes.includes("*")) throw tokenTooNarrow();
    return { operator: token.operator };
  }
  return admitSession(quickContext, client, {
    sessionToken: given || headers.cookie,
    securityToken: headers.securityToken || (envelope.securityToken ?? ""),
    isFromCookie: given === "",
  });
}

function outputsOf({ method }: FoundMethod, { entity, outputs }: SoapResult): Output[] {
  const given = method.declaration.parameters.filter(({ direction }) => direction !== "in");
  const named = given.map(
    (parameter, index): Output => ({
      name: outputName(parameter),
      type: soapType(parameter.type),
      value: outputs[index],
    }),
  );
  return entity === undefined ? named : [{ name: "entity", type: "DOMElement", value: entity }, ...named];
}
