/** One message of the built-in mailbox: as a mail reader shows it, and what it is made of. */

import type { FastifyReply } from "fastify";

import type { InboxMessage } from "#campaign/inbox/read-inbox-message.ts";

import { mailFramePolicy } from "../http/security-headers.ts";
import { sendErrorPage, sendHtml } from "./error-page.ts";
import { type Html, html, safeLink } from "./html.ts";
import { renderPage } from "./layout.ts";
import { numberOf, type PageCall } from "./page-call.ts";
import { mayRead } from "./page-rights.ts";
import type { Texts } from "./texts.ts";

/** More source than this is for a download. */
const mostSourceShown = 200_000;

/** The page. */
export async function showMessage(call: PageCall): Promise<Html | FastifyReply> {
  const { texts } = call;
  const message = await find(call);
  if (message === undefined) return sendErrorPage(texts, call.reply, "notFound");
  const title = message.subject || texts.say("inbox.noSubject");
  const content = html`
<p class="crumb"><a href="/inbox">${texts.say("inbox.all")}</a></p>
<h1><bdi>${title}</bdi></h1>
<dl class="facts card">
  <dt>${texts.say("inbox.from")}</dt><dd><bdi>${message.from}</bdi></dd>
  <dt>${texts.say("inbox.to")}</dt><dd><bdi>${message.envelopeTo}</bdi></dd>
  <dt>${texts.say("message.returnPath")}</dt><dd class="code">${message.envelopeFrom}</dd>
  <dt>${texts.say("message.messageId")}</dt><dd class="code">${message.messageId}</dd>
  <dt>${texts.say("inbox.received")}</dt><dd>${texts.moment(message.received)}</dd>
  <dt>${texts.say("inbox.verdict")}</dt><dd>${texts.say(`verdict.${message.verdict}`)}</dd>
</dl>
${message.html !== undefined && renderFrame(texts, message)}
${message.text !== undefined && message.text.trim() !== "" && html`<section class="card" aria-labelledby="text"><h2 id="text">${texts.say("message.text")}</h2><pre tabindex="0" dir="auto">${message.text}</pre></section>`}
${message.files.length > 0 && renderFiles(texts, message.files)}
${renderLinks(texts, message.links)}
${renderHeaders(texts, message)}
${renderSource(texts, message)}`;
  return renderPage(call, { title, section: "inbox", content });
}

/** The mail's own HTML, for the frame: it runs nothing, loads nothing, and has an origin of its own. */
export async function sendMessageFrame(call: PageCall): Promise<FastifyReply> {
  const message = await find(call);
  if (message?.html === undefined) return sendErrorPage(call.texts, call.reply, "notFound");
  // This is the mail's markup on purpose: what it may do is decided by the policy, not by rewriting it.
  const markup = { markup: withNewWindows(message.html) };
  return sendHtml(
    call.reply.headers({ "content-security-policy": mailFramePolicy, "x-frame-options": "SAMEORIGIN" }),
    markup,
  );
}

/** The bytes as they were received, to be stored and not shown. */
export async function sendMessageSource(call: PageCall): Promise<FastifyReply> {
  const message = await find(call);
  if (message === undefined) return sendErrorPage(call.texts, call.reply, "notFound");
  return call.reply
    .type("message/rfc822")
    .header("content-disposition", `attachment; filename="message-${message.id}.eml"`)
    .send(message.source);
}

async function find(call: PageCall): Promise<InboxMessage | undefined> {
  const { context, request } = call;
  if (!(await mayRead(call, "nms:inboxMessage"))) return undefined;
  // The parser of mails is loaded when the first one is looked at: most processes of web never show any.
  const { readInboxMessage } = await import("#campaign/inbox/read-inbox-message.ts");
  return readInboxMessage(context.db, numberOf(request.params, "id") ?? 0);
}

/** Links of the mail open in a new window: the frame itself may lead nowhere. */
function withNewWindows(mail: string): string {
  const base = '<base target="_blank">';
  const head = /<head(?:\s[^>]*)?>/i.exec(mail);
  return head === null
    ? base + mail
    : mail.slice(0, head.index + head[0].length) + base + mail.slice(head.index + head[0].length);
}

function renderFrame(texts: Texts, { id }: InboxMessage): Html {
  return html`<section class="card" aria-labelledby="rendered">
<h2 id="rendered">${texts.say("message.rendered")}</h2>
<iframe class="mail" src="/inbox/${id}/frame" title="${texts.say("message.frame")}" sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" loading="lazy"></iframe>
<p class="quiet">${texts.say("message.remote")}</p>
</section>`;
}

function renderFiles(texts: Texts, files: InboxMessage["files"]): Html {
  return html`<section class="card" aria-labelledby="files">
<h2 id="files">${texts.say("message.files")}</h2>
<ul>${files.map(({ name, type, size }) => html`<li><bdi>${name}</bdi> <span class="code">${type}, ${Math.ceil(size / 1_024)} KB</span></li>`)}</ul>
</section>`;
}

function renderLinks(texts: Texts, links: readonly string[]): Html {
  return html`<section class="card" aria-labelledby="links">
<h2 id="links">${texts.say("message.links")}</h2>
${
  links.length === 0
    ? html`<p class="empty">${texts.say("message.noLinks")}</p>`
    : html`<ol class="links">${links.map((link) => html`<li class="code">${renderLink(texts, link)}</li>`)}</ol>`
}
</section>`;
}

function renderLink(texts: Texts, link: string): Html {
  const address = safeLink(link);
  if (address === undefined) return html`${link}`;
  return html`<a href="${address}" target="_blank" rel="noopener noreferrer">${link}<span class="hidden"> (${texts.say("message.opens")})</span></a>`;
}

function renderHeaders(texts: Texts, { headers }: InboxMessage): Html {
  return html`<details class="card">
<summary>${texts.say("message.headers")}</summary>
<table class="code">
  <thead class="hidden"><tr><th scope="col">${texts.say("message.header")}</th><th scope="col">${texts.say("message.value")}</th></tr></thead>
  <tbody>${headers.map(({ name, value }) => html`<tr><th scope="row">${name}</th><td class="long">${value}</td></tr>`)}</tbody>
</table>
</details>`;
}

function renderSource(texts: Texts, { id, source }: InboxMessage): Html {
  return html`<details class="card">
<summary>${texts.say("message.source")}</summary>
<p><a href="/inbox/${id}/source" download>${texts.say("message.download")}</a></p>
<pre tabindex="0">${source.subarray(0, mostSourceShown).toString("utf8")}</pre>
</details>`;
}
