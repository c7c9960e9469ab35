import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { type Answer, type Path, sliceMs, slicesPerHour } from "#channels/permits/permit-messages.ts";

import { openFlowControl } from "../flow-control.ts";
import type { SpentRow } from "./accounts.ts";
import { type MxRule, ruleWithoutMatch } from "./mx-rule.ts";
import { openQuotaBook, type QuotaBook, type Unwritten } from "./quota-book.ts";
import { sliceQuota } from "./slice-quota.ts";
import { openWarmUpBook, type WarmUpBook } from "../warm-ups/warm-up-book.ts";

const google = { host: "mx.google.com", address: "192.0.2.1", publicId: 1 };
const sibling = { ...google, host: "alt.google.com", address: "192.0.2.2" };

/** What is wanted is written as soon as it is asked, and the question asked again. */
type WrittenBook = Omit<QuotaBook, "connect" | "grantTokens"> & {
  connect(client: string, path: Path): Answer;
  grantTokens(client: string, path: Path, wanted: number): Answer;
};

function aBook(rule: Partial<MxRule> = {}): {
  book: WrittenBook;
  unwritten: QuotaBook;
  warmUps: WarmUpBook;
  move: (ms: number) => void;
  setRule: (rule: Partial<MxRule>) => void;
} {
  let nowMs = 0;
  const clock = (): number => nowMs;
  const warmUps = openWarmUpBook(clock, (ms) => new Date(ms).toISOString().slice(0, 10));
  const unwritten = openQuotaBook({ nowMs: clock, flow: openFlowControl(clock), warmUps });
  const book = writing(unwritten);
  const setRule = (changed: Partial<MxRule>): void =>
    book.setRules([{ ...ruleWithoutMatch, id: 1, mask: "*.google.com", ...changed }]);
  setRule(rule);
  return { book, unwritten, warmUps, setRule, move: (ms) => void (nowMs += ms) };
}

function writing(book: QuotaBook): WrittenBook {
  const written = (ask: () => Answer | Unwritten): Answer => {
    const answer = ask();
    if (answer.kind !== "unwritten") return answer;
    book.takeChanges();
    book.confirmChanges();
    const again = ask();
    assert.ok(again.kind !== "unwritten", "what is written is granted");
    return again;
  };
  return {
    ...book,
    connect: (client, path) => written(() => book.connect(client, path)),
    grantTokens: (client, path, wanted) => written(() => book.grantTokens(client, path, wanted)),
  };
}

test("connections of a path are limited over all senders", () => {
  const { book } = aBook({ maxConnections: 2 });
  assert.equal(book.connect("a", google).kind, "granted");
  assert.equal(book.connect("b", google).kind, "granted");
  assert.deepEqual(book.connect("a", google), { kind: "wait", retryAfterMs: 250, reason: "connections" });
  book.release("b", google, 0);
  assert.equal(book.connect("a", google).kind, "granted");
});

test("each address of a provider is a path of its own", () => {
  const { book } = aBook({ maxConnections: 1 });
  assert.equal(book.connect("a", google).kind, "granted");
  assert.equal(book.connect("a", sibling).kind, "granted");
});

test("without an hourly limit a connection needs no tokens", () => {
  const { book } = aBook();
  assert.equal("tokens" in book.connect("a", google), false);
});

test("an hourly limit is spent in twelve slices: 833 of 10,000 in the first", () => {
  const { book, move } = aBook({ maxMessagesPerHour: 10_000 });
  let granted = 0;
  for (;;) {
    const answer = book.grantTokens("a", google, 100);
    if (answer.kind !== "granted") {
      assert.deepEqual(answer, { kind: "wait", retryAfterMs: 10_000, reason: "quota" });
      break;
    }
    granted += answer.tokens ?? 0;
  }
  assert.equal(granted, 833);
  book.settle("a", google, [[0, 833, 0]]);
  const answer = book.grantTokens("a", google, 100);
  assert.deepEqual(answer, { kind: "wait", retryAfterMs: sliceMs + 1, reason: "quota" }, "none can come back");
  move(sliceMs);
  assert.equal(book.grantTokens("a", google, 100).kind, "granted");
});

