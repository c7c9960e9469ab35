import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { sliceMs, slicesPerHour } from "#channels/permit-messages.ts";

import { type MxRule, ruleWithoutMatch } from "./mx-rule.ts";
import { openQuotaBook, type QuotaBook, sliceQuota } from "./quota-book.ts";

const google = { host: "mx.google.com", address: "192.0.2.1", publicId: 1 };
const sibling = { ...google, host: "alt.google.com", address: "192.0.2.2" };

function aBook(rule: Partial<MxRule> = {}): {
  book: QuotaBook;
  move: (ms: number) => void;
  setRule: (rule: Partial<MxRule>) => void;
} {
  let nowMs = 0;
  const book = openQuotaBook(() => nowMs);
  const setRule = (changed: Partial<MxRule>): void =>
    book.setRules([{ ...ruleWithoutMatch, id: 1, mask: "*.google.com", ...changed }]);
  setRule(rule);
  return { book, setRule, move: (ms) => void (nowMs += ms) };
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
      assert.deepEqual(answer, { kind: "wait", retryAfterMs: sliceMs + 1, reason: "quota" });
      break;
    }
    granted += answer.tokens ?? 0;
  }
  assert.equal(granted, 833);
  move(sliceMs);
  assert.equal(book.grantTokens("a", google, 100).kind, "granted");
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
  assert.deepEqual(book.grantTokens("a", google, 1), { kind: "granted", tokens: 10 });
  assert.deepEqual(book.grantTokens("a", google, 1), { kind: "granted", tokens: 5 });
});

test("tokens that were not used go back", () => {
  const { book } = aBook({ maxMessagesPerHour: 12 * 10 });
  assert.equal(book.connect("a", google).kind, "granted");
  assert.equal(book.connect("b", google).kind, "wait");
  book.release("a", google, 4);
  const answer = book.connect("b", google);
  assert.ok(answer.kind === "granted");
  assert.equal(answer.tokens, 4);
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

test("the rule for everything counts each host by itself", () => {
  const { book } = aBook({ mask: "*", isShared: true, maxMessagesPerHour: 12 * 10 });
  assert.equal(book.grantTokens("a", google, 10).kind, "granted");
  assert.equal(book.grantTokens("a", sibling, 10).kind, "granted");
  assert.equal(book.grantTokens("a", google, 10).kind, "wait");
});

test("a report gives a restarted server back what was held and spent", () => {
  const { book } = aBook({ maxConnections: 3, maxMessagesPerHour: 12 * 100 });
  book.takeReport("a", { number: 1, isLast: true, paths: [{ path: google, openConnections: 3, spent: [95, 20] }] });
  assert.equal(book.connect("b", google).kind, "wait");
  book.release("a", google, 0);
  const answer = book.connect("b", google);
  assert.ok(answer.kind === "granted");
  assert.equal(answer.tokens, 5);
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
  const report = { number: 1, isLast: true, paths: [{ path: google, openConnections: 2, spent: [5] }] };
  book.takeReport("a", report);
  book.takeReport("a", report);
  assert.equal(book.summary().openConnections, 2);
});

test("a sender that is forgotten frees its connections, not its tokens", () => {
  const { book } = aBook({ maxConnections: 1, maxMessagesPerHour: 12 * 10 });
  book.connect("host:12:abc", google);
  assert.equal(book.forget("host:12:"), 1);
  assert.equal(book.summary().openConnections, 0);
  assert.deepEqual(book.connect("b", google), { kind: "wait", retryAfterMs: sliceMs + 1, reason: "quota" });
});

test("other rules count what is already held", () => {
  const { book, setRule } = aBook({ maxMessagesPerHour: 0 });
  setRule({ maxMessagesPerHour: 12 * 30 });
  book.grantTokens("a", google, 25);
  setRule({ maxMessagesPerHour: 12 * 30, mask: "*", id: 7 });
  assert.deepEqual(book.grantTokens("a", google, 10), { kind: "granted", tokens: 5 });
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
      const note = (answer: ReturnType<QuotaBook["connect"]>): void => {
        const slice = Math.floor(nowMs / sliceMs);
        if (answer.kind === "granted") granted.set(slice, (granted.get(slice) ?? 0) + (answer.tokens ?? 0));
      };
      for (const step of actions) {
        if (step.kind === "connect") note(book.connect(step.client, google));
        else if (step.kind === "tokens") note(book.grantTokens(step.client, google, step.wanted));
        else if (step.kind === "release") book.release(step.client, google, 0);
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
