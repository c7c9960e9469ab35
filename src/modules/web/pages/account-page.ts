/** The operator's own account: who he is, what he may do, another password. */

import type { FastifyReply } from "fastify";

import { changePassword } from "#campaign/access/change-password.ts";
import { internalOperator } from "#campaign/access/operator.ts";
import { isPostriderError } from "#foundation/errors.ts";

import { clearSessionCookie } from "../http/session-cookie.ts";
import { sendHtml } from "./error-page.ts";
import { type Html, html } from "./html.ts";
import { renderPage, tokenField } from "./layout.ts";
import { passwordOf } from "./logon-page.ts";
import type { PageCall } from "./page-call.ts";
import type { TextKey } from "./texts.ts";

/** The page. */
export async function showAccount(call: PageCall): Promise<Html> {
  return renderAccount(call, undefined);
}

/** Changes the password; all sessions of the operator end with it. */
export async function submitAccount(call: PageCall): Promise<FastifyReply> {
  const { context, request, reply, session } = call;
  const wanted = passwordOf(request.body, "wanted");
  const refuse = (problem: TextKey): FastifyReply => sendHtml(reply.code(422), renderAccount(call, problem));
  if (wanted !== passwordOf(request.body, "repeated")) return refuse("account.unequal");
  try {
    const present = passwordOf(request.body, "present");
    const { address } = request.client;
    const outcome = await changePassword(context, session.operator, { present, wanted, address });
    if (outcome !== "changed") return refuse(outcome === "wrong" ? "account.wrong" : "account.slowed");
  } catch (error) {
    if (isPostriderError(error) && error.code === "XSV-350102") return refuse("account.refused");
    throw error;
  }
  clearSessionCookie(request, reply);
  return reply.redirect("/nl/jsp/logon.jsp?said=passwordChanged", 303);
}

function renderAccount(call: PageCall, problem: TextKey | undefined): Html {
  const { texts } = call;
  const { operator } = call.session;
  const content = html`
<h1>${texts.say("account.title")}</h1>
<div class="columns">
<section class="card">
  <dl class="facts">
    <dt>${texts.say("account.login")}</dt><dd>${operator.login}</dd>
    <dt>${texts.say("account.rights")}</dt><dd>${operator.rights.join(", ")}</dd>
  </dl>
</section>
<section class="card" aria-labelledby="change">
  <h2 id="change">${texts.say("account.changePassword")}</h2>
  ${operator.operatorId === internalOperator.operatorId ? html`<p>${texts.say("account.internal")}</p>` : renderForm(call, problem)}
</section>
</div>`;
  return renderPage(call, { title: texts.say("account.title"), section: "account", content });
}

function renderForm(call: PageCall, problem: TextKey | undefined): Html {
  const { texts } = call;
  return html`
${problem !== undefined && html`<p class="notice bad" role="alert">${texts.say(problem)}</p>`}
<form method="post" action="/account" class="stacked">
  ${tokenField(call)}
  <input class="hidden" name="username" value="${call.session.operator.login}" autocomplete="username" tabindex="-1" aria-hidden="true" readonly>
  <label for="present">${texts.say("account.present")}</label>
  <input id="present" name="present" type="password" autocomplete="current-password" required>
  <label for="wanted">${texts.say("account.wanted")}</label>
  <input id="wanted" name="wanted" type="password" autocomplete="new-password" minlength="8" aria-describedby="rule" required>
  <p id="rule" class="quiet">${texts.say("account.rule")}</p>
  <label for="repeated">${texts.say("account.repeated")}</label>
  <input id="repeated" name="repeated" type="password" autocomplete="new-password" minlength="8" required>
  <button>${texts.say("account.submit")}</button>
</form>`;
}
