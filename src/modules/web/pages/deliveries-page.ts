/** The list of deliveries with their figures. */

import { listDeliveries, type DeliverySummary } from "./delivery-pages-store.ts";
import { renderState } from "./delivery-words.ts";
import { type Html, html } from "./html.ts";
import { renderPage } from "./layout.ts";
import { numberOf, type PageCall } from "./page-call.ts";
import { readableRows } from "./page-rights.ts";
import type { Texts } from "./texts.ts";

const pageSize = 50;

/** The page; `?before=ID` continues below a delivery. */
export async function showDeliveries(call: PageCall): Promise<Html> {
  const { texts, context, request } = call;
  const before = numberOf(request.query, "before");
  const rows = await listDeliveries(context.db, {
    before: before ?? Number.MAX_SAFE_INTEGER,
    limit: pageSize + 1,
    readable: await readableRows(call, "nms:delivery", "d"),
  });
  const shown = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? shown.at(-1) : undefined;
  const content = html`
<h1>${texts.say("deliveries.title")}</h1>
${shown.length === 0 ? html`<p class="empty">${texts.say("deliveries.none")}</p>` : renderTable(texts, shown)}
<p class="pager">
  ${before !== undefined && html`<a href="/deliveries">${texts.say("deliveries.newest")}</a>`}
  ${last !== undefined && html`<a href="/deliveries?before=${last.deliveryId}" rel="next">${texts.say("deliveries.older")}</a>`}
</p>`;
  return renderPage(call, { title: texts.say("deliveries.title"), section: "deliveries", content, refreshSec: 10 });
}

function renderTable(texts: Texts, rows: readonly DeliverySummary[]): Html {
  return html`<div class="sheet" role="region" aria-label="${texts.say("deliveries.title")}" tabindex="0">
<table>
  <thead><tr>
    <th scope="col">${texts.say("deliveries.delivery")}</th>
    <th scope="col">${texts.say("deliveries.state")}</th>
    <th scope="col" class="number">${texts.say("deliveries.toDeliver")}</th>
    <th scope="col" class="number">${texts.say("deliveries.success")}</th>
    <th scope="col" class="number">${texts.say("deliveries.error")}</th>
    <th scope="col" class="number">${texts.say("deliveries.opened")}</th>
    <th scope="col" class="number">${texts.say("deliveries.clicked")}</th>
    <th scope="col">${texts.say("deliveries.created")}</th>
  </tr></thead>
  <tbody>${rows.map((row) => renderRow(texts, row))}</tbody>
</table>
</div>`;
}

function renderRow(texts: Texts, row: DeliverySummary): Html {
  const withShare = (value: number, whole: number): Html =>
    html`${texts.number(value)} <span class="below quiet">${value > 0 && texts.share(value, whole)}</span>`;
  return html`<tr>
  <th scope="row"><a href="/deliveries/${row.deliveryId}">${row.label || row.internalName}</a><span class="below quiet">${row.internalName}</span></th>
  <td>${renderState(texts, row.state)}</td>
  <td class="number">${texts.number(row.toDeliver)}</td>
  <td class="number">${withShare(row.success, row.toDeliver)}</td>
  <td class="number">${withShare(row.error, row.toDeliver)}</td>
  <td class="number">${withShare(row.recipientOpen, row.success)}</td>
  <td class="number">${withShare(row.recipientClick, row.success)}</td>
  <td class="moment">${texts.moment(row.created)}</td>
</tr>`;
}