test("a token says of which slice it is, and how long that lasts", () => {
  const { book, move } = aBook({ maxMessagesPerHour: 1_200 });
  move(7 * sliceMs + 1_000);
  const answer = book.connect("a", google);
  assert.ok(answer.kind === "granted");
  assert.deepEqual([answer.tokens, answer.slice, answer.sliceLeftMs], [10, 7, sliceMs - 1_000]);
});

test("a message that ends after its slice counts in the slice in which it ends", () => {
  const { book, move } = aBook({ maxMessagesPerHour: 1_200 });
  assert.equal(total(book, 100), 100);
  move(sliceMs);
  assert.deepEqual(book.grantTokens("a", google, 100), { kind: "wait", retryAfterMs: 500, reason: "quota" });
  book.settle("a", google, [[0, 60, 0]]);
  book.refund("a", google, 30, 0);
  assert.equal(total(book, 100), 90, "ten are under way, and may end now");
  book.settle("a", google, [[0, 0, 10]]);
  assert.equal(book.describePath(google).slice.spent, 100);
  assert.equal(book.describePath(google).hour.spent, 160);
});

test("twelve slices spend exactly the hour's limit, small limits too", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.nat({ max: 1_000 }), (limit, first) => {
      const total = Array.from({ length: slicesPerHour }, (_, index) => sliceQuota(limit, first + index)).reduce(
        (sum, quota) => sum + quota,
        0,
      );
      assert.equal(total, limit);
    }),
  );
});

test("a lot has ten tokens at least, and no more than the slice has left", () => {
  const { book } = aBook({ maxMessagesPerHour: 12 * 15 });
  assert.equal(tokensOf(book.grantTokens("a", google, 1)), 10);
  assert.equal(tokensOf(book.grantTokens("a", google, 1)), 5);
});

test("tokens that were not used go back", () => {
  const { book } = aBook({ maxMessagesPerHour: 12 * 10 });
  assert.equal(book.connect("a", google).kind, "granted");
  assert.equal(book.connect("b", google).kind, "wait");
  book.release("a", google, 4, 0);
  assert.equal(tokensOf(book.connect("b", google)), 4);
});

test("tokens that come back twice, or that were never granted, are not granted twice", () => {
  const { book } = aBook({ maxMessagesPerHour: 12 * 10 });
  book.connect("a", google);
  book.refund("a", google, 4, 0);
  book.refund("a", google, 400, 0);
  book.release("b", google, 50, 0);
  assert.equal(total(book, 50), 10);
});

test("a shared limit is one for all addresses of a provider, an unshared one is each address's own", () => {
  for (const [isShared, second] of [
    [true, "wait"],
    [false, "granted"],
  ] as const) {
    const { book } = aBook({ isShared, maxMessagesPerHour: 12 * 10 });
    book.grantTokens("a", google, 10);
    assert.equal(book.grantTokens("a", sibling, 10).kind, second);
  }
});

for (const [ours, theirs, perHour, shared, unshared] of [
  [2, 7, 10_000, 20_000, 140_000],
  [1, 5, 1_000, 1_000, 5_000],
] as const) {
  test(`${ours} of our addresses and ${theirs} of a provider at ${perHour}/h: ${shared} when shared, ${unshared} when not`, () => {
    for (const [isShared, expected] of [
      [true, shared],
      [false, unshared],
    ] as const) {
      const { book, move } = aBook({ isShared, maxMessagesPerHour: perHour });
      let sum = 0;
      for (let slice = 0; slice < slicesPerHour; slice += 1) {
        for (let publicId = 1; publicId <= ours; publicId += 1)
          for (let host = 1; host <= theirs; host += 1)
            sum += total(book, 1_000_000, { host: `mx${host}.google.com`, address: `192.0.2.${host}`, publicId });
        book.forget("a");
        move(sliceMs);
      }
      assert.equal(sum, expected);
    }
  });
}

test("two names of one address share its connections", () => {
  const { book } = aBook({ maxConnections: 1 });
  assert.equal(book.connect("a", google).kind, "granted");
  assert.equal(book.connect("a", { ...google, host: "other.google.com" }).kind, "wait");
});

