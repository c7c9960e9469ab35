/** `postrider stat -show`: what every path may do and does, and which messages wait for what, as a table or as JSON. */

import { listPaths, type StatOverview } from "#channels/permits/list-paths.ts";
import type { ShownLimit, ShownPath, Waiting } from "#channels/permits/permit-messages.ts";
import { counted } from "#foundation/counted.ts";
import { escapeControls } from "#foundation/log.ts";
import type { Context, Running } from "#foundation/module.ts";
import { table } from "#foundation/text-table.ts";

import { askStat } from "./ask-stat.ts";

/** Prints, and ends the process. */
export async function showStat(context: Context): Promise<Running> {
  const shown = await askStat(context, (permits, signal) => listPaths(permits, signal));
  const text = context.flags["json"] === undefined ? describeStat(shown, context.clock.now()) : JSON.stringify(shown);
  await new Promise<void>((resolve) => {
    process.stdout.write(`${text}\n`, () => resolve());
  });
  context.requestStop(0);
  return { stop: () => Promise.resolve() };
}

/** Two tables: paths, and what waits. */
export function describeStat({ overview, paths, isWhole }: StatOverview, now: Date): string {
  const { rules, senders, openConnections, refused, upMs, startingForMs, pausedForMs } = overview;
  const counts = [
    counted(rules, "rule"),
    counted(senders, "sender"),
    counted(openConnections, "open connection"),
    counted(refused, "datagram refused", "datagrams refused"),
  ].join(", ");
  const head = [
    `stat is up for ${span(upMs)}: ${counts}`,
    ...(pausedForMs > 0 ? [`nothing is granted since ${span(pausedForMs)}: its database does not answer`] : []),
    ...(startingForMs > 0 ? [`nothing is granted for ${span(startingForMs)} yet: senders are still to report`] : []),
  ];
  const listed = table([pathHead, ...paths.map((path) => describePath(path, now))]);
  const waits = paths.flatMap(({ waiting }) => waiting);
  const waiting =
    waits.length === 0 ? "nothing waits" : table([waitHead, ...waits.map((wait) => describeWait(wait, now))]);
  const cut = isWhole ? [] : ["(the list is cut here)"];
  return escapeLines([...head, "", listed, ...cut, "", waiting]);
}

const pathHead = [
  "public id",
  "mail exchanger",
  "address",
  "rule",
  "connections",
  "slice",
  "hour",
  "held",
  "slice ends",
  "back-off",
  "warm-up",
];
const waitHead = ["waits for", "messages", "destination", "mail exchanger", "since", "next try", "sender"];

function describePath(shown: ShownPath, now: Date): string[] {
  const { path, rule, openConnections, maxConnections, slice, hour, tokensHeld, sliceLeftMs, flow, warmUp } = shown;
  return [
    String(path.publicId),
    path.host,
    path.address,
    rule.id === 0 ? "(built in)" : `${rule.id}: ${rule.mask}`,
    `${openConnections} / ${maxConnections}`,
    ofLimit(slice),
    ofLimit(hour),
    String(tokensHeld),
    slice.limit === 0 ? "-" : clock(now, sliceLeftMs),
    flow === undefined ? "-" : `${Math.max(1, Math.round(flow.level * 100))} %, next ${clock(now, flow.nextProbeMs)}`,
    warmUp === undefined ? "-" : `day ${warmUp.day}: ${ofLimit({ ...warmUp, spent: warmUp.sent })}`,
  ];
}

function describeWait(wait: Waiting & { client: string }, now: Date): string[] {
  const { reason, messages, destination, path, sinceMs, forMs, client } = wait;
  return [
    reasons[reason],
    String(messages),
    destination,
    path?.host ?? "-",
    clock(now, -sinceMs),
    clock(now, forMs),
    client,
  ];
}

const reasons: { readonly [R in Waiting["reason"]]: string } = {
  connections: "a connection",
  quota: "quotas met",
  flow: "dynamic flow control",
  warmUp: "warm-up",
  starting: "reports after a restart",
  database: "the database of stat",
  unreachable: "a server that answers",
  room: "room for a session",
};

function ofLimit({ spent, setAside, limit }: ShownLimit): string {
  if (limit === 0) return "-";
  return setAside === 0 ? `${spent} / ${limit}` : `${spent} / ${limit}, ${setAside} set aside`;
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

function clock(now: Date, afterMs: number): string {
  return new Date(now.getTime() + afterMs).toTimeString().slice(0, 8);
}

/** Names come from DNS: they must not steer a terminal. */
function escapeLines(parts: readonly string[]): string {
  return parts
    .flatMap((part) => part.split("\n"))
    .map(escapeControls)
    .join("\n");
}
