/** The frame of every page: head, menu, content. */

import { hasRight } from "#campaign/access/operator.ts";

import { stylesheet, refreshScript, icon } from "./assets.ts";
import { type Html, html } from "./html.ts";
import type { PageCall } from "./page-call.ts";
import type { Texts } from "./texts.ts";

export type Section = "modules" | "deliveries" | "inbox" | "throughput" | "account";

type Page = {
  readonly title: string;
  readonly section: Section;
  readonly content: Html;
  /** The page fetches itself again so often, in seconds. */
  readonly refreshSec?: number;
};

/** A page of an operator who is logged on. */
export function renderPage(call: PageCall, page: Page): Html {
  const { texts, session, context } = call;
  const link = (section: Section, path: string, label: string): Html =>
    html`<li><a href="${path}"${page.section === section ? html` aria-current="page"` : ""}>${label}</a></li>`;
  return renderDocument(
    texts,
    page.title,
    html`
<a class="skip" href="#content">${texts.say("nav.skip")}</a>
<header class="bar">
  <a class="brand" href="/">${icon}<span>Postrider</span></a>
  <nav aria-label="${texts.say("nav.main")}"><ul>
    ${link("modules", "/modules", texts.say("nav.modules"))}
    ${link("deliveries", "/deliveries", texts.say("nav.deliveries"))}
    ${hasRight(session.operator, "admin") && link("inbox", "/inbox", texts.say("nav.inbox"))}
    ${hasRight(session.operator, "admin") && link("throughput", "/throughput", texts.say("nav.throughput"))}
  </ul></nav>
  <div class="who">
    <span class="instance"><span class="quiet">${texts.say("nav.instance")}</span> ${context.instance}</span>
    <a href="/account"${page.section === "account" ? html` aria-current="page"` : ""} title="${texts.say("nav.account")}">${session.operator.label || session.operator.login}</a>
    <form method="post" action="/logoff">${tokenField(call)}<button class="plain">${texts.say("nav.logoff")}</button></form>
  </div>
</header>
<main id="content" tabindex="-1"${page.refreshSec === undefined ? "" : html` data-refresh="${page.refreshSec}"`}>
${page.content}
</main>`,
    page.refreshSec,
  );
}

/** A page without a menu, for who is not logged on. */
export function renderPlainPage(texts: Texts, title: string, content: Html): Html {
  return renderDocument(
    texts,
    title,
    html`<main id="content" class="lone"><p class="brand">${icon}<span>Postrider</span></p>${content}</main>`,
  );
}

/** Stands in every form of a session. */
export function tokenField({ securityToken }: PageCall): Html {
  return html`<input type="hidden" name="securityToken" value="${securityToken}">`;
}

function renderDocument(texts: Texts, title: string, body: Html, refreshSec?: number): Html {
  return html`<!doctype html>
<html lang="${texts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Postrider</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${stylesheet.path}">
${refreshSec === undefined ? "" : html`<script src="${refreshScript.path}" defer></script><noscript><meta http-equiv="refresh" content="${refreshSec}"></noscript>`}
</head>
<body>${body}</body>
</html>
`;
}