test("the rule for everything counts each host by itself", () => {
  const { book } = aBook({ mask: "*", isShared: true, maxMessagesPerHour: 12 * 10 });
  assert.equal(book.grantTokens("a", google, 10).kind, "granted");
  assert.equal(book.grantTokens("a", sibling, 10).kind, "granted");
  assert.equal(book.grantTokens("a", google, 10).kind, "wait");
});

test("a report gives a restarted server back what was held and spent", () => {
  const { book } = aBook({ maxConnections: 3, maxMessagesPerHour: 12 * 100 });
  const spent = [
    [0, 95],
    [-1, 20],
  ] as const;
  const report = { path: google, openConnections: 3, spent, outstanding: [[0, 15]] as const };
  book.takeReport("a", { number: 1, isLast: true, paths: [report] });
  assert.equal(book.connect("b", google).kind, "wait");
  book.release("a", google, 0);
  assert.equal(tokensOf(book.connect("b", google)), 5);
});

test("what a report says less than the book, was given back", () => {
  const { book } = aBook({ maxMessagesPerHour: 12 * 100 });
  total(book, 100);
  const report = { path: google, openConnections: 0, spent: [[0, 60]] as const, outstanding: [] };
  book.takeReport("a", { number: 1, isLast: true, paths: [report] });
  assert.equal(total(book, 100), 40);
});

test("what was written before a restart counts for senders that do not come back, and once for those that do", () => {
  const { book } = aBook({ maxMessagesPerHour: 12 * 100 });
  book.restore([
    { client: "gone", path: google, slice: 0, tokens: 30, underWay: 0, setAside: 0 },
    { client: "", path: google, slice: 0, tokens: 5, underWay: 0, setAside: 0 },
    { client: "a", path: google, slice: 0, tokens: 20, underWay: 0, setAside: 0 },
  ]);
  const report = { path: google, openConnections: 1, spent: [[0, 25]] as const, outstanding: [] };
  book.takeReport("a", { number: 1, isLast: true, paths: [report] });
  assert.equal(book.describePath(google).slice.spent, 60);
  book.forget("gone");
  assert.equal(book.describePath(google).slice.spent, 60);
  assert.deepEqual(book.listClients(), ["a"]);
});

test("what is written is what changed, and what a sender leaves is nobody's", () => {
  const { unwritten: book } = aBook({ maxMessagesPerHour: 12 * 100 });
  assert.equal(book.grantTokens("a", google, 10).kind, "unwritten");
  assert.deepEqual(book.takeChanges(), [
    { client: "a", path: google, slice: 0, tokens: 10, underWay: 10, setAside: 10 },
  ]);
  assert.equal(book.grantTokens("a", google, 10).kind, "unwritten", "taken is not written");
  book.confirmChanges();
  assert.equal(tokensOf(book.grantTokens("a", google, 10)), 10);
  assert.deepEqual(
    book.takeChanges(),
    [{ client: "a", path: google, slice: 0, tokens: 31, underWay: 31, setAside: 21 }],
    "and ahead of it",
  );
  assert.deepEqual(book.takeChanges(), []);
  book.forget("a");
  assert.deepEqual(
    book.takeChanges().map(({ client, tokens }) => [client, tokens]),
    [
      ["a", 0],
      ["", 10],
    ],
  );
});

