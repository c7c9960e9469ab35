/** What runs on this host: every module with its process, as the watchdog sees it. */

import { readStatus } from "#channels/control/control.ts";
import type { PlatformStatus, ProcessEntry } from "#channels/control/control-messages.ts";
import { pause } from "#foundation/clock.ts";
import type { Home } from "#foundation/home.ts";
import { version } from "#foundation/version.ts";

import { type Html, html } from "./html.ts";
import { renderPage } from "./layout.ts";
import type { PageCall } from "./page-call.ts";
import en from "./texts.en.json" with { type: "json" };
import type { TextKey, Texts } from "./texts.ts";

const refreshSec = 5;

/** A watchdog that is busy stopping something must not hold the page up. */
const watchdogLimitMs = 1_500;

/** The page. */
export async function showModules(call: PageCall): Promise<Html> {
  const { texts, context } = call;
  const status = await askWatchdog(context.home);
  const processes = status === undefined ? [ownProcess(context.clock.now())] : processesOf(status, context.instance);
  const isUp = processes.filter(({ state }) => state === "ready").length;
  const memory = processes.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const restarts = processes.reduce((sum, { restarts }) => sum + restarts, 0);
  const content = html`
<div class="title"><h1>${texts.say("modules.title")}</h1><p class="quiet">Postrider ${version} · ${context.host}</p></div>
${status === undefined && html`<p class="notice bad" role="status">${texts.say("modules.noWatchdog")}</p>`}
<dl class="tiles">
  <div><dt>${texts.say("modules.running")}</dt><dd>${texts.say("modules.runningOf", { running: isUp, all: processes.length })}</dd></div>
  <div><dt>${texts.say("modules.memory")}</dt><dd>${texts.bytes(memory)}</dd></div>
  <div><dt>${texts.say("modules.restarts")}</dt><dd>${texts.number(restarts)}</dd></div>
</dl>
<div class="sheet" role="region" aria-label="${texts.say("modules.title")}" tabindex="0">
<table>
  <thead><tr>
    <th scope="col">${texts.say("modules.module")}</th>
    <th scope="col">${texts.say("modules.state")}</th>
    <th scope="col" class="number">${texts.say("modules.pid")}</th>
    <th scope="col" class="number">${texts.say("modules.memory")}</th>
    <th scope="col" class="number">${texts.say("modules.uptime")}</th>
    <th scope="col" class="number">${texts.say("modules.restarts")}</th>
    <th scope="col">${texts.say("modules.lastError")}</th>
  </tr></thead>
  <tbody>${processes.map((process) => renderProcess(texts, process, context.clock.now()))}</tbody>
</table>
</div>
<p class="quiet">${texts.say("modules.refreshes", { seconds: refreshSec })}</p>`;
  return renderPage(call, { title: texts.say("modules.title"), section: "modules", content, refreshSec });
}

function renderProcess(texts: Texts, process: ProcessEntry, now: Date): Html {
  const { module, instance, pid, memoryBytes, startedAt, restarts, lastError, state, parent } = process;
  const upMs = startedAt === undefined ? undefined : now.getTime() - new Date(startedAt).getTime();
  return html`<tr>
  <th scope="row"${parent !== undefined && html` class="child"`}><span class="name">${module}</span><span class="quiet">@${instance}</span>
    <span class="below">${describe(texts, module)}</span></th>
  <td><span class="state ${state}">${texts.say(`process.${state}`)}</span></td>
  <td class="number">${pid ?? "–"}</td>
  <td class="number">${memoryBytes > 0 ? texts.bytes(memoryBytes) : "–"}</td>
  <td class="number">${upMs === undefined || Number.isNaN(upMs) ? "–" : texts.span(upMs)}</td>
  <td class="number">${texts.number(restarts)}</td>
  <td class="long">${lastError ?? ""}</td>
</tr>`;
}

function describe(texts: Texts, module: string): string {
  const key = `does.${module}`;
  return isTextKey(key) ? texts.say(key) : "";
}

function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

async function askWatchdog(home: Home): Promise<PlatformStatus | undefined> {
  const limit = new AbortController();
  const asked = readStatus(home).catch(() => undefined);
  return Promise.race([asked, pause(watchdogLimitMs, limit.signal).then(() => undefined)]).finally(() => limit.abort());
}

/** Modules of the host, and those of the instance whose console this is: of others this operator knows nothing. */
function processesOf(status: PlatformStatus, instance: string): ProcessEntry[] {
  const own = status.processes.filter((process) => process.instance === "default" || process.instance === instance);
  const isListed = own.some(({ module }) => module === "watchdog");
  const watchdog: ProcessEntry = {
    module: "watchdog",
    instance: "default",
    pid: status.pid,
    memoryBytes: 0,
    startedAt: status.startedAt,
    restarts: 0,
    state: "ready",
    isAutoStart: true,
  };
  return isListed ? own : [watchdog, ...own];
}

function ownProcess(now: Date): ProcessEntry {
  return {
    module: "web",
    instance: "default",
    pid: process.pid,
    memoryBytes: ownMemoryBytes(),
    startedAt: new Date(now.getTime() - process.uptime() * 1000).toISOString(),
    restarts: 0,
    state: "ready",
    isAutoStart: false,
  };
}

/** 0 when it cannot be read: Node opens a file for it, and a process may be out of file descriptors. */
function ownMemoryBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
