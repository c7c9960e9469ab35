/** One delivery: its figures, and why recipients were excluded and messages failed. */

import type { FastifyReply } from "fastify";

import { broadLogStatuses } from "#schemas/codes.ts";

import {
  countDomains,
  countReasons,
  type DeliveryDetail,
  type DomainCount,
  findDelivery,
  type ReasonCount,
} from "./delivery-pages-store.ts";
import { isMoving, renderState, sayReason } from "./delivery-words.ts";
import { sendErrorPage } from "./error-page.ts";
import { type Html, html } from "./html.ts";
import { renderPage } from "./layout.ts";
import { numberOf, type PageCall } from "./page-call.ts";
import { readableRows } from "./page-rights.ts";
import type { TextKey, Texts } from "./texts.ts";

const mostDomains = 20;

/** The page. */
export async function showDelivery(call: PageCall): Promise<Html | FastifyReply> {
  const { texts, context, request, reply } = call;
  const readable = await readableRows(call, "nms:delivery", "d");
  const delivery = await findDelivery(context.db, numberOf(request.params, "id") ?? 0, readable);
  if (delivery === undefined) return sendErrorPage(texts, reply, "notFound");
  const { deliveryId, logDate, state } = delivery;
  const reasons = logDate === undefined ? [] : await countReasons(context.db, deliveryId, logDate);
  const domains = logDate === undefined ? [] : await countDomains(context.db, deliveryId, logDate, mostDomains);
  const title = delivery.label || delivery.internalName;
  const content = html`
<p class="crumb"><a href="/deliveries">${texts.say("deliveries.all")}</a></p>
<div class="title"><h1>${title}</h1>${renderState(texts, state)}</div>
${delivery.failureText !== undefined && delivery.failureText !== "" && html`<p class="notice bad"><strong>${texts.say("delivery.failure")}:</strong> ${delivery.failureText}</p>`}
${renderProgress(texts, delivery)}
${renderFigures(texts, delivery)}
<div class="columns">
${renderReasons(texts, "exclusions", reasons, broadLogStatuses.ignored, delivery.totalTarget)}
${renderReasons(texts, "failures", reasons, broadLogStatuses.failed, delivery.toDeliver)}
</div>
${renderDomains(texts, domains)}
${renderFacts(texts, delivery)}`;
  return renderPage(call, {
    title,
    section: "deliveries",
    content,
    ...(isMoving(state) ? { refreshSec: 3 } : { refreshSec: 15 }),
  });
}

function renderProgress(texts: Texts, { processed, toDeliver }: DeliveryDetail): Html {
  if (toDeliver === 0) return html``;
  const words = texts.say("delivery.progressOf", { processed, all: toDeliver });
  return html`<p class="progress"><label for="progress">${words}</label><progress id="progress" max="${toDeliver}" value="${Math.min(processed, toDeliver)}">${texts.share(processed, toDeliver)}</progress></p>`;
}

function renderFigures(texts: Texts, delivery: DeliveryDetail): Html {
  const { totalTarget, toDeliver, success } = delivery;
  const tile = (key: TextKey, value: number, note: string): Html =>
    html`<div><dt>${texts.say(key)}</dt><dd>${texts.number(value)}</dd><dd class="quiet">${note}</dd></div>`;
  return html`<h2 class="hidden">${texts.say("delivery.figures")}</h2><dl class="tiles">
  ${tile("delivery.totalTarget", totalTarget, "")}
  ${tile("delivery.reject", delivery.reject, texts.share(delivery.reject, totalTarget))}
  ${tile("delivery.toDeliver", toDeliver, texts.share(toDeliver, totalTarget))}
  ${tile("delivery.success", success, texts.share(success, toDeliver))}
  ${tile("delivery.error", delivery.error, texts.share(delivery.error, toDeliver))}
  ${delivery.bouncedLater > 0 && tile("delivery.bouncedLater", delivery.bouncedLater, texts.share(delivery.bouncedLater, toDeliver))}
  ${tile("delivery.recipientOpen", delivery.recipientOpen, texts.say("delivery.totalOpen", { count: delivery.totalOpen }))}
  ${tile("delivery.recipientClick", delivery.recipientClick, texts.say("delivery.totalClick", { count: delivery.totalClick }))}
  ${tile("delivery.optOut", delivery.optOut, texts.share(delivery.optOut, success))}
</dl>`;
}

