/** Opens a session to a destination: the first address in order that is not left alone, that stat grants, and that answers. */

import type { ConnectionLimits, Path } from "#channels/permit-messages.ts";
import type { Permits } from "#channels/permits.ts";
import type { Log } from "#foundation/log.ts";
import { openSession, type SessionOptions } from "#protocols/smtp/open-session.ts";
import type { OpeningFailure } from "#protocols/smtp/outcome.ts";
import { replyText } from "#protocols/smtp/reply.ts";
import type { Session } from "#protocols/smtp/session.ts";

import type { Target } from "../routing/order-paths.ts";
import type { PathHealth } from "./path-health.ts";

/** A session, and what the statistics server granted for it. */
export type Link = {
  readonly session: Session;
  readonly target: Target;
  /** Messages that it may still carry; 0 = another lot must be asked for, or the connection is used up. */
  tokens: number;
  /** Messages until the connection is used up. */
  messagesLeft: number;
  /** The session is wanted by another child: it ends after the message under way. */
  mustEnd: boolean;
  /** Its address was blamed for the loss already: several messages may be under way. */
  isBlamed: boolean;
  /** Resolves when the outcome of the last message that was begun is safe. */
  isSafe: Promise<void>;
  /** Asks for another lot; answers how long to wait when there is none. */
  refill(signal: AbortSignal): Promise<{ waitMs: number } | undefined>;
  /** Says goodbye, and gives connection and tokens back. */
  close(): Promise<void>;
};

export type Linking =
  | { readonly kind: "open"; readonly link: Link }
  /** Quotas are met: nothing is wrong with the destination. */
  | { readonly kind: "busy"; readonly waitMs: number; readonly reason: "connections" | "quota" }
  /** No address can be reached. */
  | { readonly kind: "unreachable"; readonly waitMs: number; readonly text: string }
  | { readonly kind: "stopped" };

export type LinkTools = {
  readonly permits: Permits;
  readonly health: PathHealth;
  readonly log: Log;
  readonly publicId: number;
  readonly localAddress: string;
  readonly heloName: string;
  readonly usesTls: boolean;
};

/**
 * Tries targets in order; those of a worse preference only when all better ones failed.
 * @param targets best first, at most five
 */
export async function openLink(
  targets: readonly Target[],
  port: number,
  tools: LinkTools,
  signal: AbortSignal,
): Promise<Linking> {
  let failure = "";
  let busy: Extract<Linking, { kind: "busy" }> | undefined;
  let busyPreference: number | undefined;
  for (const target of targets) {
    if (busyPreference !== undefined && target.preference > busyPreference) break;
    if (tools.health.waitMs(target.address) > 0) continue;
    const path: Path = { host: target.host, address: target.address, publicId: tools.publicId };
    const permit = await tools.permits.connect(path, signal);
    if (permit === undefined) return { kind: "stopped" };
    if (permit.kind === "wait") {
      if (busy === undefined || permit.retryAfterMs < busy.waitMs) {
        busy = { kind: "busy", waitMs: permit.retryAfterMs, reason: permit.reason };
      }
      busyPreference = target.preference;
      continue;
    }
    const limits = permit.limits ?? fallbackLimits;
    const opening = await openSession(sessionOptions(target, port, limits, tools));
    if (opening.kind === "open") {
      return {
        kind: "open",
        link: makeLink({
          session: opening.session,
          target,
          path,
          tokens: permit.tokens,
          limits,
          permits: tools.permits,
        }),
      };
    }
    tools.permits.release(path, permit.tokens ?? 0);
    tools.health.fail(target.address);
    failure = describeFailure(opening);
    tools.log.debug("mta.connection_failed", { host: target.host, address: target.address, reason: failure });
  }
  if (busy !== undefined) return busy;
  const waitMs = Math.min(...targets.map((target) => tools.health.waitMs(target.address)));
  return { kind: "unreachable", waitMs: Math.max(100, waitMs), text: failure };
}

function makeLink(options: {
  session: Session;
  target: Target;
  path: Path;
  tokens: number | undefined;
  limits: ConnectionLimits;
  permits: Permits;
}): Link {
  const { session, target, path, limits, permits } = options;
  const isLimited = options.tokens !== undefined;
  let isClosed = false;
  const link: Link = {
    session,
    target,
    tokens: options.tokens ?? limits.maxMessages,
    messagesLeft: limits.maxMessages,
    mustEnd: false,
    isBlamed: false,
    isSafe: Promise.resolve(),
    refill: async (signal) => {
      const answer = await permits.askTokens(path, Math.min(link.messagesLeft, preferredLot), signal);
      if (answer?.kind === "wait") return { waitMs: answer.retryAfterMs };
      link.tokens = answer === undefined ? 0 : (answer.tokens ?? link.messagesLeft);
      return undefined;
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      permits.release(path, isLimited ? link.tokens : 0);
      await session.quit();
    },
  };
  return link;
}

const preferredLot = 50;
const slowestBytesPerSec = 500;

/** What holds when a grant names no limits. */
const fallbackLimits: ConnectionLimits = {
  maxMessages: 500,
  connectionTimeoutMs: 30_000,
  dataTimeoutMs: 300_000,
  otherTimeoutMs: 60_000,
  tls: "default",
};

function sessionOptions(target: Target, port: number, limits: ConnectionLimits, tools: LinkTools): SessionOptions {
  const defaultTls = tools.usesTls ? "opportunistic" : "disabled";
  return {
    address: target.address,
    port,
    serverName: target.host,
    heloName: tools.heloName,
    tls: limits.tls === "default" ? defaultTls : limits.tls,
    mayPipeline: tools.health.mayPipeline(target.address),
    runOn: tools.health.runOn(target.address),
    tlsSessions: tools.health.tlsSessions(target.host, target.address),
    timeouts: {
      connectMs: limits.connectionTimeoutMs,
      greetingMs: limits.connectionTimeoutMs,
      commandMs: limits.otherTimeoutMs,
      contentMs: limits.dataTimeoutMs,
      slowestBytesPerSec,
      finalReplyMs: limits.dataTimeoutMs,
    },
    ...(tools.localAddress === "" ? {} : { localAddress: tools.localAddress }),
    ...(tools.log.traces("smtp")
      ? {
          trace: (direction, text) =>
            tools.log.trace("smtp", "mta.smtp", { host: target.host, address: target.address, direction, text }),
        }
      : {}),
  };
}

function describeFailure(failure: OpeningFailure): string {
  if (failure.kind === "refused") return replyText(failure.reply);
  return `no session, lost at ${failure.stage}: ${failure.loss.text}`;
}
