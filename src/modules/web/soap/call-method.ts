/** Answers one SOAP request: finds the method, checks who calls, reads the inputs, runs it and names the outputs. */

import { sessionInvalid } from "#campaign/access/errors.ts";
import { findSession, type Session } from "#campaign/access/find-session.ts";
import { hasRight } from "#campaign/access/operator.ts";
import { isSecurityToken } from "#campaign/access/tokens.ts";
import { authenticationSettings } from "#foundation/common-settings.ts";
import { isDatabaseAway } from "#foundation/database-errors.ts";
import { isPostriderError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { type ParameterType, type ParameterValue, readParameter } from "#protocols/soap/parameter-types.ts";
import type { Envelope } from "#protocols/soap/read-envelope.ts";
import { type Output, writeAnswer } from "#protocols/soap/write-envelope.ts";
import type { MethodParameter } from "#schemas/schema.ts";

import { methodFailed, rightMissing, unknownMethod, unknownService } from "../errors.ts";
import type { SoapCall, SoapMethod } from "./define-method.ts";
import { soapMethods } from "./methods/index.ts";

export type SoapRequest = {
  readonly context: Context;
  readonly envelope: Envelope;
  /** From the HTTP headers; the body's token comes before them. */
  readonly sessionToken: string;
  readonly securityToken: string;
  /** The client's address. */
  readonly address: string;
};

/**
 * Runs the method that a request names. Rights follow the body, never a header.
 * @returns the answer as XML
 * @throws unknownService, unknownMethod, sessionInvalid, rightMissing, and what the method throws
 */
export async function callMethod(request: SoapRequest): Promise<string> {
  const { context, envelope, address } = request;
  const method = findMethod(envelope);
  const session = await admit(request, method);
  const { parameters } = method.declaration;
  const taken = parameters.filter(({ direction }) => direction !== "out");
  const inputs = taken.map(({ name, type }, index) => readParameter(soapType(type), name, envelope.parameters[index]));
  const values = await run(method, { context, session, requireSession: () => readSession(request), address }, inputs);
  const given = parameters.filter(({ direction }) => direction !== "in");
  const outputs = given.map(
    (parameter, index): Output => ({
      name: outputName(parameter),
      type: soapType(parameter.type),
      value: values[index],
    }),
  );
  return writeAnswer(envelope.service, method.declaration.name, outputs);
}

async function run(
  method: SoapMethod,
  call: SoapCall,
  inputs: readonly ParameterValue[],
): Promise<readonly ParameterValue[]> {
  try {
    return await method.run(call, inputs);
  } catch (cause) {
    // What concerns the session stands for itself: clients log on again when they read its code.
    if (!isPostriderError(cause) || cause.code.startsWith("XSV-") || isDatabaseAway(cause)) throw cause;
    throw methodFailed({ service: method.service, method: method.declaration.name }, { cause });
  }
}

function findMethod({ service, method }: Envelope): SoapMethod {
  // `interface|schema of the entity`: the interface says where the method is declared.
  const name = service.split("|", 1)[0] ?? "";
  const ofService = soapMethods.filter((known) => known.service === name);
  if (ofService.length === 0) throw unknownService({ service: name });
  const found = ofService.find((known) => known.declaration.name === method);
  if (found === undefined) throw unknownMethod({ service: name, method: method.slice(0, 100) });
  return found;
}

async function admit(request: SoapRequest, { service, declaration }: SoapMethod): Promise<Session | undefined> {
  const { access } = declaration;
  if (access === "anonymous") return undefined;
  const session = await readSession(request);
  const right = access === "session" ? undefined : typeof access === "string" ? access : access.right;
  if (right !== undefined && !hasRight(session.operator, right))
    throw rightMissing({ service, method: declaration.name, right });
  return session;
}

async function readSession({ context, envelope, sessionToken, securityToken }: SoapRequest): Promise<Session> {
  const session = await findSession(context, envelope.sessionToken || sessionToken);
  const { securityTimeOutSec } = context.settings.of(authenticationSettings);
  const proof = securityToken || (envelope.securityToken ?? "");
  if (session === undefined || !isSecurityToken(context, session.token, proof, context.clock.now(), securityTimeOutSec))
    throw sessionInvalid();
  return session;
}

/** The declared type as it travels: some have no form of their own in SOAP. */
function soapType(type: MethodParameter["type"]): ParameterType {
  if (type === "timespan") return "int64";
  return type === "blob" || type === "json" || type === "time" || type === "uuid" || type === "xml" ? "string" : type;
}

const prefixes: { readonly [T in ParameterType]?: string } = {
  string: "str",
  memo: "str",
  byte: "bt",
  long: "l",
  int64: "l",
  boolean: "b",
  datetime: "tm",
  DOMDocument: "dom",
  DOMElement: "dom",
};

/** The names that clients of Classic see: `pstrSessionToken`, `pSessionInfo`, `pdomDoc`. */
function outputName({ name, type, structure }: MethodParameter): string {
  const prefix = structure === undefined ? (prefixes[soapType(type)] ?? "") : "";
  return `p${prefix}${name.replace(/^./, (first) => first.toUpperCase())}`;
}