function renderReasons(
  texts: Texts,
  kind: "exclusions" | "failures",
  counts: readonly ReasonCount[],
  status: number,
  whole: number,
): Html {
  const rows = counts.filter((count) => count.status === status);
  const none: TextKey = kind === "exclusions" ? "delivery.noExclusions" : "delivery.noFailures";
  return html`<section class="card" aria-labelledby="${kind}">
<h2 id="${kind}">${texts.say(`delivery.${kind}`)}</h2>
${
  rows.length === 0
    ? html`<p class="empty">${texts.say(none)}</p>`
    : html`<table>
  <thead><tr><th scope="col">${texts.say("delivery.reason")}</th><th scope="col" class="number">${texts.say("delivery.messages")}</th><th scope="col" class="number">%</th></tr></thead>
  <tbody>${rows.map(({ failureReason, messages }) => html`<tr><th scope="row">${sayReason(texts, failureReason)}</th><td class="number">${texts.number(messages)}</td><td class="number quiet">${texts.share(messages, whole)}</td></tr>`)}</tbody>
</table>`
}
</section>`;
}

function renderDomains(texts: Texts, rows: readonly DomainCount[]): Html {
  return html`<section class="card" aria-labelledby="domains">
<h2 id="domains">${texts.say("delivery.domains")}</h2>
${
  rows.length === 0
    ? html`<p class="empty">${texts.say("delivery.noDomains")}</p>`
    : html`<table>
  <thead><tr>
    <th scope="col">${texts.say("delivery.domain")}</th>
    <th scope="col" class="number">${texts.say("delivery.messages")}</th>
    <th scope="col" class="number">${texts.say("delivery.success")}</th>
    <th scope="col" class="number">${texts.say("delivery.error")}</th>
    <th scope="col" class="number">%</th>
    <th scope="col" class="number">${texts.say("delivery.pending")}</th>
  </tr></thead>
  <tbody>${rows.map(
    ({ domain, messages, sent, failed, pending }) => html`<tr>
    <th scope="row">${domain}</th>
    <td class="number">${texts.number(messages)}</td>
    <td class="number">${texts.number(sent)}</td>
    <td class="number">${texts.number(failed)}</td>
    <td class="number quiet">${failed > 0 && texts.share(failed, messages)}</td>
    <td class="number">${texts.number(pending)}</td>
  </tr>`,
  )}</tbody>
</table>`
}
${rows.length === mostDomains && html`<p class="quiet">${texts.say("delivery.topDomains", { count: mostDomains })}</p>`}
</section>`;
}

function renderFacts(texts: Texts, delivery: DeliveryDetail): Html {
  const { subject, fromName, fromAddress, internalName, created, prepared, started, finished } = delivery;
  const fact = (key: TextKey, value: string | undefined): Html =>
    value === undefined || value === "" ? html`` : html`<dt>${texts.say(key)}</dt><dd><bdi>${value}</bdi></dd>`;
  const moment = (value: Date | undefined): string | undefined =>
    value === undefined ? undefined : texts.moment(value);
  return html`<section class="card" aria-labelledby="facts">
<h2 id="facts">${texts.say("delivery.facts")}</h2>
<dl class="facts">
  ${fact("delivery.subject", subject)}
  ${fact("delivery.sender", fromName === "" ? fromAddress : `${fromName} <${fromAddress}>`)}
  ${fact("delivery.internalName", internalName)}
  ${fact("deliveries.created", moment(created))}
  ${fact("delivery.prepared", moment(prepared))}
  ${fact("delivery.started", moment(started))}
  ${fact("delivery.finished", moment(finished))}
</dl>
</section>`;
}
