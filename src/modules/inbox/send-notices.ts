/** Sends the notices that the built-in mailbox owes, to inMail and nowhere else. */

import { createTransport } from "nodemailer";

import type { NoticeState, OwedNotice } from "#campaign/inbox/inbox-message.ts";
import { postponeNotices, selectOwedNotices, updateNoticeStates } from "#campaign/inbox/inbox-store.ts";
import type { Context } from "#foundation/module.ts";

import { buildNotice } from "./build-notice.ts";
import { noticesUndeliverable } from "./errors.ts";

const noticesPerRound = 200;
const headBytes = 32 * 1024;
const connections = 4;

export type NoticeSender = {
  /** Sends what is due; answers `again` when more may be. */
  sendDue(): Promise<"again" | void>;
  /** Closes every connection; a notice that is on its way over one stays owed. Safe to call twice. */
  close(): void;
};

type Sending = {
  readonly notice: OwedNotice;
  readonly outcome: "sent" | "refused" | "postponed" | "unreachable";
  readonly reason?: string;
};

/** Opens a small pool of connections to inMail; they are made when the first notice is due. */
export function createNoticeSender(
  context: Pick<Context, "db" | "log">,
  inMail: { address: string; port: number },
): NoticeSender {
  const transport = createTransport({
    host: inMail.address,
    port: inMail.port,
    pool: true,
    maxConnections: connections,
    ignoreTLS: true,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 60_000,
  });

  let isClosed = false;

  const send = async (notice: OwedNotice): Promise<Sending> => {
    const { from, to, content } = buildNotice(notice);
    try {
      await transport.sendMail({ envelope: { from, to: [to] }, raw: content });
      return { notice, outcome: "sent" };
    } catch (error) {
      return { notice, outcome: readOutcome(error), reason: error instanceof Error ? error.message : String(error) };
    }
  };

  return {
    sendDue: async () => {
      const due = await selectOwedNotices(context.db, noticesPerRound, headBytes);
      if (due.length === 0) return;
      const sendings = await Promise.all(due.map(send));
      await record(context, sendings);
      const unreachable = sendings.find(({ outcome }) => outcome === "unreachable");
      // Broken off by us: inMail is not to blame.
      if (unreachable !== undefined && !isClosed)
        throw noticesUndeliverable({ where: `${inMail.address}:${inMail.port}`, reason: unreachable.reason ?? "" });
      return due.length === noticesPerRound && !isClosed ? "again" : undefined;
    },
    close: () => {
      isClosed = true;
      transport.close({ force: true });
    },
  };
}

async function record({ db, log }: Pick<Context, "db" | "log">, sendings: readonly Sending[]): Promise<void> {
  const idsOf = (outcome: Sending["outcome"]): number[] =>
    sendings.filter((sending) => sending.outcome === outcome).map(({ notice }) => notice.id);
  const states: readonly [Sending["outcome"], NoticeState][] = [
    ["sent", "sent"],
    ["refused", "failed"],
  ];
  for (const [outcome, state] of states) {
    const ids = idsOf(outcome);
    if (ids.length > 0) await updateNoticeStates(db, ids, state);
  }
  const postponed = idsOf("postponed");
  if (postponed.length > 0) await postponeNotices(db, postponed);
  const refusal = sendings.find(({ outcome }) => outcome === "refused");
  if (refusal !== undefined)
    log.warning("inbox.notices_refused", { notices: idsOf("refused").length, reason: refusal.reason });
  if (idsOf("sent").length > 0) log.info("inbox.notices_sent", { notices: idsOf("sent").length });
}

/** A reply of inMail decides about one notice; no reply means that inMail is away, and the notice stays as it is. */
function readOutcome(error: unknown): Sending["outcome"] {
  const code = error instanceof Error && "responseCode" in error ? error.responseCode : undefined;
  if (typeof code !== "number" || code === 421) return "unreachable";
  return code >= 500 ? "refused" : "postponed";
}
