/** Carries out what senders ask: on the quotas, the flow of paths, the error statistics and the board of what waits. */

import type { Answer, Question } from "#channels/permits/permit-messages.ts";
import { unreachable } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import type { ErrorStatistics } from "./error-statistics/error-statistics.ts";
import type { FlowChange, FlowControl } from "./flow-control.ts";
import type { GrantWritten, Judge } from "./grant-written.ts";
import type { QuotaBook, Unwritten } from "./quotas/quota-book.ts";
import type { ShowPaths } from "./show-paths.ts";
import type { WaitingBoard } from "./waiting-board.ts";

export type StatDesk = {
  readonly book: QuotaBook;
  readonly flow: FlowControl;
  readonly board: WaitingBoard;
  readonly statistics: ErrorStatistics;
  readonly show: ShowPaths;
  /** Milliseconds for which nothing is granted yet. */
  readonly startingForMs: () => number;
  /** True while nobody else can grant. */
  readonly isProved: () => boolean;
  readonly granting: GrantWritten;
  /** False until the next run of stat would wait for this sender. */
  readonly knows: (client: string) => boolean;
  readonly forgetSender: (client: string) => void;
  readonly reload: () => void;
  readonly log: Log;
};

const startingRetryMs = 250;
const notProved: Answer = { kind: "wait", retryAfterMs: 250, reason: "database" };
const unwritten: Unwritten = { kind: "unwritten" };

/** Answers one question; one for leave takes until that is written. */
export function carryOut(desk: StatDesk, client: string, question: Question): Answer | Promise<Answer> {
  const { book } = desk;
  const grant = (judge: Judge): Answer | Promise<Answer> =>
    desk.granting.judge(client, () => starting(desk) ?? (desk.isProved() ? judge() : notProved));
  switch (question.kind) {
    case "connect":
      return grant(() => (desk.knows(client) ? book.connect(client, question.path) : unwritten));
    case "tokens":
      return grant(() => book.grantTokens(client, question.path, question.wanted));
    case "release":
      book.release(client, question.path, question.unused, question.slice);
      return { kind: "done" };
    case "refund":
      book.refund(client, question.path, question.unused, question.slice);
      return { kind: "done" };
    case "news":
      takeNews(desk, client, question);
      return { kind: "done", slice: book.sliceNow };
    case "report":
      book.takeReport(client, question);
      return { kind: "done" };
    case "leave":
      forget(desk, client);
      return { kind: "done" };
    case "forget":
      forget(desk, question.client);
      return { kind: "done" };
    case "reload":
      desk.reload();
      return { kind: "done" };
    case "show":
      return { kind: "shown", ...desk.show(question.after) };
    default:
      return unreachable(question);
  }
}

/** A sender is gone: what it held is free, what it spent stays spent. */
export function forget({ book, board, granting, forgetSender }: StatDesk, client: string): void {
  forgetSender(client);
  granting.forget(client);
  book.forget(client);
  board.forget(client);
}

function starting({ startingForMs }: StatDesk): Answer | undefined {
  const forMs = startingForMs();
  return forMs <= 0
    ? undefined
    : { kind: "wait", retryAfterMs: Math.min(Math.ceil(forMs), startingRetryMs), reason: "starting" };
}

function takeNews(desk: StatDesk, client: string, news: Extract<Question, { kind: "news" }>): void {
  const { book, board, flow, statistics, log } = desk;
  for (const { path, counts, ended } of news.paths) {
    book.settle(client, path, ended);
    statistics.count(path, counts);
    const change = flow.note(path, counts);
    if (change !== undefined) {
      const { host, address, publicId } = path;
      log.info("stat.dynamic_flow_control", {
        host,
        address,
        publicId,
        percent: Math.round(change.level * 100),
        meaning: `dynamic flow control: ${meanings[change.kind]}`,
      });
    }
  }
  if (news.waiting !== undefined) board.note(client, news.waiting);
}

const meanings: { readonly [K in FlowChange["kind"]]: string } = {
  slowed: "the server asks for less, and gets less from all senders",
  probing: "one session with one message at a time, to see whether it takes any",
  restored: "the full rate again",
};
