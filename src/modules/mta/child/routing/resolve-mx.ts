/** Asks DNS for mail exchangers and for their addresses. What the answers mean is said in values; a dead resolver condemns nobody. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";

import { type DnsAnswer, openResolver, type Resolver } from "#protocols/dns/open-resolver.ts";
import type { QuestionType } from "#protocols/dns/dns-message.ts";

import type { MailExchanger } from "./destination.ts";
import { type LivedAnswer, rememberAnswers } from "./remember-answers.ts";

export type MxAnswer =
  | { readonly kind: "exchangers"; readonly exchangers: readonly MailExchanger[] }
  /** A null MX (RFC 7505). */
  | { readonly kind: "no_mail" }
  /** NXDOMAIN, and nothing else. */
  | { readonly kind: "no_domain" }
  /** Only IP addresses stand where names should. */
  | { readonly kind: "unusable" }
  | { readonly kind: "failed"; readonly reason: string };

export type AddressAnswer =
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly reason: string };

export type TextAnswer =
  | { readonly kind: "texts"; readonly texts: readonly string[] }
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly reason: string };

export type ResolveMx = (domain: string) => Promise<MxAnswer>;
export type ResolveAddresses = (host: string) => Promise<AddressAnswer>;
export type ResolveText = (name: string) => Promise<TextAnswer>;

/** Answers are remembered for as long as their records say. */
export type Names = {
  readonly resolveMx: ResolveMx;
  readonly resolveAddresses: ResolveAddresses;
  readonly resolveText: ResolveText;
  /** As any program of this host would, its hosts file included: for hosts that an operator named. */
  readonly lookUpHost: ResolveAddresses;
};

/** A domain with hundreds of exchangers is not asked for the addresses of all. */
const mostExchangers = 20;
/** The hosts file says no time. */
const hostRememberedSec = 60;

/**
 * Opens a resolver.
 * @param nameServers `address` or `address:port`; empty = those of the system
 * @param onAnswer told of each question that was put to a server, and how long its answer took
 * @source RFC 5321 section 5.1, RFC 7505
 */
export function openNames(options: {
  nameServers: readonly string[];
  timeoutMs: number;
  tries: number;
  elapsedMs: () => number;
  onAnswer?: (question: string, name: string, answer: object, durationMs: number) => void;
}): Names {
  const { elapsedMs, onAnswer } = options;
  const resolver = openResolver({ servers: options.nameServers, ...options });
  const remember = <A extends object>(
    question: string,
    ask: (name: string) => Promise<LivedAnswer<A>>,
  ): ((name: string) => Promise<A>) => {
    const answers = rememberAnswers(
      async (name) => {
        const askedMs = elapsedMs();
        const found = await ask(name);
        onAnswer?.(question, name, found.answer, elapsedMs() - askedMs);
        return found;
      },
      { elapsedMs },
    );
    return (name) => answers(name.toLowerCase());
  };
  return {
    resolveMx: remember("MX", (domain) => askMx(resolver, domain)),
    resolveAddresses: remember("A and AAAA", (host) => askAddresses(resolver, host)),
    resolveText: remember("TXT", (name) => askText(resolver, name)),
    lookUpHost: remember("host", lookUp),
  };
}

async function askMx(resolver: Resolver, domain: string): Promise<LivedAnswer<MxAnswer>> {
  const answer = await ask(resolver, domain, "MX");
  if (answer.kind === "failed") return unknown(answer);
  const lived = (found: MxAnswer): LivedAnswer<MxAnswer> => ({
    answer: found,
    ttlSec: answer.ttlSec,
    isFailure: false,
  });
  switch (answer.kind) {
    case "records":
      return lived(readMx(answer.records));
    case "no_data":
      // No MX record: the domain itself is its mail exchanger.
      return lived({ kind: "exchangers", exchangers: [{ host: domain.toLowerCase(), preference: 0 }] });
    case "no_domain":
      return lived({ kind: "no_domain" });
  }
}

async function askAddresses(resolver: Resolver, host: string): Promise<LivedAnswer<AddressAnswer>> {
  const answers = await Promise.all([ask(resolver, host, "A"), ask(resolver, host, "AAAA")]);
  const addresses = answers.flatMap((answer) =>
    answer.kind === "records" ? answer.records.map(({ address }) => address) : [],
  );
  const failed = answers.find((answer) => answer.kind === "failed");
  // One family is known: the other one is asked for again soon.
  const ttlSec = Math.min(...answers.map((answer) => (answer.kind === "failed" ? hostRememberedSec : answer.ttlSec)));
  if (addresses.length > 0) return { answer: { kind: "addresses", addresses }, ttlSec, isFailure: false };
  return failed === undefined ? { answer: { kind: "none" }, ttlSec, isFailure: false } : unknown(failed);
}

async function askText(resolver: Resolver, name: string): Promise<LivedAnswer<TextAnswer>> {
  const answer = await ask(resolver, name, "TXT");
  if (answer.kind === "failed") return unknown(answer);
  const { ttlSec } = answer;
  if (answer.kind !== "records") return { answer: { kind: "none" }, ttlSec, isFailure: false };
  return { answer: { kind: "texts", texts: answer.records.map(({ text }) => text) }, ttlSec, isFailure: false };
}

async function lookUp(host: string): Promise<LivedAnswer<AddressAnswer>> {
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    return { answer: { kind: "addresses", addresses }, ttlSec: hostRememberedSec, isFailure: false };
  } catch (error) {
    return unknown({ reason: error instanceof Error && "code" in error ? String(error.code) : "unknown error" });
  }
}

/** Names outside ASCII are asked for as DNS has them (RFC 5891); what cannot be written so is in no DNS. */
function ask<T extends QuestionType>(resolver: Resolver, name: string, type: T): Promise<DnsAnswer<T>> {
  return resolver.ask(/^[\x21-\x7e]*$/.test(name) ? name.replace(/\.$/, "") : domainToASCII(name), type);
}

function unknown({ reason }: { readonly reason: string }): LivedAnswer<{
  readonly kind: "failed";
  readonly reason: string;
}> {
  return { answer: { kind: "failed", reason }, ttlSec: 0, isFailure: true };
}

/** Drops what is no host name, and keeps the best twenty. */
export function readMx(records: readonly { readonly exchange: string; readonly preference: number }[]): MxAnswer {
  const isNull = records.length > 0 && records.every(({ exchange }) => exchange === "");
  if (isNull) return { kind: "no_mail" };
  const exchangers = records
    .map(({ exchange, preference }) => ({ host: exchange.toLowerCase(), preference }))
    .filter(({ host }) => host !== "" && isIP(host) === 0)
    .sort((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1))
    .slice(0, mostExchangers);
  return exchangers.length === 0 ? { kind: "unusable" } : { kind: "exchangers", exchangers };
}