test("what was set aside for senders that were killed is shown apart, and no limit as passed", () => {
  const rule = { maxMessagesPerHour: 12 * 100 };
  const first = aBook(rule);
  first.warmUps.set([{ ...ramp, firstDayMessages: 100 }]);
  const rows = new Map<string, SpentRow>();
  const write = (): void => {
    for (const row of first.unwritten.takeChanges()) rows.set(row.client, row);
    first.unwritten.confirmChanges();
  };
  for (const client of ["a", "b", "a", "b"])
    while (first.unwritten.grantTokens(client, google, 20).kind === "unwritten") write();
  write();
  const days = first.warmUps.takeChanges();
  assert.ok([...rows.values()].reduce((sum, { tokens }) => sum + tokens, 0) > 100, "more is set aside than is left");
  const restart = (): ReturnType<typeof aBook> => {
    const next = aBook(rule);
    next.warmUps.set([{ ...ramp, firstDayMessages: 100 }]);
    next.warmUps.restore(days);
    next.book.restore([...rows.values()]);
    return next;
  };
  const shown = ({ book }: ReturnType<typeof aBook>): unknown => {
    const { slice, hour, warmUp } = book.describePath(google);
    return [slice, hour, warmUp].map((limit) => limit && { ...limit, limit: undefined });
  };
  const next = restart();
  const apart = { spent: 80, setAside: 40, limit: undefined };
  const ofDay = { day: 1, sent: 80, setAside: 40, limit: undefined };
  assert.deepEqual(shown(next), [apart, apart, ofDay]);
  next.book.forget("b");
  assert.deepEqual(shown(next), [apart, apart, ofDay], "it counts on");
  for (const row of next.book.takeChanges()) rows.set(row.client, row);
  const third = restart();
  third.book.takeReport("a", {
    number: 1,
    isLast: true,
    paths: [{ path: google, openConnections: 0, spent: [[0, 40]], outstanding: [] }],
  });
  const left = { spent: 80, setAside: 20, limit: undefined };
  assert.deepEqual(
    shown(third),
    [left, left, { ...ofDay, setAside: 20 }],
    "less what a sender says that it did not use",
  );
});

test("what a report does not name any more is no longer held", () => {
  const { book } = aBook({ maxConnections: 1 });
  book.connect("a", google);
  book.takeReport("a", { number: 1, isLast: false, paths: [] });
  assert.equal(book.connect("b", google).kind, "wait");
  book.takeReport("a", { number: 1, isLast: true, paths: [] });
  assert.equal(book.connect("b", google).kind, "granted");
});

test("a report that comes twice counts once", () => {
  const { book } = aBook({ maxConnections: 4 });
  const path = { path: google, openConnections: 2, spent: [[0, 5]] as const, outstanding: [] };
  const report = { number: 1, isLast: true, paths: [path] };
  book.takeReport("a", report);
  book.takeReport("a", report);
  assert.equal(book.summary().openConnections, 2);
});

test("a sender that is forgotten frees its connections, not its tokens", () => {
  const { book } = aBook({ maxConnections: 1, maxMessagesPerHour: 12 * 10 });
  book.connect("host:12:abc", google);
  for (const other of ["host:12:", "host:1", "", "host:12:abcd"]) book.forget(other);
  assert.equal(book.summary().openConnections, 1, "of that sender only");
  book.forget("host:12:abc");
  assert.equal(book.summary().openConnections, 0);
  assert.deepEqual(book.connect("b", google), { kind: "wait", retryAfterMs: sliceMs + 1, reason: "quota" });
  assert.equal(book.describePath(google).tokensHeld, 0);
});

test("other rules count what is already held", () => {
  const { book, setRule } = aBook({ maxMessagesPerHour: 0 });
  setRule({ maxMessagesPerHour: 12 * 30 });
  book.grantTokens("a", google, 25);
  setRule({ maxMessagesPerHour: 12 * 30, mask: "*", id: 7 });
  assert.equal(tokensOf(book.grantTokens("a", google, 10)), 5);
});

test("paths of which nothing is left are forgotten", () => {
  const { book, move } = aBook({ maxMessagesPerHour: 1_200, isShared: false });
  for (let index = 0; index < 5_000; index += 1) {
    const path = { host: `mx${index}.google.com`, address: `10.0.${index >> 8}.${index & 255}`, publicId: 1 };
    const answer = book.connect("a", path);
    assert.ok(answer.kind === "granted");
    book.settle("a", path, [[0, 10, 0]]);
    book.release("a", path, 0, 0);
  }
  assert.equal(book.describe().length, 5_000);
  move(13 * sliceMs);
  book.takeChanges();
  book.sweep();
  assert.equal(book.describe().length, 0);
  assert.deepEqual(book.listClients(), []);
});

const ramp = {
  id: 5,
  publicIds: "1",
  mask: "*",
  startDate: "1970-01-01",
  firstDayMessages: 15,
  growthFactor: 2,
  table: [],
  days: 3,
};

