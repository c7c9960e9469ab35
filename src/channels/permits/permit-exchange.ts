/** What a sender asks and what it holds, told in an order that no restart of the server can confuse: a report comes first. */

import { splitBySize } from "./path-tally.ts";
import { type Answer, longestDatagramBytes, type PathReport, type Question } from "./permit-messages.ts";
import { openQuestions, type PermitSender } from "./permit-questions.ts";

export type Exchange = {
  /**
   * Asks, and waits as long as it takes; undefined once the signal is aborted.
   * @param changes take what is asked and answered into what is held, at the moments from which on a report has to tell it
   */
  ask(question: Question, signal: AbortSignal, changes?: Changes): Promise<Answer | undefined>;
  /** Tells all that is held. */
  report(): Promise<void>;
  /** True once a server has answered. */
  readonly isIntroduced: boolean;
  close(): Promise<void>;
};

export type Changes = { readonly onAsk?: () => void; readonly onAnswer?: (answer: Answer) => void };

const reportBytes = longestDatagramBytes - 1_024;
/** What a report already tells: asked before it, it must not be carried out after it. */
const toldByReport: readonly string[] = ["release", "refund"];

/** Opens a socket of its own. */
export function openExchange(
  options: PermitSender & {
    readonly describeHeld: () => PathReport[];
    /** Aborted when the sender ends. */
    readonly signal: AbortSignal;
  },
): Exchange {
  const questions = openQuestions(options);
  const ending = options.signal;
  let reportNumber = 0;
  let reporting: Promise<void> | undefined;
  /** Open while a report is on its way: what is held must not change between what it tells and its arrival. */
  let gate: Promise<void> | undefined;
  /** Questions that a report of our own accord waits for. */
  let underWay = 0;
  let onDrained = (): void => undefined;

  const askCounted = async (
    question: Question,
    signal: AbortSignal,
    onAnswer?: (answer: Answer) => void,
  ): Promise<Answer | undefined> => {
    underWay += 1;
    try {
      const answer = await questions.ask(question, signal);
      if (answer !== undefined) onAnswer?.(answer);
      return answer;
    } finally {
      underWay -= 1;
      if (underWay === 0) onDrained();
    }
  };
  const drained = (): Promise<void> =>
    underWay === 0 ? Promise.resolve() : orAborted(new Promise<void>((resolve) => (onDrained = resolve)), ending);

  /** False when the server was restarted meanwhile. */
  const tellAll = async (): Promise<boolean> => {
    reportNumber += 1;
    const number = reportNumber;
    const lots = splitBySize(options.describeHeld(), reportBytes);
    for (const [index, paths] of lots.entries()) {
      const isLast = index === lots.length - 1;
      const answer = await questions.ask({ kind: "report", number, isLast, paths }, ending);
      if (answer?.kind !== "done") return false;
    }
    return true;
  };
  const sendReport = async (isDemanded: boolean): Promise<void> => {
    // A server that demands it carries out nothing that was asked before: only a report of our own accord waits for what is under way.
    if (!isDemanded) await drained();
    while (!ending.aborted && !(await tellAll()));
  };
  /** Questions that meet a restarted server at the same time share one report. */
  const report = (isDemanded: boolean): Promise<void> => {
    reporting ??= sendReport(isDemanded).finally(() => {
      reporting = undefined;
      gate = undefined;
    });
    gate ??= reporting;
    return reporting;
  };

  return {
    ask: async (question, signal, changes) => {
      for (let closed = gate; closed !== undefined && !signal.aborted; closed = gate) await orAborted(closed, signal);
      changes?.onAsk?.();
      for (;;) {
        const answer = await askCounted(question, signal, changes?.onAnswer);
        if (answer?.kind !== "report_first") return answer;
        await orAborted(report(true), signal);
        if (signal.aborted) return undefined;
        if (toldByReport.includes(question.kind)) return { kind: "done" };
      }
    },
    report: () => report(false),
    get isIntroduced() {
      return questions.isIntroduced;
    },
    close: () => questions.close(),
  };
}

function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      signal.removeEventListener("abort", finish);
      resolve();
    };
    signal.addEventListener("abort", finish, { once: true });
    void work.then(finish, finish);
  });
}
