/** What is sent, and how it is measured: ours, the clients and the servers beside it, each to a sink of its own. */

import { generateKeyPairSync } from "node:crypto";

import { measurePeerServer, peers } from "./peers/measure-peer.ts";
import type { Platform, Sending } from "./platform.ts";
import { type ClientResult, measureClient, type Sink, startSink } from "./roles.ts";
import type { SinkOptions } from "./sink.ts";

export type Figures = {
  readonly rate: number;
  readonly cpuPer1000: number;
  readonly memoryMb: number;
  readonly isExact: boolean;
};

export type Case = { readonly name: string; readonly sink: SinkOptions; readonly isSigned: boolean };

export const near: Case = { name: "near", sink: {}, isSigned: false };
export const signed: Case = { name: "signed", sink: {}, isSigned: true };
export const far: Case = { name: "far", sink: { delayMs: 20 }, isSigned: false };
export const chunked: Case = { name: "chunked", sink: { delayMs: 20, offersChunking: true }, isSigned: false };
export const tls: Case = { name: "tls", sink: { offersTls: true }, isSigned: false };

/** Everything that was measured, by name. */
export const figures: Record<string, number | string> = {};

const pem = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;

/** One delivery to the whole audience, from its start until every outcome is in the database. */
export async function measureOurs(platform: Platform, of: Case, recipients: number): Promise<Figures> {
  const sink = await startSink(of.sink);
  const sending = await platform.send(sink, of.isSigned ? pem : undefined);
  const counts = await sink.counts();
  const sinkCpuSec = sink.readCpuSec();
  sink.stop();
  if (counts.sample !== "") {
    figures[`ours, ${of.name}, bytes of a message`] = counts.sample.length;
    if (counts.sample.includes("DKIM-Signature:") !== of.isSigned)
      throw new Error("signed where it should not, or not");
  }
  figures[`ours, ${of.name}, messages a connection`] = Math.round(counts.messages / Math.max(1, counts.connections));
  figures[`ours, ${of.name}, the sink's CPU s per 1,000`] = perThousand(sinkCpuSec, recipients);
  noteDatabase(of, sending, recipients);
  return note(`ours, ${of.name}`, {
    rate: Math.round(recipients / sending.seconds),
    cpuPer1000: perThousand(sending.cpuSec, recipients),
    memoryMb: sending.memoryMb,
    isExact: sending.isExact && counts.unique === recipients && counts.duplicates === 0,
  });
}

function noteDatabase(of: Case, sending: Sending, recipients: number): void {
  figures[`ours, ${of.name}, transactions a message`] = Number(sending.transactionsPerMessage.toFixed(4));
  figures[`ours, ${of.name}, PostgreSQL's CPU s per 1,000`] = perThousand(sending.databaseCpuSec, recipients);
}

/** A client that only sends: the limit, or nodemailer. */
export async function measureBeside(role: "bare" | "nodemailer", of: Case, messages: number): Promise<Figures> {
  return toSink(`${role}, ${of.name}`, of, messages, async (sink) =>
    measureClient(role, { port: sink.port, messages, ...(of.isSigned ? { pem } : {}) }),
  );
}

/**
 * The fastest of what others use in our place: nodemailer, and the mail servers that are installed (`peers/install.sh`).
 */
export async function measurePeers(of: Case): Promise<Figures> {
  let best = await measureBeside("nodemailer", of, 2_000);
  for (const [name, startPeer] of peers) {
    const messages = 1_200;
    const found = await toSink(`${name}, ${of.name}`, of, messages, (sink) =>
      measurePeerServer(startPeer, { sink, messages, pem: of.isSigned ? pem : undefined }),
    );
    if (found.rate > best.rate) best = found;
  }
  return best;
}

async function toSink(
  name: string,
  of: Case,
  messages: number,
  run: (sink: Sink) => Promise<ClientResult | undefined>,
): Promise<Figures> {
  const sink = await startSink(of.sink);
  const result = await run(sink);
  const counts = await sink.counts();
  sink.stop();
  if (result === undefined) {
    figures[name] = "not installed: skipped";
    return { rate: 0, cpuPer1000: 0, memoryMb: 0, isExact: true };
  }
  return note(name, {
    rate: Math.round(messages / result.seconds),
    cpuPer1000: perThousand(result.cpuSec, messages),
    memoryMb: result.memoryMb,
    isExact: counts.unique === messages && counts.duplicates === 0,
  });
}

function note(name: string, found: Figures): Figures {
  figures[`${name}, msgs/s`] = found.rate;
  figures[`${name}, CPU s per 1,000`] = found.cpuPer1000;
  figures[`${name}, most MB`] = found.memoryMb;
  if (!found.isExact) figures[`${name}, exact`] = "NO";
  if (!process.argv.includes("--json")) process.stderr.write(`${name}: ${JSON.stringify(found)}\n`);
  return found;
}

/** Seconds per 1,000 messages. */
export function perThousand(seconds: number, messages: number): number {
  return Number(((seconds / messages) * 1_000).toFixed(3));
}
