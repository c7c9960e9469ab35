/** A DNS server that answers what a test tells it, over UDP on a port of its own. */

import { createSocket } from "node:dgram";
import { once } from "node:events";

import { type Answer, decode, encode, type Packet, RECURSION_DESIRED } from "dns-packet";

import type { Ending } from "./endings.ts";

export type Zone = {
  readonly mx?: readonly { readonly preference: number; readonly exchange: string }[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly cname?: string;
};

/** A name's records, or how the server fails for it. A name that is not listed does not exist. */
export type Zones = Readonly<Record<string, Zone | "SERVFAIL" | "REFUSED" | "silence">>;

const failures = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

/** Starts a server; answers its address for `mta.dns.nameServers`. */
export async function aScriptedDns(
  t: Ending,
  zones: Zones,
): Promise<{ readonly nameServer: string; readonly questions: readonly string[] }> {
  const questions: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const query = decode(message);
    const [question] = query.questions ?? [];
    if (question === undefined) return;
    questions.push(`${question.type} ${question.name}`);
    const zone = zones[question.name.toLowerCase()];
    if (zone === "silence") return;
    const failure = zone === undefined ? failures.NXDOMAIN : typeof zone === "string" ? failures[zone] : 0;
    const answers =
      zone === undefined || typeof zone === "string" ? [] : recordsOf(zone, question.name, question.type, zones);
    const response: Packet = {
      type: "response",
      id: query.id ?? 0,
      flags: RECURSION_DESIRED | 0x80 | failure,
      questions: [question],
      answers,
    };
    socket.send(encode(response), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => void socket.close());
  return { nameServer: `127.0.0.1:${socket.address().port}`, questions };
}

function recordsOf(zone: Zone, name: string, type: string, zones: Zones): Answer[] {
  if (zone.cname !== undefined) {
    const target = zones[zone.cname];
    const alias: Answer = { type: "CNAME", name, ttl: 60, data: zone.cname };
    return [alias, ...(typeof target === "object" ? recordsOf(target, zone.cname, type, zones) : [])];
  }
  switch (type) {
    case "MX":
      return (zone.mx ?? []).map((data) => ({ type: "MX", name, ttl: 60, data }));
    case "A":
      return (zone.a ?? []).map((data) => ({ type: "A", name, ttl: 60, data }));
    case "AAAA":
      return (zone.aaaa ?? []).map((data) => ({ type: "AAAA", name, ttl: 60, data }));
    default:
      return [];
  }
}
