/** Asks DNS for mail exchangers and for their addresses. What the answers mean is said in values; a dead resolver condemns nobody. */

import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";

import type { MailExchanger } from "./destination.ts";

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

export type ResolveMx = (domain: string) => Promise<MxAnswer>;
export type ResolveAddresses = (host: string) => Promise<AddressAnswer>;
export type Names = {
  readonly resolveMx: ResolveMx;
  readonly resolveAddresses: ResolveAddresses;
  /** As any program of this host would, its hosts file included: for hosts that an operator named. */
  readonly lookUpHost: ResolveAddresses;
};

/** A domain with hundreds of exchangers is not asked for the addresses of all. */
const mostExchangers = 20;

/** The same names, with every question and its answer told. */
export function traceNames(names: Names, trace: (question: string, name: string, answer: string) => void): Names {
  const traced =
    <A extends { readonly kind: string }>(question: string, ask: (name: string) => Promise<A>) =>
    async (name: string): Promise<A> => {
      const answer = await ask(name);
      trace(question, name, JSON.stringify(answer));
      return answer;
    };
  return {
    resolveMx: traced("MX", names.resolveMx),
    resolveAddresses: traced("A and AAAA", names.resolveAddresses),
    lookUpHost: traced("host", names.lookUpHost),
  };
}

/**
 * Opens a resolver.
 * @param nameServers `address` or `address:port`; empty = those of the system
 * @source RFC 5321 section 5.1, RFC 7505
 */
export function openNames(options: { nameServers: readonly string[]; timeoutMs: number; tries: number }): Names {
  const resolver = new Resolver({ timeout: options.timeoutMs, tries: options.tries });
  if (options.nameServers.length > 0) resolver.setServers([...options.nameServers]);
  return {
    resolveMx: async (domain) => {
      try {
        return readMx(await resolver.resolveMx(domain));
      } catch (error) {
        const code = codeOf(error);
        // No MX record: the domain itself is its mail exchanger.
        if (code === "ENODATA") return { kind: "exchangers", exchangers: [{ host: domain, preference: 0 }] };
        return code === "ENOTFOUND" ? { kind: "no_domain" } : { kind: "failed", reason: code };
      }
    },
    resolveAddresses: async (host) => {
      const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      const addresses = [four, six].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
      if (addresses.length > 0) return { kind: "addresses", addresses };
      const codes = [four, six].flatMap((answer) => (answer.status === "rejected" ? [codeOf(answer.reason)] : []));
      const failed = codes.find((code) => code !== "ENODATA" && code !== "ENOTFOUND");
      return failed === undefined ? { kind: "none" } : { kind: "failed", reason: failed };
    },
    lookUpHost: async (host) => {
      try {
        return { kind: "addresses", addresses: (await lookup(host, { all: true })).map(({ address }) => address) };
      } catch (error) {
        return { kind: "failed", reason: codeOf(error) };
      }
    },
  };
}

/** Drops what is no host name, and keeps the best twenty. */
export function readMx(records: readonly { readonly exchange: string; readonly priority: number }[]): MxAnswer {
  const isNull = records.length > 0 && records.every(({ exchange }) => exchange === "" || exchange === ".");
  if (isNull) return { kind: "no_mail" };
  const exchangers = records
    .map(({ exchange, priority }) => ({ host: exchange.toLowerCase().replace(/\.$/, ""), preference: priority }))
    .filter(({ host }) => host !== "" && isIP(host) === 0)
    .sort((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1))
    .slice(0, mostExchangers);
  return exchangers.length === 0 ? { kind: "unusable" } : { kind: "exchangers", exchangers };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
