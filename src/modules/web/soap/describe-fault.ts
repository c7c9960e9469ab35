/** Turns an error into what the client is told: a fault, or for logons a plain refusal as Classic sends it. */

import { sessionInvalid } from "#campaign/access/errors.ts";
import { describeError, isPostriderError, type PostriderError } from "#foundation/errors.ts";
import { SoapError, type SoapProblem } from "#protocols/soap/soap-error.ts";
import type { Fault, FaultCode } from "#protocols/soap/write-envelope.ts";

import {
  databaseAway,
  databaseUnwritable,
  envelopeVersionUnknown,
  headerNotUnderstood,
  messageInvalid,
  messageTooComplex,
  parameterUnreadable,
} from "../errors.ts";
import { classifyError } from "../http/classify-error.ts";

const messageErrors: { readonly [P in SoapProblem]: (parameters: { reason: string }) => PostriderError } = {
  invalid: messageInvalid,
  too_complex: messageTooComplex,
  version: envelopeVersionUnknown,
  duty: headerNotUnderstood,
  parameter: parameterUnreadable,
};

/** Codes that say that the request itself was wrong; everything else went wrong here. */
const faultCodes: Readonly<Record<string, FaultCode>> = {
  "SOP-330003": "Client",
  "SOP-330005": "Client",
  "SOP-330006": "Client",
  "SOP-330100": "Client",
  "SOP-330101": "Client",
  "SOP-330102": "VersionMismatch",
  "SOP-330103": "MustUnderstand",
  "SOP-330104": "Client",
  "SOP-330105": "Client",
  "SOP-330112": "Client",
  "SOP-330117": "Client",
  "XSV-350008": "Client",
};

/** Logons that are refused: no SOAP, but HTTP 403 and one line of text. */
const refusals = new Set(["XSV-350012", "XSV-350013", "XSV-350103"]);

const masked = "The details of this error are shown only in security zones with showErrors.";

/**
 * Describes an error as a fault.
 * @param isOpen the client's zone shows errors: the chain of causes stands in the detail
 * @returns the fault, and what only the log may say: set for defects and for a database that is away
 */
export function describeFault(error: unknown, isOpen: boolean): { fault: Fault; logged: string | undefined } {
  const { error: told, status } = classifyError(isPostriderError(error) ? error : withCode(error));
  const chain = status >= 500 ? [told] : causesOf(told);
  const fault: Fault = {
    code: faultCodes[told.code] ?? "Server",
    text: sentence(told),
    // The code of a session that ended must reach every client, which would else never log on again.
    detail: isOpen || chain.some(isSessionEnd) ? chain.map(sentence) : [masked],
  };
  const isHidden = status === 500 || told.code === databaseAway().code || told.code === databaseUnwritable().code;
  return { fault, logged: isHidden ? describeError(error) : undefined };
}

/** Logon refusals are no SOAP: HTTP 403 and one line of text. */
export function plainRefusal(
  error: unknown,
): { status: number; headers: Record<string, string>; text: string } | undefined {
  if (!isPostriderError(error)) return undefined;
  if (refusals.has(error.code)) return { status: 403, headers: {}, text: sentence(error) };
  if (error.code !== "XSV-350100") return undefined;
  return {
    status: 429,
    headers: { "retry-after": /(\d+) s\b/.exec(error.message)?.[1] ?? "1" },
    text: sentence(error),
  };
}

/** Our own errors below an error, innermost first. */
function causesOf(error: PostriderError): PostriderError[] {
  const cause = isPostriderError(error.cause) ? error.cause : withCode(error.cause);
  return [...(isPostriderError(cause) ? causesOf(cause) : []), error];
}

/** Gives what is wrong with a message its code; it has none before it is known who reads it. Other errors stay. */
export function withCode(error: unknown): unknown {
  return error instanceof SoapError ? messageErrors[error.problem]({ reason: error.message }) : error;
}

/** Clients log on again wherever they read this code, also where an error only quotes it. */
function sentence(error: PostriderError): string {
  const text = `${error.code} ${error.message}`;
  return isSessionEnd(error) ? text : text.replaceAll(sessionInvalid().code, "XSV 350008");
}

function isSessionEnd({ code }: PostriderError): boolean {
  return code === sessionInvalid().code;
}
