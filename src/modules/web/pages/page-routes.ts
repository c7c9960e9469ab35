/** The pages: which path shows what, who may see it, and how forms are kept from being forged. */

import type { FastifyInstance, FastifyReply } from "fastify";

import { isProofOf } from "#campaign/access/is-proof-of.ts";

import { isFromElsewhere } from "../http/check-origin.ts";
import type { WebContext } from "../web-context.ts";
import { showAccount, submitAccount } from "./account-page.ts";
import { addAssetRoutes } from "./assets.ts";
import { showDeliveries } from "./deliveries-page.ts";
import { showDelivery } from "./delivery-page.ts";
import { answerError, sendErrorPage, sendHtml } from "./error-page.ts";
import type { Html } from "./html.ts";
import { showInbox } from "./inbox-page.ts";
import { sendMessageFrame, sendMessageSource, showMessage } from "./message-page.ts";
import { showLogon, submitLogoff, submitLogon } from "./logon-page.ts";
import { showModules } from "./modules-page.ts";
import { admitCall, languageOf, openCall, type PageCall, type PublicCall, valueOf } from "./page-call.ts";
import { textsOf } from "./texts.ts";
import { showThroughput } from "./throughput-page.ts";

export const logonPath = "/nl/jsp/logon.jsp";

/** A page answers markup, or has answered already. */
type Answer = Promise<Html | FastifyReply>;

/** Adds every page. */
export async function addPageRoutes(root: FastifyInstance, web: WebContext): Promise<void> {
  root.setNotFoundHandler((request, reply) =>
    sendErrorPage(textsOf(languageOf(request, undefined), "UTC"), reply, "notFound"),
  );
  root.setErrorHandler((error, request, reply) => answerError(web, error, request, reply));
  addAssetRoutes(root);

  const open = (path: string, show: (call: PublicCall) => Answer): void => {
    root.get(path, async (request, reply) => finish(reply, await show(await openCall(web, request, reply))));
  };
  const page = (path: string, show: (call: PageCall) => Answer): void =>
    open(path, async (call) => {
      const admitted = await admitCall(call);
      return admitted === undefined ? toLogon(call) : show(admitted);
    });
  const form = (path: string, submit: (call: PageCall) => Answer): void => {
    root.post(path, async (request, reply) => {
      const call = await openCall(web, request, reply);
      if (isFromElsewhere(request)) return sendErrorPage(call.texts, reply, "forged");
      const admitted = await admitCall(call);
      if (admitted === undefined) return toLogon(call);
      return isForged(admitted) ? sendErrorPage(call.texts, reply, "forged") : finish(reply, await submit(admitted));
    });
  };

  open(logonPath, showLogon);
  root.get("/login", async (_, reply) => reply.redirect(logonPath, 303));
  root.post(logonPath, async (request, reply) => {
    const call = await openCall(web, request, reply);
    return isFromElsewhere(request)
      ? sendErrorPage(call.texts, reply, "forged")
      : finish(reply, await submitLogon(call));
  });
  page("/", async ({ reply }) => reply.redirect("/modules", 303));
  page("/modules", showModules);
  page("/deliveries", showDeliveries);
  page("/deliveries/:id", showDelivery);
  page("/inbox", showInbox);
  page("/inbox/:id", showMessage);
  page("/inbox/:id/frame", sendMessageFrame);
  page("/inbox/:id/source", sendMessageSource);
  page("/throughput", showThroughput);
  page("/account", showAccount);
  form("/account", submitAccount);
  form("/logoff", submitLogoff);
}

function finish(reply: FastifyReply, answer: Html | FastifyReply): FastifyReply {
  return "markup" in answer ? sendHtml(reply, answer) : answer;
}

function toLogon({ request, reply }: PublicCall): FastifyReply {
  const next =
    request.method === "GET" && request.url !== "/" ? `?next=${encodeURIComponent(request.url.slice(0, 500))}` : "";
  return reply.redirect(logonPath + next, 303);
}

function isForged({ context, request, session }: PageCall): boolean {
  return !isProofOf(context, session.token, valueOf(request.body, "securityToken"));
}
