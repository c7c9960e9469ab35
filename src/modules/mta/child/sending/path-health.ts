/** Remembers which paths failed and how long they are left alone, and what each server was seen to stand. */

import { forgetOldest } from "#foundation/forget-oldest.ts";
import type { RunningOn } from "#protocols/smtp/carrier.ts";
import type { TlsSessions } from "#protocols/smtp/conversation.ts";
import type { RunOnRule } from "#protocols/smtp/session.ts";

export type PathHealth = {
  /**
   * Milliseconds until a path may be connected over again; 0 = now.
   * @param path one of our addresses and one of theirs, as `pathName` writes it
   */
  waitMs(path: string): number;
  /** A connection failed, or the server sent us away at once. */
  fail(path: string): void;
  succeed(path: string): void;
  /** False for a server that announces PIPELINING and breaks at it. */
  mayPipeline(address: string): boolean;
  distrustPipelining(address: string): void;
  /** False for a server whose STARTTLS failed a while ago. */
  mayTryTls(address: string): boolean;
  distrustTls(address: string): void;
  /** Whether a message may begin before the one before it is answered. */
  runOn(address: string): RunOnRule;
  /** Takes over what a session has shown. */
  noteRunningOn(address: string, shown: RunningOn): void;
  /** The last TLS session with a server. */
  tlsSessions(serverName: string, address: string): TlsSessions;
};

/** A server may turn one of our addresses away and take the others. */
export function pathName(path: { localAddress: string; address: string; port: number; isStrict: boolean }): string {
  return `${path.localAddress}>${path.address}:${path.port}${path.isStrict ? " tls" : ""}`;
}

/** Together with the statistics server's own back-off a path is at its full rate again within five minutes. */
const longestPauseMs = 60_000;
/** Opportunistic TLS that failed is not tried for this long: each try costs a connection, and a hanging handshake its whole time. */
const withoutTlsMs = 600_000;
const mostRemembered = 20_000;
/** A server that did not stand it is asked again after this time: servers are replaced. */
const distrustMs = 3_600_000;
const mostTlsSessions = 1_000;

type State = { failures: number; untilMs: number };

/**
 * Opens an empty memory.
 * @param initialDelayMs pause after the first failure; doubles at each further one, up to a minute
 */
export function openPathHealth(initialDelayMs: number, elapsedMs: () => number): PathHealth {
  const failing = new Map<string, State>();
  const unpipelined = new Set<string>();
  const withoutTls = new Map<string, number>();
  const runningOn = new Map<string, { readonly isProved: boolean; readonly sinceMs: number }>();
  const tickets = new Map<string, Buffer>();
  const isDistrusted = (address: string): boolean => {
    const known = runningOn.get(address);
    return known !== undefined && !known.isProved && elapsedMs() - known.sinceMs < distrustMs;
  };
  return {
    waitMs: (path) => Math.max(0, (failing.get(path)?.untilMs ?? 0) - elapsedMs()),
    fail: (path) => {
      const known = failing.get(path);
      // Sessions that end in the same storm are one failure, not many.
      if (known !== undefined && known.untilMs > elapsedMs()) return;
      const failures = (known?.failures ?? 0) + 1;
      failing.delete(path);
      failing.set(path, {
        failures,
        untilMs: elapsedMs() + Math.min(longestPauseMs, initialDelayMs * 2 ** (failures - 1)),
      });
      forgetOldest(failing, mostRemembered);
    },
    succeed: (path) => void failing.delete(path),
    mayPipeline: (address) => !unpipelined.has(address),
    distrustPipelining: (address) => {
      unpipelined.add(address);
      forgetOldest(unpipelined, mostRemembered);
    },
    mayTryTls: (address) => elapsedMs() >= (withoutTls.get(address) ?? 0),
    distrustTls: (address) => {
      withoutTls.delete(address);
      withoutTls.set(address, elapsedMs() + withoutTlsMs);
      forgetOldest(withoutTls, mostRemembered);
    },
    runOn: (address) => {
      if (isDistrusted(address)) return "never";
      return runningOn.get(address)?.isProved === true ? "proved" : "try";
    },
    noteRunningOn: (address, shown) => {
      // A session that began before another one failed proves nothing any more.
      if (shown === "untried" || (shown === "proved" && isDistrusted(address))) return;
      runningOn.delete(address);
      runningOn.set(address, { isProved: shown === "proved", sinceMs: elapsedMs() });
      forgetOldest(runningOn, mostRemembered);
    },
    tlsSessions: (serverName, address) => {
      const key = `${serverName} ${address}`;
      return {
        recall: () => tickets.get(key),
        keep: (ticket) => {
          tickets.delete(key);
          tickets.set(key, ticket);
          forgetOldest(tickets, mostTlsSessions);
        },
        forget: () => void tickets.delete(key),
      };
    },
  };
}
