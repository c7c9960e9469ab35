/**
 * How fast does mail leave, from the database to the recorded outcome? A delivery of 30 KB messages with three fields and five tracked
 * links to recipients of 200 domains, by the real mta, to a sink on the same machine; beside a bare client and nodemailer in the same run.
 * Bars: DESIGN section 6.
 *
 * `npm run bench -- sending [--recipients=20000] [--only=near|signed|far|chunked|tls] [--json]`
 */

import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";

import { atLeast, atMost, type Bar, report } from "../support/report.ts";
import { type Platform, startPlatform } from "./platform.ts";
import { measureClient, playRole, startSink } from "./roles.ts";
import type { SinkOptions } from "./sink.ts";

type Figures = {
  readonly rate: number;
  readonly cpuPer1000: number;
  readonly memoryMb: number;
  readonly isExact: boolean;
};
type Case = { readonly name: string; readonly sink: SinkOptions; readonly isSigned: boolean };

const near: Case = { name: "near", sink: {}, isSigned: false };
const signed: Case = { name: "signed", sink: {}, isSigned: true };
const far: Case = { name: "far", sink: { delayMs: 20 }, isSigned: false };
const chunked: Case = { name: "chunked", sink: { delayMs: 20, offersChunking: true }, isSigned: false };
const tls: Case = { name: "tls", sink: { offersTls: true }, isSigned: false };

const pem = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;

async function measureOurs(platform: Platform, of: Case, recipients: number): Promise<Figures> {
  const sink = await startSink(of.sink);
  const sending = await platform.send(sink, of.isSigned ? pem : undefined);
  const counts = await sink.counts();
  sink.stop();
  mostMb = Math.max(mostMb, sending.memoryMb);
  if (counts.sample !== "") {
    figures[`ours, ${of.name}, bytes of a message`] = counts.sample.length;
    if (counts.sample.includes("DKIM-Signature:") !== of.isSigned)
      throw new Error("signed where it should not, or not");
  }
  figures[`ours, ${of.name}, messages a connection`] = Math.round(counts.messages / Math.max(1, counts.connections));
  figures[`ours, ${of.name}, transactions a message`] = Number(sending.transactionsPerMessage.toFixed(4));
  figures[`ours, ${of.name}, PostgreSQL's CPU s per 1,000`] = perThousand(sending.databaseCpuSec, recipients);
  return note(`ours, ${of.name}`, {
    rate: Math.round(recipients / sending.seconds),
    cpuPer1000: perThousand(sending.cpuSec, recipients),
    memoryMb: sending.memoryMb,
    isExact: sending.isExact && counts.unique === recipients && counts.duplicates === 0,
  });
}

async function measurePeer(role: "bare" | "nodemailer", of: Case, messages: number): Promise<Figures> {
  const sink = await startSink(of.sink);
  const result = await measureClient(role, { port: sink.port, messages, ...(of.isSigned ? { pem } : {}) });
  const counts = await sink.counts();
  sink.stop();
  return note(`${role}, ${of.name}`, {
    rate: Math.round(messages / result.seconds),
    cpuPer1000: perThousand(result.cpuSec, messages),
    memoryMb: result.memoryMb,
    isExact: counts.unique === messages && counts.duplicates === 0,
  });
}

const figures: Record<string, number | string> = {};
let mostMb = 0;

function note(name: string, found: Figures): Figures {
  figures[`${name}, msgs/s`] = found.rate;
  figures[`${name}, CPU s per 1,000`] = found.cpuPer1000;
  figures[`${name}, most MB`] = found.memoryMb;
  if (!found.isExact) figures[`${name}, exact`] = "NO";
  if (!process.argv.includes("--json")) process.stderr.write(`${name}: ${JSON.stringify(found)}\n`);
  return found;
}

function option(name: string, fallback: string): string {
  const prefix = `--${name}=`;
  return process.argv.find((word) => word.startsWith(prefix))?.slice(prefix.length) ?? fallback;
}

function perThousand(seconds: number, messages: number): number {
  return Number(((seconds / messages) * 1_000).toFixed(3));
}

function ratio(one: Figures, other: Figures): number {
  return Number((one.rate / other.rate).toFixed(2));
}

async function measureAll(): Promise<readonly Bar[]> {
  const recipients = Number(option("recipients", "20000"));
  const only = option("only", "");
  const bars: Bar[] = [];
  const runs = (of: Case): boolean => only === "" || only === of.name;
  const exact = (of: Case, ours: Figures): Bar => atLeast(`${of.name}: each recipient once`, ours.isExact ? 1 : 0, 1);
  const platform = await startPlatform(recipients);
  try {
    let plain: Figures | undefined;
    if (runs(near) || runs(tls)) plain = await measureOurs(platform, near, recipients);
    if (runs(near) && plain !== undefined) {
      const peer = await measurePeer("nodemailer", near, 2_000);
      await measurePeer("bare", near, recipients);
      bars.push(
        exact(near, plain),
        atLeast("unsigned: times nodemailer", ratio(plain, peer), 10),
        atMost("unsigned: CPU s per 1,000", plain.cpuPer1000, 0.15),
      );
    }
    if (runs(signed)) {
      const ours = await measureOurs(platform, signed, recipients);
      const peer = await measurePeer("nodemailer", signed, 1_500);
      const bare = await measurePeer("bare", signed, recipients);
      bars.push(
        exact(signed, ours),
        atLeast("signed: times nodemailer", ratio(ours, peer), 8),
        atLeast("signed: of the bare client", ratio(ours, bare), 0.7),
        atMost("signed: CPU s per 1,000", ours.cpuPer1000, 0.7),
      );
    }
    if (runs(far) || runs(chunked)) {
      const peer = await measurePeer("nodemailer", far, 2_000);
      for (const [of, times] of [
        [far, 2],
        [chunked, 9],
      ] as const) {
        if (!runs(of)) continue;
        const ours = await measureOurs(platform, of, recipients);
        bars.push(exact(of, ours), atLeast(`20 ms, ${of.name}: times nodemailer`, ratio(ours, peer), times));
      }
    }
    if (runs(tls) && plain !== undefined) {
      const ours = await measureOurs(platform, tls, recipients);
      bars.push(exact(tls, ours), atLeast("STARTTLS: of our plain rate", ratio(ours, plain), 0.5));
    }
  } finally {
    await platform.stop();
  }
  bars.push(atMost("most MB of a child, in any case", mostMb, 200));
  return bars;
}

/** Peers that are programs of their own are compared by hand where they are installed; see reference/performance.md. */
function skipAbsent(): void {
  const places = ["/usr/sbin", "/usr/bin", "/usr/local/bin"];
  for (const peer of ["postfix", "opendkim", "haraka"])
    if (!places.some((place) => existsSync(`${place}/${peer}`))) figures[peer] = "not installed: skipped";
}

if (!(await playRole(process.argv.slice(2)))) {
  skipAbsent();
  report("sending", figures, await measureAll());
}
