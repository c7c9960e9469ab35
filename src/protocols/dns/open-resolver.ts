/** A stub resolver: asks recursive DNS servers until one answers, follows aliases, and says how long the answer holds. */

import { getServers } from "node:dns";

import { askServer, type Server } from "./ask-server.ts";
import type { DnsMessage, DnsRecord, QuestionType } from "./dns-message.ts";

export type RecordOf<T extends QuestionType> = DnsRecord & { readonly type: T };

/** Times are those of the records, in seconds. */
export type DnsAnswer<T extends QuestionType> =
  | { readonly kind: "records"; readonly records: readonly RecordOf<T>[]; readonly ttlSec: number }
  /** The name exists and has no such record. */
  | { readonly kind: "no_data"; readonly ttlSec: number }
  /** NXDOMAIN, and nothing else. */
  | { readonly kind: "no_domain"; readonly ttlSec: number }
  /** Not known now: `SERVFAIL`, `REFUSED`, `TIMEOUT`, or why no server could be spoken to. */
  | { readonly kind: "failed"; readonly reason: string };

export type Resolver = { ask<T extends QuestionType>(name: string, type: T): Promise<DnsAnswer<T>> };

const longestChain = 8;
const longestTtlSec = 86_400;
/** "There is none" is believed for three hours at most (RFC 2308 section 5), a minute where nothing is said. */
const longestNegativeTtlSec = 10_800;
const unsaidNegativeTtlSec = 60;

/**
 * Opens a resolver; it holds no socket between questions and remembers no answer.
 * @param servers `address`, `address:port` or `[address]:port`; empty = those of the system
 * @param tries rounds over all servers
 * @source RFC 1035, RFC 2308, RFC 5452
 */
export function openResolver(options: { servers: readonly string[]; timeoutMs: number; tries: number }): Resolver {
  const servers = (options.servers.length > 0 ? options.servers : getServers()).map(readServer);
  /** The one that answered last is asked first: a dead one costs its time once, not for each name. */
  let preferred = 0;

  const ask = async (name: string, type: QuestionType): Promise<DnsMessage | "unaskable" | { reason: string }> => {
    let reason = "no DNS server is known";
    for (let tried = 0; tried < options.tries * servers.length; tried += 1) {
      const index = (preferred + (tried % servers.length)) % servers.length;
      const server = servers[index];
      if (server === undefined) break;
      const answer = await askServer(server, { name, type }, options.timeoutMs);
      if (answer.kind === "unaskable") return "unaskable";
      if (answer.kind === "message" && isMeant(answer.message)) {
        preferred = index;
        return answer.message;
      }
      reason = answer.kind === "failed" ? answer.reason : nameCode(answer.message.code);
    }
    return { reason };
  };

  return {
    ask: async <T extends QuestionType>(name: string, type: T): Promise<DnsAnswer<T>> => {
      let owner = name.toLowerCase();
      let ttlSec = longestTtlSec;
      for (let hop = 0; hop < longestChain; hop += 1) {
        const message = await ask(owner, type);
        if (message === "unaskable") return { kind: "no_domain", ttlSec: longestTtlSec };
        if ("reason" in message) return { kind: "failed", ...message };
        const found = readAnswer(message, owner, type);
        ttlSec = Math.min(ttlSec, found.ttlSec);
        if (found.records.length > 0) return { kind: "records", records: found.records, ttlSec };
        const negativeTtlSec = Math.min(ttlSec, negativeTtl(message));
        if (message.code === nxDomain) return { kind: "no_domain", ttlSec: negativeTtlSec };
        if (found.owner === owner) return { kind: "no_data", ttlSec: negativeTtlSec };
        owner = found.owner;
      }
      return { kind: "failed", reason: "too many aliases" };
    },
  };
}

const nxDomain = 3;
const codeNames: Readonly<Record<number, string>> = { 1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED" };

/** True for an answer about the name; every other code is about the server's troubles. */
function isMeant({ code, isTruncated }: DnsMessage): boolean {
  return (code === 0 || code === nxDomain) && !isTruncated;
}

function nameCode(code: number): string {
  return codeNames[code] ?? (code === 0 || code === nxDomain ? "TRUNCATED" : `RCODE ${code}`);
}

/** Follows aliases within one message. */
function readAnswer<T extends QuestionType>(
  { answers }: DnsMessage,
  name: string,
  type: T,
): { readonly owner: string; readonly records: readonly RecordOf<T>[]; readonly ttlSec: number } {
  let owner = name;
  let ttlSec = longestTtlSec;
  for (let hop = 0; hop < longestChain; hop += 1) {
    const alias = answers.find((record) => record.type === "CNAME" && record.owner === owner);
    if (alias?.type !== "CNAME") break;
    owner = alias.target;
    ttlSec = Math.min(ttlSec, alias.ttlSec);
  }
  const found = answers.filter((record) => record.type === type && record.owner === owner);
  return {
    owner,
    records: found.filter((record): record is RecordOf<T> => record.type === type),
    ttlSec: Math.min(ttlSec, ...found.map((record) => record.ttlSec)),
  };
}

function negativeTtl({ authority }: DnsMessage): number {
  const soa = authority.find((record) => record.type === "SOA");
  if (soa?.type !== "SOA") return unsaidNegativeTtlSec;
  return Math.min(soa.ttlSec, soa.minimumSec, longestNegativeTtlSec);
}

function readServer(text: string): Server {
  const [, bracketed, afterBracket] = /^\[(.+)\](?::(\d+))?$/.exec(text) ?? [];
  if (bracketed !== undefined) return { address: bracketed, port: Number(afterBracket ?? 53) };
  const [, address, port] = /^([^:]+):(\d+)$/.exec(text) ?? [];
  return { address: address ?? text, port: Number(port ?? 53) };
}
