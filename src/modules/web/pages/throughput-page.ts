/** What every path to the mail exchangers may do and does, and which messages wait for what: what `postrider stat -show` prints. */

import type { FastifyReply } from "fastify";

import type { StatOverview } from "#channels/permits/list-paths.ts";
import type { ShownLimit, ShownPath, Waiting } from "#channels/permits/permit-messages.ts";
import { surveyStat } from "#channels/permits/survey-stat.ts";
import { hasRight } from "#campaign/access/operator.ts";

import { sendErrorPage } from "./error-page.ts";
import { type Html, html } from "./html.ts";
import { renderPage } from "./layout.ts";
import type { PageCall } from "./page-call.ts";
import type { Texts } from "./texts.ts";

const refreshSec = 5;
const statLimitMs = 1_500;
const mostPaths = 500;

/** The page; for administrators, since one server serves several instances. */
export async function showThroughput(call: PageCall): Promise<Html | FastifyReply> {
  const { texts, context, session } = call;
  if (!hasRight(session.operator, "admin")) return sendErrorPage(texts, call.reply, "notFound");
  const { where, found } = await surveyStat(context, { limitMs: statLimitMs, mostPaths });
  const content = html`
<div class="title"><h1>${texts.say("throughput.title")}</h1><p class="quiet">${texts.say("throughput.intro")}</p></div>
${found === undefined ? html`<p class="notice bad" role="status">${texts.say("throughput.silent", { where })}</p>` : renderAll(texts, found, context.clock.now())}
<p class="quiet">${texts.say("modules.refreshes", { seconds: refreshSec })}</p>`;
  return renderPage(call, { title: texts.say("throughput.title"), section: "throughput", content, refreshSec });
}

function renderAll(texts: Texts, { overview, paths }: StatOverview, now: Date): Html {
  const waiting = paths.flatMap((path) => path.waiting);
  const messages = waiting.reduce((sum, wait) => sum + wait.messages, 0);
  return html`
${overview.pausedForMs > 0 && html`<p class="notice bad" role="status">${texts.say("throughput.paused", { span: texts.span(overview.pausedForMs) })}</p>`}
${overview.startingForMs > 0 && html`<p class="notice" role="status">${texts.say("throughput.starting", { span: texts.span(overview.startingForMs) })}</p>`}
<dl class="tiles">
  <div><dt>${texts.say("throughput.connections")}</dt><dd>${texts.number(overview.openConnections)}</dd></div>
  <div><dt>${texts.say("throughput.senders")}</dt><dd>${texts.number(overview.senders)}</dd></div>
  <div><dt>${texts.say("throughput.waiting")}</dt><dd>${texts.number(messages)}</dd></div>
</dl>
${waiting.length > 0 && renderWaiting(texts, waiting, now)}
${paths.length === 0 ? html`<p class="empty">${texts.say("throughput.none")}</p>` : renderPaths(texts, paths, now)}`;
}

function renderPaths(texts: Texts, paths: readonly ShownPath[], now: Date): Html {
  return html`<div class="sheet" role="region" aria-label="${texts.say("throughput.paths")}" tabindex="0">
<table>
  <caption>${texts.say("throughput.paths")}</caption>
  <thead><tr>
    <th scope="col">${texts.say("throughput.exchanger")}</th>
    <th scope="col" class="number">${texts.say("throughput.publicId")}</th>
    <th scope="col">${texts.say("throughput.rule")}</th>
    <th scope="col" class="number">${texts.say("throughput.connections")}</th>
    <th scope="col" class="number">${texts.say("throughput.slice")}</th>
    <th scope="col" class="number">${texts.say("throughput.hour")}</th>
    <th scope="col">${texts.say("throughput.backOff")}</th>
    <th scope="col">${texts.say("throughput.warmUp")}</th>
  </tr></thead>
  <tbody>${paths.map((path) => renderPath(texts, path, now))}</tbody>
</table>
</div>`;
}

function renderPath(texts: Texts, shown: ShownPath, now: Date): Html {
  const { path, rule, openConnections, maxConnections, slice, hour, flow, warmUp } = shown;
  const sliceEnd = slice.limit === 0 ? "" : texts.moment(after(now, shown.sliceLeftMs));
  return html`<tr>
  <th scope="row">${path.host}<span class="below">${path.address}</span></th>
  <td class="number">${path.publicId}</td>
  <td>${rule.id === 0 ? "–" : rule.mask}</td>
  <td class="number">${ofLimit(texts, { spent: openConnections, setAside: 0, limit: maxConnections })}</td>
  <td class="number">${ofLimit(texts, slice)}<span class="below">${sliceEnd}</span></td>
  <td class="number">${ofLimit(texts, hour)}</td>
  <td>${flow === undefined ? "–" : texts.say("throughput.slowed", { share: texts.share(flow.level, 1), moment: texts.moment(after(now, flow.nextProbeMs)) })}</td>
  <td>${warmUp === undefined ? "–" : texts.say("throughput.warmUpDay", { day: warmUp.day, sent: texts.number(warmUp.sent), limit: texts.number(warmUp.limit) })}${warmUp !== undefined && besides(texts, warmUp)}</td>
</tr>`;
}

function renderWaiting(texts: Texts, waiting: readonly Waiting[], now: Date): Html {
  return html`<div class="sheet" role="region" aria-label="${texts.say("throughput.waiting")}" tabindex="0">
<table>
  <caption>${texts.say("throughput.waiting")}</caption>
  <thead><tr>
    <th scope="col">${texts.say("throughput.destination")}</th>
    <th scope="col" class="number">${texts.say("throughput.messages")}</th>
    <th scope="col">${texts.say("throughput.reason")}</th>
    <th scope="col">${texts.say("throughput.since")}</th>
    <th scope="col">${texts.say("throughput.next")}</th>
  </tr></thead>
  <tbody>${waiting.map(
    ({ destination, path, messages, reason, sinceMs, forMs }) => html`<tr>
  <th scope="row">${destination}<span class="below">${path?.host ?? ""}</span></th>
  <td class="number">${texts.number(messages)}</td>
  <td>${texts.say(`waits.${reason}`)}</td>
  <td>${texts.span(sinceMs)}</td>
  <td>${texts.moment(after(now, forMs))}</td>
</tr>`,
  )}</tbody>
</table>
</div>`;
}

function ofLimit(texts: Texts, shown: ShownLimit): Html | string {
  const { spent, limit } = shown;
  if (limit === 0) return "–";
  return html`${texts.number(spent)} / ${texts.number(limit)}${besides(texts, shown)}`;
}

/** What may have been used as well. */
function besides(texts: Texts, { setAside }: Pick<ShownLimit, "setAside">): Html | false {
  return (
    setAside > 0 &&
    html`<span class="below">${texts.say("throughput.setAside", { count: texts.number(setAside) })}</span>`
  );
}

function after(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
