/** stat: the statistics server that grants senders their connections and messages. */

import type { Answer, Question } from "#channels/permit-messages.ts";
import { openPermits } from "#channels/permits.ts";
import { servePermits } from "#channels/serve-permits.ts";
import { pause } from "#foundation/clock.ts";
import { statAddress } from "#foundation/common-settings.ts";
import { describeError, unreachable } from "#foundation/errors.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";
import { findPortOwner, isPortTaken } from "#foundation/port-owner.ts";
import { repeat } from "#foundation/repeat.ts";

import { statNotAnswering, statNotListening, statPortTaken } from "./errors.ts";
import { listMxRules } from "./mx-rule-store.ts";
import { openQuotaBook, type QuotaBook } from "./quota-book.ts";
import { statSettings } from "./settings.ts";

export const stat: InstanceModule = {
  name: "stat",
  scope: "instance",
  start: (context) => (context.flags["reload"] === undefined ? serve(context) : requestReload(context)),
};

async function serve(context: Context): Promise<Running> {
  const { reloadPeriodSec } = context.settings.of(statSettings);
  const book = openQuotaBook(() => context.clock.elapsedMs());
  // The rules come with the first round; until then the built-in rule holds, so that a database that is away stops nobody.
  const rules = repeat({ log: context.log, event: "stat.rules", intervalMs: reloadPeriodSec * 1_000 }, async () => {
    const read = await listMxRules(context.db);
    book.setRules(read);
    context.log.info("stat.rules_read", { rules: read.length, ...book.summary() });
  });
  try {
    const server = await listen(context, book, () => rules.wake());
    return {
      stop: async () => {
        await rules.stop();
        await server.close();
      },
    };
  } catch (error) {
    await rules.stop();
    throw error;
  }
}

async function listen(context: Context, book: QuotaBook, reload: () => void): Promise<{ close(): Promise<void> }> {
  const { address, port } = context.settings.of(statAddress);
  const { clientTimeoutSec } = context.settings.of(statSettings);
  let isClosed = false;
  try {
    const server = await servePermits({
      address,
      port,
      key: context.secrets.deriveKey("permits", context.instance),
      elapsedMs: () => context.clock.elapsedMs(),
      clientTimeoutMs: clientTimeoutSec * 1_000,
      carryOut: (client, question) => {
        const answer = carryOut(book, client, question, reload);
        if (question.kind === "connect" && answer.kind === "wait" && answer.reason === "connections") {
          const yielder = book.findYielder(client, question.path);
          if (yielder !== undefined) server.notify(yielder, { kind: "yield", path: question.path });
        }
        return answer;
      },
      onClientLost: (client) => {
        book.forget(client);
        context.log.info("stat.client_lost", { client });
      },
    });
    context.log.info("stat.listening", { address, port: server.port });
    return {
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        context.log.info("stat.closing", { ...book.summary(), refused: server.refused });
        await server.close();
      },
    };
  } catch (cause) {
    if (isPortTaken(cause)) throw statPortTaken({ address, port, owner: findPortOwner("udp", port) }, { cause });
    throw statNotListening({ address, port, reason: describeError(cause) }, { cause });
  }
}

function carryOut(book: QuotaBook, client: string, question: Question, reload: () => void): Answer {
  switch (question.kind) {
    case "connect":
      return book.connect(client, question.path);
    case "tokens":
      return book.grantTokens(client, question.path, question.wanted);
    case "release":
      book.release(client, question.path, question.unused);
      return { kind: "done" };
    case "report":
      book.takeReport(client, question);
      return { kind: "done" };
    case "forget":
      book.forget(question.client);
      return { kind: "done" };
    case "reload":
      reload();
      return { kind: "done" };
    default:
      return unreachable(question);
  }
}

const longestReloadMs = 5_000;

/** `postrider stat -reload`: has the running server read its rules, keeping its counters. */
async function requestReload(context: Context): Promise<Running> {
  const { address, port } = context.settings.of(statAddress);
  const permits = openPermits({
    address,
    port,
    key: context.secrets.deriveKey("permits", context.instance),
    client: context.processId,
    elapsedMs: () => context.clock.elapsedMs(),
  });
  const tooLate = new AbortController();
  void pause(longestReloadMs, tooLate.signal).then(() => tooLate.abort());
  const isDone = await permits.reload(tooLate.signal);
  tooLate.abort();
  await permits.close(0);
  if (!isDone) throw statNotAnswering({ address, port });
  context.requestStop(0);
  return { stop: () => Promise.resolve() };
}