test("an address that warms up sends what its day allows, and more on the next, until the ramp ends", () => {
  const { book, warmUps, move } = aBook();
  warmUps.set([ramp]);
  const oneDay = 288;
  for (const allowed of [15, 30, 60]) {
    assert.equal(total(book, 100), allowed);
    const answer = book.connect("a", google);
    assert.ok(answer.kind === "wait" && answer.reason === "warmUp");
    assert.equal(book.connect("a", { ...google, publicId: 2 }).kind, "granted", "another address of ours is free");
    book.forget("a");
    move(oneDay * sliceMs);
  }
  assert.equal("tokens" in book.connect("a", google), false, "the ramp is over");
});

test("tokens that come back are given back to the day, and a restart keeps its count", () => {
  const { book, warmUps, move } = aBook();
  warmUps.set([ramp]);
  assert.equal(total(book, 100), 15);
  book.refund("a", google, 5, 0);
  book.takeChanges();
  assert.deepEqual(warmUps.takeChanges(), [{ warmUpId: 5, publicId: 1, day: "1970-01-01", messages: 15, setAside: 5 }]);
  move(sliceMs);
  book.takeChanges();
  assert.deepEqual(
    warmUps.takeChanges(),
    [{ warmUpId: 5, publicId: 1, day: "1970-01-01", messages: 10, setAside: 0 }],
    "the rest of a slice",
  );
  const next = aBook();
  next.warmUps.set([ramp]);
  next.warmUps.restore([{ warmUpId: 5, publicId: 1, day: "1970-01-01", messages: 10, setAside: 0 }]);
  next.book.restore([{ client: "a", path: google, slice: 0, tokens: 10, underWay: 0, setAside: 0 }]);
  const report = { path: google, openConnections: 0, spent: [[0, 12]] as const, outstanding: [] };
  next.book.takeReport("a", { number: 1, isLast: true, paths: [report] });
  assert.equal(total(next.book, 100), 3);
});

test("who has most is asked to yield, unless the other has nearly as many", () => {
  const { book } = aBook({ maxConnections: 20 });
  for (let count = 0; count < 3; count += 1) book.connect("a", google);
  book.connect("b", google);
  assert.equal(book.findYielder("c", google), "a");
  assert.equal(book.findYielder("b", google), "a");
  book.connect("b", google);
  assert.equal(book.findYielder("b", google), undefined);
  assert.equal(book.findYielder("a", google), undefined);
  assert.equal(book.findYielder("c", sibling), undefined);
});

test("whatever senders ask, no path has more connections than its limit and no slice more tokens than its quota", () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant("connect" as const), client: fc.constantFrom("a", "b") }),
    fc.record({ kind: fc.constant("tokens" as const), client: fc.constantFrom("a", "b"), wanted: fc.nat({ max: 50 }) }),
    fc.record({ kind: fc.constant("release" as const), client: fc.constantFrom("a", "b") }),
    fc.record({ kind: fc.constant("move" as const), ms: fc.nat({ max: sliceMs }) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), fc.nat({ max: 400 }), (actions, perHour) => {
      const { book, move } = aBook({ maxConnections: 3, maxMessagesPerHour: perHour + 1 });
      let nowMs = 0;
      const granted = new Map<number, number>();
      const note = (answer: Answer): void => {
        const slice = Math.floor(nowMs / sliceMs);
        if (answer.kind === "granted") granted.set(slice, (granted.get(slice) ?? 0) + (answer.tokens ?? 0));
      };
      for (const step of actions) {
        if (step.kind === "connect") note(book.connect(step.client, google));
        else if (step.kind === "tokens") note(book.grantTokens(step.client, google, step.wanted));
        else if (step.kind === "release") book.release(step.client, google, 0, 0);
        else {
          nowMs += step.ms;
          move(step.ms);
        }
        assert.ok(book.summary().openConnections <= 3);
      }
      for (const [slice, tokens] of granted) assert.ok(tokens <= sliceQuota(perHour + 1, slice));
    }),
  );
});

/** Takes tokens until there are none, or so many; answers how many there were. */
function total(book: WrittenBook, most: number, path = google): number {
  let sum = 0;
  while (sum < most) {
    const answer = book.grantTokens("a", path, most - sum);
    if (answer.kind !== "granted") break;
    sum += answer.tokens ?? 0;
  }
  return sum;
}

function tokensOf(answer: Answer | Unwritten): number | undefined {
  return answer.kind === "granted" ? answer.tokens : undefined;
}
