/** DNS questions and answers as bytes, by dns-packet: what mail needs of them, and whatever a stranger may have written. RFC 1035. */

import { type Answer, decode, encode, type OptAnswer, RECURSION_DESIRED } from "dns-packet";

/** What may be asked for. */
export type QuestionType = "A" | "AAAA" | "MX" | "PTR" | "TXT";

export type DnsRecord = {
  /** In lower case, without the final dot; the root is the empty text. */
  readonly owner: string;
  readonly ttlSec: number;
} & (
  | { readonly type: "A" | "AAAA"; readonly address: string }
  | { readonly type: "MX"; readonly exchange: string; readonly preference: number }
  | { readonly type: "CNAME" | "PTR"; readonly target: string }
  | { readonly type: "TXT"; readonly text: string }
  | { readonly type: "SOA"; readonly minimumSec: number }
);

export type DnsMessage = {
  readonly id: number;
  readonly isResponse: boolean;
  /** Not all fitted: to be asked again over TCP. */
  readonly isTruncated: boolean;
  /** RCODE: 0 = no error, 2 = SERVFAIL, 3 = NXDOMAIN, 5 = REFUSED. */
  readonly code: number;
  readonly question: { readonly name: string; readonly type: string } | undefined;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
};

/** Fits every path without fragments (the DNS flag day of 2020). */
const udpPayloadBytes = 1_232;
const longestNameBytes = 253;
const truncatedFlag = 0x0200;
const codeMask = 15;

/**
 * Writes a question.
 * @param name ASCII, without the final dot
 * @param offersLarge announces that answers of 1,232 bytes are taken (EDNS, RFC 6891); old servers refuse that
 * @returns undefined for a name that DNS cannot hold
 */
export function writeQuestion(question: {
  id: number;
  name: string;
  type: QuestionType;
  offersLarge: boolean;
}): Buffer | undefined {
  const { id, name, type } = question;
  const isGood = name.length <= longestNameBytes && /^[!-~]+$/.test(name) && name.split(".").every(isLabel);
  if (!isGood) return undefined;
  const large: OptAnswer = {
    type: "OPT",
    name: ".",
    udpPayloadSize: udpPayloadBytes,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return encode({
    type: "query",
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type }],
    ...(question.offersLarge ? { additionals: [large] } : {}),
  });
}

/** Reads a message; undefined when it is none, or is cut. Records of other types are left out. */
export function readMessage(bytes: Buffer): DnsMessage | undefined {
  try {
    const packet = decode(bytes);
    const [question] = packet.questions ?? [];
    const flags = packet.flags ?? 0;
    return {
      id: packet.id ?? 0,
      isResponse: packet.type === "response",
      isTruncated: (flags & truncatedFlag) !== 0,
      code: flags & codeMask,
      question: question === undefined ? undefined : { name: nameOf(question.name), type: question.type },
      answers: (packet.answers ?? []).flatMap(readRecord),
      authority: (packet.authorities ?? []).flatMap(readRecord),
    };
  } catch {
    // Whatever it was that dns-packet stumbled over, it is no message: who asked goes on as without an answer.
    return undefined;
  }
}

function isLabel(label: string): boolean {
  return label.length > 0 && label.length <= 63;
}

function readRecord(record: Answer): DnsRecord[] {
  if (!("ttl" in record) || record.class !== "IN") return [];
  const ttl = record.ttl ?? 0;
  // The highest bit makes no sense and counts as zero (RFC 2181 section 8).
  const common = { owner: nameOf(record.name), ttlSec: ttl > 0x7fffffff ? 0 : ttl };
  if (record.type === "A") return [{ ...common, type: "A", address: record.data }];
  // As RFC 5952 has it: rules and logs compare the text.
  if (record.type === "AAAA")
    return [{ ...common, type: "AAAA", address: new URL(`http://[${record.data}]`).hostname.slice(1, -1) }];
  if (record.type === "MX") {
    const { exchange, preference = 0 } = record.data;
    return [{ ...common, type: "MX", exchange: nameOf(exchange), preference }];
  }
  if (record.type === "CNAME" || record.type === "PTR")
    return [{ ...common, type: record.type, target: nameOf(record.data) }];
  if (record.type === "TXT") return [{ ...common, type: "TXT", text: [record.data].flat().map(String).join("") }];
  if (record.type === "SOA") return [{ ...common, type: "SOA", minimumSec: record.data.minimum ?? 0 }];
  return [];
}

function nameOf(name: string): string {
  return name === "." ? "" : name.toLowerCase();
}
