/** Opens a session to a destination: the first address in order that is not left alone, that stat grants, and that answers. */

import type { Lot } from "#channels/permits/held-permits.ts";
import type { ConnectionLimits, Path, WaitReason } from "#channels/permits/permit-messages.ts";
import type { Permits } from "#channels/permits/permits.ts";
import type { Log } from "#foundation/log.ts";
import { type OpeningOutcome, openSession, type SessionOptions } from "#protocols/smtp/open-session.ts";
import type { OpeningFailure, SendOutcome } from "#protocols/smtp/outcome.ts";
import { replyText } from "#protocols/smtp/reply.ts";
import type { Session } from "#protocols/smtp/session.ts";

import type { Destination } from "../routing/destination.ts";
import type { Target } from "../routing/order-paths.ts";
import { chooseTls } from "./choose-tls.ts";
import type { ContentWindow, ContentWindows } from "./content-window.ts";
import { observeOpening, observeOutcome } from "./observe-path.ts";
import { type PathHealth, pathName } from "./path-health.ts";

/** A session, and what the statistics server granted for it. */
export type Link = {
  readonly session: Session;
  readonly target: Target;
  /** Of all sessions to the same server. */
  readonly window: ContentWindow;
  /** For its health. */
  readonly pathName: string;
  readonly path: Path;
  /** Messages that may begin now; 0 = another lot must be asked for, or the connection is used up. */
  readonly tokens: number;
  /** Messages until the connection is used up, or is not ours any more. */
  readonly messagesLeft: number;
  /** The session is wanted by another child: it ends after the message under way. */
  mustEnd: boolean;
  /** Its address was blamed for the loss already: several messages may be under way. */
  isBlamed: boolean;
  /** Takes the token of a message that begins: `tokens` was above 0. Undefined where no limit holds. */
  begin(): Lot | undefined;
  /** The message did not begin after all. */
  giveUp(lot: Lot | undefined): void;
  /** The message came to its end: what the server did is told to the statistics server. */
  noteEnd(lot: Lot | undefined, outcome: SendOutcome): void;
  /** Asks for another lot; answers how long to wait when there is none. */
  refill(signal: AbortSignal): Promise<{ waitMs: number; reason: WaitReason } | undefined>;
  /** Says goodbye, and gives connection and tokens back. */
  close(): Promise<void>;
};

export type Linking =
  | { readonly kind: "open"; readonly link: Link }
  /** Quotas are met: nothing is wrong with the destination. */
  | { readonly kind: "busy"; readonly waitMs: number; readonly reason: WaitReason; readonly path: Path }
  /** No address can be reached. */
  | { readonly kind: "unreachable"; readonly waitMs: number; readonly text: string; readonly path: Path | undefined }
  | { readonly kind: "stopped" };

export type LinkTools = {
  readonly permits: Permits;
  readonly health: PathHealth;
  readonly windows: ContentWindows;
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
  destination: Pick<Destination, "port" | "tls">,
  tools: LinkTools,
  signal: AbortSignal,
): Promise<Linking> {
  const { port, tls } = destination;
  // A certificate that is not good enough for one domain is no failure of the path for the others.
  const isStrict = tls === "required" || tls === "verified";
  const nameOf = (target: Target): string =>
    pathName({ localAddress: tools.localAddress, address: target.address, port: target.port ?? port, isStrict });
  let failure = targets.length === 0 ? "the mail exchangers have no address of the family of ours" : "";
  let busy: Extract<Linking, { kind: "busy" }> | undefined;
  let busyPreference: number | undefined;
  for (const target of targets) {
    if (busyPreference !== undefined && target.preference > busyPreference) break;
    const name = nameOf(target);
    if (tools.health.waitMs(name) > 0) continue;
    const path: Path = { host: target.host, address: target.address, publicId: tools.publicId };
    const permit = await tools.permits.connect(path, signal);
    if (permit === undefined) return { kind: "stopped" };
    if (permit.kind === "wait") {
      if (busy === undefined || permit.retryAfterMs < busy.waitMs) {
        busy = { kind: "busy", waitMs: permit.retryAfterMs, reason: permit.reason, path };
      }
      busyPreference = target.preference;
      continue;
    }
    const limits = permit.limits ?? fallbackLimits;
    const opening = await openSession({ ...sessionOptions(target, destination, limits, tools), signal });
    tools.permits.count(path, oneConnection);
    if (opening.kind === "open") {
      noteTls(opening, target, tools);
      return {
        kind: "open",
        link: makeLink({
          session: opening.session,
          target,
          window: tools.windows.of(`${target.address} ${target.port ?? port}`),
          pathName: name,
          path,
          lot: permit.lot,
          limits,
          permits: tools.permits,
        }),
      };
    }
    tools.permits.release(path, permit.lot);
    // Broken off by us: the server is not to blame.
    if (signal.aborted) return { kind: "stopped" };
    tools.permits.count(path, observeOpening(opening));
    tools.health.fail(name);
    failure = describeFailure(opening);
    tools.log.debug("mta.connection_failed", { host: target.host, address: target.address, reason: failure });
  }
  if (busy !== undefined) return busy;
  const waitMs = Math.min(longestWaitMs, ...targets.map((target) => tools.health.waitMs(nameOf(target))));
  const [first] = targets;
  const path = first && { host: first.host, address: first.address, publicId: tools.publicId };
  return { kind: "unreachable", waitMs: Math.max(100, waitMs), text: failure, path };
}

