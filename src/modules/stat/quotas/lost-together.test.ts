/** What a killed server and killed senders know is lost: what the database knows must be enough for every quota to hold. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { sliceMs, slicesPerHour } from "#channels/permits/permit-messages.ts";

import { openFlowControl } from "../flow-control.ts";
import { openWarmUpBook, type WarmUpBook, type WarmUpDay } from "../warm-ups/warm-up-book.ts";
import type { SpentRow } from "./accounts.ts";
import { type MxRule, ruleWithoutMatch } from "./mx-rule.ts";
import { openQuotaBook, type QuotaBook } from "./quota-book.ts";

const path = { host: "mx.example.test", address: "192.0.2.1", publicId: 1 };
const perSlice = 60;
const rule: MxRule = {
  ...ruleWithoutMatch,
  id: 1,
  mask: "*",
  maxMessagesPerHour: 12 * perSlice,
  maxConnections: 1_000,
};
const rampOf = (perDay: number) => ({
  firstDayMessages: perDay,
  id: 5,
  publicIds: "1",
  mask: "*",
  startDate: "1970-01-01",
  growthFactor: 1,
  table: [],
  days: 3,
});

type Run = { readonly book: QuotaBook; readonly warmUps: WarmUpBook };

function aRun(nowMs: () => number, perDay: number): Run {
  const warmUps = openWarmUpBook(nowMs, (ms) => new Date(ms).toISOString().slice(0, 10));
  const book = openQuotaBook({ nowMs, flow: openFlowControl(nowMs), warmUps });
  warmUps.set([rampOf(perDay)]);
  book.setRules([rule]);
  return { book, warmUps };
}

/** Rows as they are in the database, and those of writings that failed. */
function aDatabase() {
  const spent = new Map<string, SpentRow>();
  const days = new Map<string, WarmUpDay>();
  let unwritten: { spent: readonly SpentRow[]; days: readonly WarmUpDay[] }[] = [];
  return {
    take: ({ book, warmUps }: Run) => void unwritten.push({ spent: book.takeChanges(), days: warmUps.takeChanges() }),
    commit: ({ book }: Run) => {
      for (const lot of unwritten) {
        for (const row of lot.spent) spent.set(`${row.client} ${row.slice}`, row);
        for (const row of lot.days) days.set(row.day, row);
      }
      unwritten = [];
      book.confirmChanges();
    },
    restore: ({ book, warmUps }: Run) => {
      warmUps.restore([...days.values()]);
      book.restore([...spent.values()]);
    },
  };
}

const client = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ask" as const), client, wanted: fc.nat({ max: 40 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("begin" as const), client, messages: fc.nat({ max: 60 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("end" as const), client, messages: fc.nat({ max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("tell" as const), client }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("giveBack" as const), client }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("write" as const), isDone: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), client }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
);

type Sender = {
  lot: { readonly slice: number; left: number } | undefined;
  readonly begun: Map<number, number>;
  ended: [slice: number, inTime: number, late: number][];
};

test("server and senders killed in one moment: what peers took of a slice and a day, and what is granted then, is within both limits", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), fc.constantFrom(90, 5_000), (steps, perDay) => {
      let nowMs = 0;
      const clock = (): number => nowMs;
      const slice = (): number => Math.floor(nowMs / sliceMs);
      const run = aRun(clock, perDay);
      const database = aDatabase();
      const taken = new Map<number, number>();
      const senders = new Map<string, Sender>();
      const of = (name: string): Sender => {
        const sender = senders.get(name) ?? { lot: undefined, begun: new Map(), ended: [] };
        senders.set(name, sender);
        return sender;
      };
      const tell = (name: string): void => {
        run.book.settle(name, path, of(name).ended);
        of(name).ended = [];
      };
      const giveBack = (name: string): void => {
        const { lot } = of(name);
        if (lot !== undefined && lot.left > 0) run.book.refund(name, path, lot.left, lot.slice);
        of(name).lot = undefined;
      };
      for (const each of steps) {
        if (each.do === "ask") {
          const { lot } = of(each.client);
          if (lot !== undefined && lot.left > 0 && lot.slice === slice()) continue;
          giveBack(each.client);
          const answer = run.book.grantTokens(each.client, path, each.wanted);
          if (answer.kind === "granted") of(each.client).lot = { slice: answer.slice ?? 0, left: answer.tokens ?? 0 };
        } else if (each.do === "begin") {
          const { lot, begun } = of(each.client);
          if (lot === undefined || lot.slice !== slice()) continue;
          const messages = Math.min(each.messages, lot.left);
          lot.left -= messages;
          begun.set(lot.slice, (begun.get(lot.slice) ?? 0) + messages);
        } else if (each.do === "end") {
          const { begun, ended } = of(each.client);
          for (const [from, count] of begun) {
            const messages = Math.min(count, each.messages);
            begun.set(from, count - messages);
            taken.set(slice(), (taken.get(slice()) ?? 0) + messages);
            ended.push(from === slice() ? [from, messages, 0] : [from, 0, messages]);
          }
        } else if (each.do === "tell") tell(each.client);
        else if (each.do === "giveBack") giveBack(each.client);
        else if (each.do === "write") {
          database.take(run);
          if (each.isDone) database.commit(run);
        } else if (each.do === "die") {
          senders.delete(each.client);
          run.book.forget(each.client);
        } else nowMs += sliceMs;
      }
      const next = aRun(clock, perDay);
      database.restore(next);
      const { slice: shown, hour, warmUp } = next.book.describePath(path);
      assert.ok(shown.spent <= perSlice, `${shown.spent} of ${perSlice} are shown as spent in a slice`);
      assert.ok(hour.spent <= perSlice * slicesPerHour, `${hour.spent} are shown as spent in an hour`);
      assert.ok((warmUp?.sent ?? 0) <= perDay, `${warmUp?.sent} of ${perDay} are shown as sent on a day`);
      let more = 0;
      for (;;) {
        const answer = next.book.grantTokens("next", path, 40);
        if (answer.kind === "wait") break;
        if (answer.kind === "granted") more += answer.tokens ?? 0;
        else {
          next.book.takeChanges();
          next.book.confirmChanges();
        }
      }
      const now = (taken.get(slice()) ?? 0) + more;
      assert.ok(now <= perSlice, `${now} of ${perSlice} in a slice`);
      const today = [...taken.values()].reduce((sum, count) => sum + count, 0) + more;
      assert.ok(today <= perDay, `${today} of ${perDay} in a day`);
    }),
    { numRuns: 1_000 },
  );
});
