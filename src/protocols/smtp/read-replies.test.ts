import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { longestLineBytes, mostLines, readReplies } from "./read-replies.ts";
import { replyText, type SmtpReply } from "./reply.ts";

/** POSTRIDER_FUZZ_RUNS makes it longer. */
const runs = Number(process.env["POSTRIDER_FUZZ_RUNS"] ?? 200);

function readAll(bytes: Buffer, cuts: readonly number[] = []): { replies: SmtpReply[]; fault: string | undefined } {
  const reader = readReplies();
  const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const replies: SmtpReply[] = [];
  let fault: string | undefined;
  let start = 0;
  for (const end of [...edges, bytes.length]) {
    const reading = reader.push(bytes.subarray(start, end));
    replies.push(...reading.replies);
    fault ??= reading.fault;
    start = end;
  }
  return { replies, fault };
}

test("a reply of one line has its code, its enhanced code and its text", () => {
  const { replies, fault } = readAll(Buffer.from("550 5.1.1 No such user\r\n"));
  assert.deepEqual(replies, [{ code: 550, enhancedCode: "5.1.1", lines: ["5.1.1 No such user"] }]);
  assert.equal(fault, undefined);
});

test("a reply of several lines is one reply", () => {
  const { replies } = readAll(Buffer.from("250-mx.example.test\r\n250-PIPELINING\r\n250 SIZE 1000\r\n"));
  assert.deepEqual(replies, [
    { code: 250, enhancedCode: undefined, lines: ["mx.example.test", "PIPELINING", "SIZE 1000"] },
  ]);
});

test("a code alone, and lines that end in LF only, are understood", () => {
  const { replies } = readAll(Buffer.from("250\r\n354 go\n250\n"));
  assert.deepEqual(
    replies.map(({ code }) => code),
    [250, 354, 250],
  );
});

test("an enhanced code of another class than the reply's is not believed", () => {
  assert.equal(readAll(Buffer.from("450 5.1.1 later\r\n")).replies[0]?.enhancedCode, undefined);
});

for (const [name, bytes] of [
  ["999", "999 what\r\n"],
  ["two digits", "25 ok\r\n"],
  ["no code", "hello there\r\n"],
  ["a code and a letter", "250x\r\n"],
  ["codes that differ within a reply", "250-a\r\n550 b\r\n"],
  ["an empty line", "\r\n"],
] as const) {
  test(`${name} is a fault, and nothing behind it is read`, () => {
    const reading = readAll(Buffer.from(`${bytes}250 ok\r\n`));
    assert.equal(reading.replies.length, 0);
    assert.notEqual(reading.fault, undefined);
  });
}

test("replies in front of a fault still count", () => {
  const { replies, fault } = readAll(Buffer.from("250 ok\r\nnonsense\r\n"));
  assert.equal(replies.length, 1);
  assert.notEqual(fault, undefined);
});

test("a hundred lines are read, one more is a fault", () => {
  const lines = (count: number): Buffer => Buffer.from(`${"220-hello\r\n".repeat(count - 1)}220 hello\r\n`);
  assert.equal(readAll(lines(mostLines)).replies.length, 1);
  assert.match(readAll(lines(mostLines + 1)).fault ?? "", /more than 100 lines/);
});

test("a line of 4,096 bytes is read, a longer one is a fault before its end has come", () => {
  const text = "x".repeat(longestLineBytes - 4);
  assert.equal(readAll(Buffer.from(`250 ${text}\n`)).replies.length, 1);
  assert.match(readAll(Buffer.from(`250 ${text}xx`)).fault ?? "", /longer than 4096/);
});

test("a reply of more than 64 KiB is a fault", () => {
  const line = `250-${"x".repeat(4_000)}\r\n`;
  assert.match(readAll(Buffer.from(line.repeat(17))).fault ?? "", /longer than 65536/);
});

test("controls, NUL and direction marks become blanks, bytes that are no UTF-8 do no harm", () => {
  const { replies } = readAll(
    Buffer.concat([
      Buffer.from("550 a\u0000b\u001b[31mc\u202ed \u2028e"),
      Buffer.from([0xff, 0xfe]),
      Buffer.from("\r\n"),
    ]),
  );
  const text = replies[0] === undefined ? "" : replyText(replies[0]);
  assert.match(text, /^550 a b \[31mc d e/);
  // eslint-disable-next-line no-control-regex -- the point of the test
  assert.doesNotMatch(text, /[\u0000-\u001f\u202e\u2028]/);
});

test("the text of a reply is cut at 1,000 characters", () => {
  const { replies } = readAll(Buffer.from(`550 ${"x".repeat(3_000)}\r\n`));
  assert.equal(replyText(replies[0] ?? { code: 0, enhancedCode: undefined, lines: [] }).length, 1_000);
});

const aReply = fc.record(
  {
    code: fc.integer({ min: 200, max: 599 }),
    lines: fc.array(
      fc.stringMatching(/^[a-zA-Z0-9 .<>@/-]{0,60}$/).map((text) => text.trimEnd()),
      { minLength: 1, maxLength: 20 },
    ),
  },
  { noNullPrototype: true },
);

test("whatever is written is read back, wherever packets are cut", () => {
  fc.assert(
    fc.property(fc.array(aReply, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (replies, cuts) => {
      const bytes = Buffer.from(
        replies
          .flatMap(({ code, lines }) =>
            lines.map((line, index) => `${code}${index === lines.length - 1 ? " " : "-"}${line}\r\n`),
          )
          .join(""),
      );
      const reading = readAll(bytes, cuts);
      assert.equal(reading.fault, undefined);
      assert.deepEqual(
        reading.replies.map(({ code, lines }) => ({ code, lines })),
        replies,
      );
    }),
    { numRuns: runs },
  );
});

test("random bytes never throw, and mean the same wherever packets are cut", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.constantFrom("2", "5", "0", "-", " ", "\r", "\n", "x", "\u0000"), { maxLength: 200 })
      .map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(), { maxLength: 12 }), (given, cuts) => {
      const whole = readAll(Buffer.from(given));
      const cut = readAll(Buffer.from(given), cuts);
      assert.deepEqual(cut.replies, whole.replies);
      assert.equal(cut.fault, whole.fault);
      for (const { code, lines } of cut.replies) {
        assert.ok(code >= 200 && code <= 599 && lines.length <= mostLines);
        assert.doesNotMatch(lines.join(""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }
    }),
    { numRuns: runs },
  );
});
