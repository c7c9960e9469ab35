/** Answers errors as RFC 9457 problem documents: our own sentences, never a stack, a statement or a path. */

import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";

import type { FastifyReply, FastifyRequest } from "fastify";

import { describeError, isPostriderError, type PostriderError } from "#foundation/errors.ts";
import { SoapError } from "#protocols/soap/soap-error.ts";

import { parameterUnreadable } from "../errors.ts";
import { classifyError, httpStatusOf } from "../http/classify-error.ts";
import type { WebContext } from "../web-context.ts";
import { bodyTooLarge, bodyTypeRefused, requestUnreadable } from "./errors.ts";
import { type FieldError, type Refusal, refusalOf, refuse } from "./refusal.ts";

export const problemType = "application/problem+json";

/** The document; `type` is always `about:blank`, since `code` says which problem it is. */
export type Problem = {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** As docs/reference/errors.md lists it. */
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
};

/** Codes of other layers that mean something to this interface; any other has the status that all of web gives it. */
const statuses: Readonly<Record<string, number>> = {
  "XSV-350023": 403,
  "XSV-350101": 429,
  "SOP-330005": 422,
  "XSV-350063": 404,
  "ENT-100003": 404,
  "ENT-100004": 403,
  "WKF-100002": 404,
  "DLV-100001": 404,
  "DLV-100004": 409,
  "TRF-100025": 429,
  "TRF-100023": 404,
  "XTK-170903": 404,
  "XTK-170904": 404,
  "XTK-170906": 422,
  "XTK-170930": 404,
  "XTK-170936": 409,
  "XTK-170938": 404,
  "XTK-170941": 409,
  "XTK-170943": 409,
  "XTK-170942": 413,
};

/** Answers an error; what the client need not know goes to the log. */
export function sendProblem(
  web: WebContext,
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
): FastifyReply {
  const error = refusalOfLayer(thrown) ?? asRefusal(thrown);
  const { problem, headers } = describeProblem(error, request.restId || randomUUID());
  report(web, request, problem, error);
  return reply
    .code(problem.status)
    .headers({ ...(problem.status === 503 ? { "retry-after": "5" } : {}), ...headers })
    .type(problemType)
    .send(JSON.stringify(problem));
}

/** The document of an error. */
export function describeProblem(
  error: unknown,
  requestId: string,
): { problem: Problem; headers: Refusal["headers"] & object } {
  const refusal = refusalOf(error);
  const classified = classifyError(error);
  const status = refusal?.status ?? statuses[classified.error.code] ?? classified.status;
  const told = status >= 500 ? classified.error : (error as PostriderError);
  return {
    problem: {
      type: "about:blank",
      title: STATUS_CODES[status] ?? "Error",
      status,
      detail: told.message,
      code: told.code,
      requestId,
      ...(refusal?.fieldErrors === undefined ? {} : { errors: refusal.fieldErrors }),
    },
    headers: { ...headersOf(status, told), ...refusal?.headers },
  };
}

function headersOf(status: number, { message }: PostriderError): Record<string, string> {
  if (status === 401) return { "www-authenticate": 'Bearer realm="postrider"' };
  return status === 429 ? { "retry-after": /(\d+) s\b/.exec(message)?.[1] ?? "1" } : {};
}

/** What a method threw says more than that the method failed; what it found wrong with a parameter is the client's. */
function asRefusal(error: unknown): unknown {
  if (error instanceof SoapError) return parameterUnreadable({ reason: error.message });
  return isPostriderError(error) && error.code === "SOP-330011" && isPostriderError(error.cause) ? error.cause : error;
}

/** What the HTTP layer refuses by itself. */
function refusalOfLayer(error: unknown): PostriderError | undefined {
  const status = httpStatusOf(error);
  if (status === undefined) return undefined;
  if (status === 413) return refuse(bodyTooLarge({ limit: "its body has too many bytes" }), { status });
  if (status === 415) return refuse(bodyTypeRefused({ accepted: "application/json" }), { status });
  return refuse(requestUnreadable({ problem: "its length or its encoding is not what its headers say" }), { status });
}

function report({ host }: WebContext, request: FastifyRequest, problem: Problem, error: unknown): void {
  const { code, status, requestId } = problem;
  const fields = { code, status, requestId, client: request.client.address };
  if (status < 500) return host.log.debug("web.rest_refused", fields);
  if (status === 503) return host.log.warning("web.rest_unavailable", { ...fields, reason: describeError(error) });
  const stack = error instanceof Error && !isPostriderError(error) ? error.stack : undefined;
  host.log.error("web.rest_failed", { ...fields, detail: problem.detail, reason: describeError(error), stack });
}
