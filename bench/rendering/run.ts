/**
 * How fast are messages with scripts rendered? A mail of 30 KB with five expressions, ten links, one condition and one loop of three:
 * run in the sandbox, 500 recipients a call, and composed to the last byte; beside a closure of the same mail without any sandbox.
 * Bars: 10,000 a second out of the sandbox, and as many composed from them while the sandbox makes the next. They are judged by
 * processor time, with a core for the sandbox and one for the process that composes, because other programs share the machine.
 */

import { readFileSync } from "node:fs";

import type { CompiledDelivery, MessageRecipient } from "#campaign/content/compiled-message.ts";
import { composeMessage } from "#campaign/content/compose-message.ts";
import { openMessageBuffers } from "#campaign/content/message-buffers.ts";
import type { CompiledScript } from "#campaign/content/script/compiled-script.ts";
import { type RenderedMessage, renderMessages } from "#campaign/content/script/render-messages.ts";
import { silentLog } from "#foundation/log.ts";
import { openSandbox } from "#foundation/sandbox/open-sandbox.ts";
import { aCompiledDelivery, aMessageRecipient } from "#test/support/compiled-delivery.ts";

import { atLeast, median, report } from "../support/report.ts";

const rounds = 5;
const secondsPerRound = 2;
const batch = 500;
const filler =
  "<p>Wool, linen and cotton for cold mornings and warm evenings; made to be worn for years.</p>\r\n".repeat(300);
const links = Array.from(
  { length: 10 },
  (_, n) => `<a href="https://shop.test/offer/${n}?from=mail">Offer ${n}</a>\r\n`,
);

const htmlSource = `<html><body>\r\n<h1>Dear <%= toSmartCase(recipient.firstName) %> <%= recipient.lastName.toUpperCase() %></h1>\r\n
<% if (recipient.gender == 1) { %><p>For him in <%= recipient.location.city + "" %></p><% } else { %><p>For her</p><% } %>
${filler}<ul><% for (const n of [1, 2, 3]) { %><li>Choice <%= n %> for <%= recipient.lastName + n %></li><% } %></ul>
${links.join("")}<p>Your address: <%= recipient.email.toLowerCase() %>, your company: <%= recipient.company || "none" %></p>\r\n</body></html>`;

const delivery = scripted(aCompiledDelivery({ htmlSource }));
const recipients = Array.from({ length: batch }, (_, n) =>
  aMessageRecipient(
    delivery,
    {
      first_name: `anna-${n}`,
      last_name: `Müller & ${n}`,
      gender: String(n % 3),
      city: "Gent",
      email: `R${n}@Example.test`,
      company: n % 2 === 0 ? "Miller <Sons>" : null,
    },
    { broadLogId: 5_000 + n, address: `r${n}@example.test` },
  ),
);
const sandbox = openSandbox({ timeMs: 5_000, memoryMb: 128, timezone: "UTC", log: silentLog });
const buffers = openMessageBuffers(16 * 1_048_576);
const now = new Date();

function scripted(compiled: CompiledDelivery): CompiledDelivery & { readonly script: CompiledScript } {
  if (compiled.script === undefined) throw new Error("the mail has no scripts");
  return { ...compiled, script: compiled.script };
}

const render = (): Promise<RenderedMessage[]> => renderMessages(sandbox, delivery, recipients);

async function compose(results: readonly RenderedMessage[]): Promise<number> {
  let bytes = 0;
  for (const [index, recipient] of recipients.entries()) {
    const result = results[index];
    if (result?.kind !== "rendered") throw new Error(`not rendered: ${JSON.stringify(result)}`);
    const message = await composeMessage(delivery, { ...recipient, rendered: result.parts }, now, buffers);
    bytes += message.content.length;
    message.release(true);
  }
  return bytes;
}

type Round = { readonly perSecond: number; readonly ownMicros: number; readonly sandboxMicros: number };