/** A server that cannot do the TLS that it offers gets its mail in plain text where nothing asks for more; operators can see which. */
function noteTls({ plainBecause }: Extract<OpeningOutcome, { kind: "open" }>, target: Target, tools: LinkTools): void {
  if (plainBecause === undefined) return;
  tools.health.distrustTls(target.address);
  const { host, address } = target;
  tools.log.info("mta.tls_failed", {
    host,
    address,
    reason: describeFailure(plainBecause),
    meaning: "sent in plain text",
  });
}

function makeLink(options: {
  session: Session;
  target: Target;
  window: ContentWindow;
  pathName: string;
  path: Path;
  lot: Lot | undefined;
  limits: ConnectionLimits;
  permits: Permits;
}): Link {
  const { session, target, path, limits, permits } = options;
  let { lot } = options;
  let messagesLeft = limits.maxMessages;
  let isClosed = false;
  const link: Link = {
    session,
    target,
    window: options.window,
    pathName: options.pathName,
    path,
    get tokens() {
      if (permits.isLeaseOver) return 0;
      return lot === undefined ? messagesLeft : Math.min(messagesLeft, permits.leftOf(lot));
    },
    get messagesLeft() {
      return permits.isLeaseOver ? 0 : messagesLeft;
    },
    mustEnd: false,
    isBlamed: false,
    begin: () => {
      messagesLeft -= 1;
      if (lot !== undefined) permits.take(lot);
      return lot;
    },
    giveUp: (taken) => {
      messagesLeft += 1;
      if (taken !== undefined) permits.putBack(taken);
    },
    noteEnd: (taken, outcome) => {
      permits.count(path, observeOutcome(outcome));
      if (taken !== undefined) permits.endMessage(taken);
    },
    refill: async (signal) => {
      const answer = await permits.askTokens(path, Math.min(messagesLeft, preferredLot), signal);
      if (answer?.kind === "wait") return { waitMs: answer.retryAfterMs, reason: answer.reason };
      if (answer !== undefined) ({ lot } = answer);
      return undefined;
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      permits.release(path, lot);
      await session.quit();
    },
  };
  return link;
}

const oneConnection = { connections: 1 };
const longestWaitMs = 60_000;
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

function sessionOptions(
  target: Target,
  { port, tls: demand }: Pick<Destination, "port" | "tls">,
  limits: ConnectionLimits,
  tools: LinkTools,
): SessionOptions {
  const chosen = chooseTls({ usesTls: tools.usesTls, rule: limits.tls, demand });
  const isInVain = chosen.tls === "opportunistic" && !tools.health.mayTryTls(target.address);
  return {
    address: target.address,
    port: target.port ?? port,
    serverName: target.host,
    heloName: tools.heloName,
    ...chosen,
    ...(isInVain ? { tls: "disabled" } : {}),
    mayPipeline: tools.health.mayPipeline(target.address),
    runOn: tools.health.runOn(target.address),
    tlsSessions: tools.health.tlsSessions(target.host, target.address),
    timeouts: {
      connectMs: limits.connectionTimeoutMs,
      greetingMs: limits.connectionTimeoutMs,
      commandMs: limits.otherTimeoutMs,
      contentMs: limits.dataTimeoutMs,
      slowestBytesPerSec,
      // Ten minutes by default, as RFC 5321 section 4.5.3.2.6 asks: who gives up sooner sends copies.
      finalReplyMs: 2 * limits.dataTimeoutMs,
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
