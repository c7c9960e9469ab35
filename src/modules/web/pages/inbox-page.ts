/** What the built-in mailbox has received. */

import type { FastifyReply } from "fastify";

import type { InboxMessageSummary } from "#campaign/inbox/inbox-message.ts";
import { listInboxMessages } from "#campaign/inbox/list-inbox-messages.ts";

import { sendErrorPage } from "./error-page.ts";
import { type Html, html } from "./html.ts";
import { renderPage } from "./layout.ts";
import { numberOf, type PageCall, valueOf } from "./page-call.ts";
import { mayRead } from "./page-rights.ts";
import type { Texts } from "./texts.ts";

const pageSize = 50;

/** The page; `?search=` looks for a part of an address, subject or Message-ID, `?before=ID` continues below a message. */
export async function showInbox(call: PageCall): Promise<Html | FastifyReply> {
  const { texts, context, request } = call;
  // The mailbox holds everybody's mail.
  if (!(await mayRead(call, "nms:inboxMessage"))) return sendErrorPage(texts, call.reply, "notFound");
  const search = valueOf(request.query, "search").trim();
  const before = numberOf(request.query, "before");
  const rows = await listInboxMessages(context.db, {
    limit: pageSize + 1,
    search,
    ...(before === undefined ? {} : { before }),
  });
  const shown = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? shown.at(-1) : undefined;
  const searched = search === "" ? "" : `search=${encodeURIComponent(search)}&`;
  const content = html`
<div class="title"><h1>${texts.say("inbox.title")}</h1><p class="quiet">${texts.say("inbox.intro")}</p></div>
<form method="get" action="/inbox" role="search" class="inline">
  <label for="search" class="hidden">${texts.say("inbox.search")}</label>
  <input id="search" name="search" type="search" value="${search}" placeholder="${texts.say("inbox.search")}">
  <button>${texts.say("inbox.find")}</button>
  ${search !== "" && html`<a href="/inbox">${texts.say("inbox.clear")}</a>`}
</form>
${shown.length === 0 ? html`<p class="empty">${texts.say(search === "" ? "inbox.none" : "inbox.nothingFound")}</p>` : renderTable(texts, shown)}
<p class="pager">
  ${before !== undefined && html`<a href="/inbox?${searched}">${texts.say("inbox.newest")}</a>`}
  ${last !== undefined && html`<a href="/inbox?${searched}before=${last.id}" rel="next">${texts.say("inbox.older")}</a>`}
</p>`;
  return renderPage(call, { title: texts.say("inbox.title"), section: "inbox", content });
}

function renderTable(texts: Texts, rows: readonly InboxMessageSummary[]): Html {
  return html`<div class="sheet" role="region" aria-label="${texts.say("inbox.title")}" tabindex="0">
<table>
  <thead><tr>
    <th scope="col">${texts.say("inbox.to")}</th>
    <th scope="col">${texts.say("inbox.subject")}</th>
    <th scope="col">${texts.say("inbox.verdict")}</th>
    <th scope="col" class="number">${texts.say("inbox.size")}</th>
    <th scope="col">${texts.say("inbox.received")}</th>
  </tr></thead>
  <tbody>${rows.map((row) => renderRow(texts, row))}</tbody>
</table>
</div>`;
}

function renderRow(
  texts: Texts,
  { id, envelopeTo, from, subject, verdict, size, received }: InboxMessageSummary,
): Html {
  return html`<tr>
  <td class="address"><bdi>${envelopeTo}</bdi></td>
  <th scope="row"><a href="/inbox/${id}"><bdi>${subject || texts.say("inbox.noSubject")}</bdi></a><span class="below quiet"><bdi>${from}</bdi></span></th>
  <td><span class="state ${verdict === "delivered" ? "ready" : "waiting"}">${texts.say(`verdict.${verdict}`)}</span></td>
  <td class="number">${texts.bytes(size)}</td>
  <td class="moment">${texts.moment(received)}</td>
</tr>`;
}
