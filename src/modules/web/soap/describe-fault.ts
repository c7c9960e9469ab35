/** Turns an error into what the client is told: a fault, or for logons a plain refusal as Classic sends it. */

import { describeError, isPostriderError, type PostriderError } from "#foundation/errors.ts";
import { SoapError, type SoapProblem } from "#protocols/soap/soap-error.ts";
import type { Fault, FaultCode } from "#protocols/soap/write-envelope.ts";

import {
  databaseAway,
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
  "SOP-330006": "Client",
  "SOP-330100": "Client",
  "SOP-330101": "Client",
  "SOP-330102": "VersionMismatch",
  "SOP-330103": "MustUnderstand",
  "SOP-330104": "Client",
  "XSV-350008": "Client",
};

/**
 * Describes an error as a fault.
 * @returns the fault, and what only the log may say: set for defects and for a database that is away
 */
export function describeFault(error: unknown): { fault: Fault; logged: string | undefined } {
  const { error: told, status } = classifyError(
    error instanceof SoapError ? messageErrors[error.problem]({ reason: error.message }) : error,
  );
  const chain = status >= 500 ? [told] : causesOf(told);
  const fault: Fault = {
    code: faultCodes[told.code] ?? "Server",
    text: sentence(told),
    detail: chain.map(sentence),
  };
  const isHidden = status === 500 || told.code === databaseAway().code;
  return { fault, logged: isHidden ? describeError(error) : undefined };
}

/** Logon refusals are no SOAP: HTTP 403 and one line of text. */
export function plainRefusal(
  error: unknown,
): { status: number; headers: Record<string, string>; text: string } | undefined {
  if (!isPostriderError(error)) return undefined;
  if (error.code === "XSV-350012") return { status: 403, headers: {}, text: sentence(error) };
  if (error.code !== "XSV-350100") return undefined;
  return {
    status: 429,
    headers: { "retry-after": /(\d+) s\b/.exec(error.message)?.[1] ?? "1" },
    text: sentence(error),
  };
}

/** Our own errors below an error, innermost first. */
function causesOf(error: PostriderError): PostriderError[] {
  const below = isPostriderError(error.cause) ? causesOf(error.cause) : [];
  return [...below, error];
}

function sentence({ code, message }: PostriderError): string {
  return `${code} ${message}`;
}
