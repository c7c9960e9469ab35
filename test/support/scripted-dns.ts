/** A DNS server that answers what a test tells it, over UDP and TCP on a port of its own. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_DESIRED } from "dns-packet";

import type { Ending } from "./endings.ts";

export type Zone = {
  readonly mx?: readonly { readonly preference: number; readonly exchange: string }[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly txt?: readonly string[];
  readonly ptr?: readonly string[];
  readonly cname?: string;
  /** The alias comes alone: who asks must follow it. */
  readonly isAliasAlone?: boolean;
  /** Life of the records; 60 when left out. */
  readonly ttlSec?: number;
  /** How long "there is none" holds; left out = nothing is said about it. */
  readonly negativeTtlSec?: number;
  /** Over UDP only that there is more. */
  readonly isTcpOnly?: boolean;
};

/** How the server fails for a name; `truncated` = over TCP as well. */
export type Failure = "SERVFAIL" | "REFUSED" | "silence" | "truncated" | "garbage";

/** A name's records, or how the server fails for it. A name that is not listed does not exist. */
export type Zones = Readonly<Record<string, Zone | Failure>>;

export type ScriptedDns = {
  /** For `mta.dns.nameServers`. */
  readonly nameServer: string;
  /** `type name` of every question, in order of arrival. */
  readonly questions: readonly string[];
  /** Changes what is answered; one failure for all names = a server in trouble. */
  change(zones: Zones | Failure): void;
};

const codes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const truncated = 0x0200;

/**
 * Starts a server.
 * @param given.isOld EDNS is refused
 * @param given.negativeTtlSec how long it holds that a name does not exist; left out = nothing is said
 */
export async function aScriptedDns(
  t: Ending,
  zones: Zones | Failure,
  given: { isOld?: boolean; negativeTtlSec?: number } = {},
): Promise<ScriptedDns> {
  const questions: string[] = [];
  let known = zones;
  const answer = (message: Buffer, isTcp: boolean): Buffer | undefined => {
    const query = decode(message);
    const [question] = query.questions ?? [];
    if (question === undefined) return undefined;
    questions.push(`${question.type} ${question.name}`);
    const zone = typeof known === "string" ? known : known[question.name.toLowerCase()];
    if (zone === "silence") return undefined;
    if (zone === "garbage") return Buffer.concat([message.subarray(0, 2), Buffer.alloc(30, 0xff)]);
    const respond = (code: number, packet: Packet, flags = 0): Buffer =>
      encode({
        type: "response",
        id: query.id ?? 0,
        flags: RECURSION_DESIRED | AUTHORITATIVE_ANSWER | 0x80 | flags | code,
        questions: [question],
        ...packet,
      });
    if (given.isOld === true && (query.additionals ?? []).length > 0) return respond(codes.FORMERR, {});
    if (zone === undefined) return respond(codes.NXDOMAIN, { authorities: startOf(given.negativeTtlSec) });
    if (zone === "truncated") return respond(codes.NOERROR, {}, truncated);
    if (typeof zone === "string") return respond(codes[zone], {});
    if (zone.isTcpOnly === true && !isTcp) return respond(codes.NOERROR, {}, truncated);
    const answers = recordsOf(zone, question.name, question.type, typeof known === "string" ? {} : known);
    return respond(codes.NOERROR, {
      answers,
      authorities: answers.length === 0 ? startOf(zone.negativeTtlSec) : [],
    });
  };

  const { port, close } = await listenOnBoth(answer);
  t.after(close);
  return { nameServer: `127.0.0.1:${port}`, questions, change: (changed) => void (known = changed) };
}

type AnswerBytes = (message: Buffer, isTcp: boolean) => Buffer | undefined;

/** UDP and TCP on one port that is free for both. */
async function listenOnBoth(answer: AnswerBytes): Promise<{ port: number; close: () => Promise<void> }> {
  for (;;) {
    const tcp = createServer((socket) => serveTcp(socket, answer));
    tcp.listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const bound = tcp.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const udp = createSocket("udp4");
    udp.bind(port, "127.0.0.1");
    const isFree = await once(udp, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) {
      tcp.close();
      continue;
    }
    udp.on("message", (message, from) => {
      const response = answer(message, false);
      if (response !== undefined) udp.send(response, from.port, from.address);
    });
    const close = async (): Promise<void> => {
      udp.close();
      tcp.close();
      await once(tcp, "close");
    };
    return { port, close };
  }
}

function serveTcp(socket: Socket, answer: AnswerBytes): void {
  let received: Buffer = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) return;
    const response = answer(received.subarray(2), true);
    if (response === undefined) return;
    const head = Buffer.alloc(2);
    head.writeUInt16BE(response.length, 0);
    socket.end(Buffer.concat([head, response]));
  });
}

function startOf(negativeTtlSec: number | undefined): Answer[] {
  if (negativeTtlSec === undefined) return [];
  const data = { mname: "ns.test", rname: "root.test", serial: 1, refresh: 1, retry: 1, expire: 1 };
  return [{ type: "SOA", name: "test", ttl: 86_400, data: { ...data, minimum: negativeTtlSec } }];
}

function recordsOf(zone: Zone, name: string, type: string, zones: Zones): Answer[] {
  const ttl = zone.ttlSec ?? 60;
  if (zone.cname !== undefined) {
    const target = zones[zone.cname];
    const alias: Answer = { type: "CNAME", name, ttl, data: zone.cname };
    const isAlone = zone.isAliasAlone === true || typeof target !== "object";
    return isAlone ? [alias] : [alias, ...recordsOf(target, zone.cname, type, zones)];
  }
  switch (type) {
    case "MX":
      return (zone.mx ?? []).map((data) => ({ type: "MX", name, ttl, data }));
    case "A":
      return (zone.a ?? []).map((data) => ({ type: "A", name, ttl, data }));
    case "AAAA":
      return (zone.aaaa ?? []).map((data) => ({ type: "AAAA", name, ttl, data }));
    case "PTR":
      return (zone.ptr ?? []).map((data) => ({ type: "PTR", name, ttl, data }));
    case "TXT":
      return (zone.txt ?? []).map((data) => ({ type: "TXT", name, ttl, data: data.match(/[^]{1,255}/g) ?? [""] }));
    default:
      return [];
  }
}