/** How fast work goes that does a batch, and the processor time of a message here and in the sandbox. */
async function measure(work: () => Promise<unknown>): Promise<Round> {
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  const sandboxBefore = readCpuMicros();
  let messages = 0;
  while (performance.now() - startMs < secondsPerRound * 1_000) {
    await work();
    messages += batch;
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: (messages / (performance.now() - startMs)) * 1_000,
    ownMicros: (user + system) / messages,
    sandboxMicros: (readCpuMicros() - sandboxBefore) / messages,
  };
}

function readCpuMicros(): number {
  const stat = readFileSync(`/proc/${sandbox.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(stat[11]) + Number(stat[12])) * 10_000;
}

/** The next batch is rendered while this one is composed, as a child does it. */
function pipeline(): () => Promise<unknown> {
  let next = render();
  return async () => {
    const results = await next;
    next = render();
    return compose(results);
  };
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
const pieces = htmlSource.split(/<%[^%]*%>/);

/** What the program amounts to, as a closure in this process: text without links or encoding. */
function closure({
  fields: [first = "", last = "", gender = "", city = "", email = "", company = ""],
}: MessageRecipient): string {
  const value = (text: string | null): string => escape(text ?? "");
  let out = `${pieces[0]}${value(first)}${pieces[1]}${value((last ?? "").toUpperCase())}${pieces[2]}`;
  out += gender === "1" ? `${pieces[3]}${value(city)}${pieces[4]}` : (pieces[5] ?? "");
  out += pieces[6];
  for (const n of [1, 2, 3]) out += `${pieces[7]}${n}${pieces[8]}${value(`${last}${n}`)}${pieces[9]}`;
  return `${out}${pieces[10]}${value((email ?? "").toLowerCase())}${pieces[11]}${value(company || "none")}${pieces[12]}`;
}

let closureBytes = 0;
const inClosure = (): Promise<void> => {
  for (const recipient of recipients) closureBytes += Buffer.byteLength(closure(recipient));
  return Promise.resolve();
};

try {
  const bytes = (await compose(await render())) / batch;
  const figures = { closure: [] as Round[], sandboxed: [] as Round[], composed: [] as Round[] };
  for (let round = 0; round < rounds; round += 1) {
    figures.closure.push(await measure(inClosure));
    figures.sandboxed.push(await measure(render));
    figures.composed.push(await measure(pipeline()));
  }
  const of = (rows: readonly Round[], name: keyof Round): number => median(rows.map((row) => row[name]));
  const ofCore = (rows: readonly Round[], names: readonly ("ownMicros" | "sandboxMicros")[]): number =>
    1_000_000 / Math.max(...names.map((name) => of(rows, name)));
  const sandboxed = ofCore(figures.sandboxed, ["ownMicros", "sandboxMicros"]);
  const composed = ofCore(figures.composed, ["ownMicros", "sandboxMicros"]);
  report(
    "rendering",
    {
      "bytes of a message": Math.round(bytes),
      "closure: per second, as the machine was": Math.round(of(figures.closure, "perSecond")),
      "closure: per second of a core": Math.round(ofCore(figures.closure, ["ownMicros"])),
      "sandbox: per second, as the machine was": Math.round(of(figures.sandboxed, "perSecond")),
      "sandbox: CPU us a message, there and here": `${of(figures.sandboxed, "sandboxMicros").toFixed(1)} + ${of(figures.sandboxed, "ownMicros").toFixed(1)}`,
      "sandbox: per second of a core each": Math.round(sandboxed),
      "composed: per second, as the machine was": Math.round(of(figures.composed, "perSecond")),
      "composed: CPU us a message, there and here": `${of(figures.composed, "sandboxMicros").toFixed(1)} + ${of(figures.composed, "ownMicros").toFixed(1)}`,
      "composed: per second of a core each": Math.round(composed),
    },
    [
      atLeast("out of the sandbox, per second of a core each", sandboxed, 10_000),
      atLeast("rendered and composed, per second of a core each", composed, 10_000),
    ],
  );
} finally {
  await sandbox.close();
}
