/** What a browser shows when a page cannot be. */

import type { FastifyReply, FastifyRequest } from "fastify";

import { isDatabaseUnwritable } from "#foundation/database-errors.ts";
import { describeError } from "#foundation/errors.ts";

import { classifyError, httpStatusOf } from "../http/classify-error.ts";
import type { WebContext } from "../web-context.ts";
import { type Html, html } from "./html.ts";
import { renderPlainPage } from "./layout.ts";
import { languageOf } from "./page-call.ts";
import { type TextKey, type Texts, textsOf } from "./texts.ts";

type Kind = "notFound" | "unavailable" | "unwritable" | "forged" | "refused" | "failed";

const statuses: { readonly [K in Kind]: number } = {
  notFound: 404,
  unavailable: 503,
  unwritable: 503,
  forged: 403,
  refused: 400,
  failed: 500,
};

/** Answers with a page of a kind. */
export function sendErrorPage(
  texts: Texts,
  reply: FastifyReply,
  kind: Kind,
  values: { status?: number; reference?: string } = {},
): FastifyReply {
  const title = texts.say(`error.${kind}`);
  const explanation: TextKey = `error.${kind}Text`;
  if (statuses[kind] === 503) reply.header("retry-after", "5");
  return sendHtml(
    reply.code(values.status ?? statuses[kind]),
    renderPlainPage(
      texts,
      title,
      html`<h1>${title}</h1><p>${texts.say(explanation, { reference: values.reference ?? "" })}</p><p><a href="/">${texts.say("error.back")}</a></p>`,
    ),
  );
}

/** Answers an error that a page threw; what the client need not know goes to the log. */
export function answerError(
  { host }: WebContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const texts = textsOf(languageOf(request, undefined), "UTC");
  const layerStatus = httpStatusOf(error);
  if (layerStatus !== undefined) return sendErrorPage(texts, reply, "refused", { status: layerStatus });
  const { status, reference } = classifyError(error);
  if (status === 503) {
    host.log.warning("web.page_unavailable", { reason: describeError(error) });
    return sendErrorPage(texts, reply, isDatabaseUnwritable(error) ? "unwritable" : "unavailable");
  }
  if (reference === undefined) return sendErrorPage(texts, reply, status === 404 ? "notFound" : "refused", { status });
  host.log.error("web.page_failed", {
    reference,
    reason: describeError(error),
    stack: error instanceof Error ? error.stack : undefined,
  });
  return sendErrorPage(texts, reply, "failed", { reference });
}

/** Sends markup. */
export function sendHtml(reply: FastifyReply, page: Html): FastifyReply {
  return reply.type("text/html; charset=utf-8").send(page.markup);
}
