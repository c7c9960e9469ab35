/** Logging on and off in a browser. */

import type { FastifyReply } from "fastify";

import { logOff } from "#campaign/access/log-off.ts";
import { logOn } from "#campaign/access/log-on.ts";
import { parseSessionToken } from "#campaign/access/tokens.ts";
import { isPostriderError, unreachable } from "#foundation/errors.ts";

import { clearSessionCookie, sessionCookie, setSessionCookie } from "../http/session-cookie.ts";
import { sendHtml } from "./error-page.ts";
import { type Html, html } from "./html.ts";
import { renderPlainPage } from "./layout.ts";
import { type PageCall, type PublicCall, valueOf } from "./page-call.ts";

type Notice = { readonly text: string; readonly isBad: boolean };

/** The form. */
export async function showLogon({ texts, request }: PublicCall): Promise<Html> {
  const said = valueOf(request.query, "said");
  const notice =
    said === "ended"
      ? texts.say("logon.ended")
      : said === "passwordChanged"
        ? texts.say("logon.passwordChanged")
        : undefined;
  return renderLogon(texts, {
    login: "",
    next: valueOf(request.query, "next"),
    notice: notice === undefined ? undefined : { text: notice, isBad: false },
  });
}

/** Checks the form, opens a session of its own and ends the one the browser had. */
export async function submitLogon(call: PublicCall): Promise<FastifyReply> {
  const { context, request, reply, texts } = call;
  const login = valueOf(request.body, "login");
  const next = valueOf(request.body, "next");
  const isRemembered = valueOf(request.body, "remember") === "on";
  const refuse = (status: number, text: string): FastifyReply =>
    sendHtml(reply.code(status), renderLogon(texts, { login, next, notice: { text, isBad: true } }));
  try {
    const outcome = await logOn(context, {
      login,
      password: passwordOf(request.body),
      ...request.client,
      isRemembered,
      isForConsole: true,
    });
    switch (outcome.kind) {
      case "refused":
        return refuse(403, texts.say("logon.refused"));
      case "elsewhere":
        return refuse(403, texts.say("logon.elsewhere"));
      case "insecure":
        return refuse(403, texts.say("logon.insecure"));
      case "slowed":
        reply.header("retry-after", String(outcome.waitSec));
        return refuse(429, texts.say("logon.slowed", { seconds: outcome.waitSec }));
      case "opened": {
        const former = parseSessionToken(request.cookies[sessionCookie] ?? "");
        if (former !== undefined) await logOff(context, former, outcome.operator.login);
        setSessionCookie(request, reply, outcome.token, isRemembered ? outcome.lifeSec : undefined);
        return reply.redirect(localPath(next), 303);
      }
      default:
        return unreachable(outcome);
    }
  } catch (error) {
    if (isPostriderError(error) && error.code === "XSV-350101") return refuse(503, texts.say("logon.busy"));
    throw error;
  }
}

/** Ends the session and takes the cookie back. */
export async function submitLogoff({ context, request, reply, session }: PageCall): Promise<FastifyReply> {
  await logOff(context, session.token, session.operator.login);
  clearSessionCookie(request, reply);
  return reply.redirect("/nl/jsp/logon.jsp?said=ended", 303);
}

/** A password is taken as it was typed, whatever characters it holds. */
export function passwordOf(body: unknown, name = "password"): string {
  const value =
    typeof body === "object" && body !== null && Object.hasOwn(body, name)
      ? (body as Record<string, unknown>)[name]
      : "";
  return typeof value === "string" ? value : "";
}

/** Where to go after logging on: a path of ours, never another site. */
function localPath(next: string): string {
  return /^\/(?![/\\])[\w\-./?=&%,+:@]*$/.test(next) ? next : "/modules";
}

function renderLogon(
  texts: PublicCall["texts"],
  given: { login: string; next: string; notice: Notice | undefined },
): Html {
  const { login, next, notice } = given;
  return renderPlainPage(
    texts,
    texts.say("logon.title"),
    html`
<h1>${texts.say("logon.title")}</h1>
${notice !== undefined && html`<p class="notice ${notice.isBad ? "bad" : "good"}" role="${notice.isBad ? "alert" : "status"}">${notice.text}</p>`}
<form method="post" action="/nl/jsp/logon.jsp" class="stacked">
  <input type="hidden" name="next" value="${next}">
  <label for="login">${texts.say("logon.login")}</label>
  <input id="login" name="login" value="${login.slice(0, 80)}" autocomplete="username" autocapitalize="none" spellcheck="false" required${login === "" && html` autofocus`}>
  <label for="password">${texts.say("logon.password")}</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required${login !== "" && html` autofocus`}>
  <label class="check"><input type="checkbox" name="remember"> ${texts.say("logon.remember")}</label>
  <button>${texts.say("logon.submit")}</button>
</form>`,
  );
}
