/** What the plain pages that programs ask share: who asks, and how a refusal reads. */

import type { FastifyReply, FastifyRequest } from "fastify";

import { findCallersSession } from "#campaign/access/admit-caller.ts";
import { sessionInvalid } from "#campaign/access/errors.ts";
import type { Session } from "#campaign/access/find-session.ts";
import { describeError, type PostriderError } from "#foundation/errors.ts";

import { classifyError, httpStatusOf } from "../../http/classify-error.ts";
import { headerOf } from "../../http/header-of.ts";
import { sessionCookie } from "../../http/session-cookie.ts";
import type { WebContext } from "../../web-context.ts";
import type { PublicCall } from "../page-call.ts";

export const plainText = "text/plain; charset=utf-8";

/** Answers a call whose session is known; also that of a probe. */
type Answer = (call: PublicCall, session: Session) => Promise<FastifyReply>;

/** The session token that a program put into a header, or that a browser sent along. */
export function presentedToken(request: FastifyRequest): {
  readonly sessionToken: string;
  readonly isFromCookie: boolean;
} {
  const header = headerOf(request, "x-session-token");
  return header === undefined
    ? { sessionToken: request.cookies[sessionCookie] ?? "", isFromCookie: true }
    : { sessionToken: header, isFromCookie: false };
}

/**
 * Lets only those with a session through: a browser is sent to the logon page, anything else is refused.
 * @throws zoneRefused
 */
export function needsSession(answer: Answer): (call: PublicCall) => Promise<FastifyReply> {
  return async (call) => {
    const { context, request, reply } = call;
    const session = await findCallersSession(context, request.client, presentedToken(request).sessionToken);
    if (session !== undefined) return answer(call, session);
    if (request.headers.accept?.includes("text/html") === true)
      return reply.redirect(`/nl/jsp/logon.jsp?next=${encodeURIComponent(request.url.slice(0, 500))}`, 303);
    return sendRefusal(reply, 403, sessionInvalid());
  };
}

/** Answers an error in one line of text; what the client need not know goes to the log. */
export function answerPlainError({ host }: WebContext, error: unknown, reply: FastifyReply): FastifyReply {
  const layerStatus = httpStatusOf(error);
  if (layerStatus !== undefined)
    return reply.code(layerStatus).type(plainText).send("The request is not acceptable.\n");
  const { status, error: told, reference } = classifyError(error);
  if (status === 503) host.log.warning("web.page_unavailable", { reason: describeError(error) });
  if (reference !== undefined)
    host.log.error("web.page_failed", {
      reference,
      reason: describeError(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  // Clients take 403 and the code as the sign to log on again, as Classic answers here.
  return sendRefusal(reply, status === 401 ? 403 : status, told);
}

function sendRefusal(reply: FastifyReply, status: number, { code, message }: PostriderError): FastifyReply {
  if (status === 503) reply.header("retry-after", "5");
  return reply.code(status).type(plainText).send(`${code} ${message}\n`);
}
