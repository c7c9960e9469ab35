import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { test } from "node:test";

import fc from "fast-check";

import { parseQuestion } from "./parse-question.ts";
import { readRequest, readResponse, writeDatagram } from "./permit-datagrams.ts";
import type { Question, Request } from "./permit-messages.ts";

const key = createSecretKey(randomBytes(32));
const path = { host: "mx.example.test", address: "192.0.2.1", publicId: 1 };

const questions: readonly Question[] = [
  { kind: "connect", path },
  { kind: "tokens", path, wanted: 50 },
  { kind: "release", path, unused: 3, slice: 5_900_000 },
  { kind: "release", path, unused: 0 },
  { kind: "refund", path, unused: 3, slice: 5_900_000 },
  {
    kind: "news",
    paths: [{ path, counts: { accepted: 5, throttled: 1 }, ended: [[5_900_000, 3, 2]] }],
    waiting: [{ destination: "example.test", path, messages: 9, reason: "flow", sinceMs: 1, forMs: 2 }],
  },
  {
    kind: "report",
    number: 1,
    isLast: true,
    paths: [{ path, openConnections: 2, spent: [[5_900_000, 7]], outstanding: [[5_900_000, 1]], flow: 0.25 }],
  },
  { kind: "leave" },
  { kind: "forget", client: "host:1:" },
  { kind: "reload" },
  { kind: "show", after: "", padding: "" },
];

for (const question of questions) {
  test(`${question.kind} is read as it was written`, () => {
    const request: Request = { client: "host:1:a", sequence: 3, epoch: 4, question };
    assert.deepEqual(readRequest([key], writeDatagram(key, request))?.request, request);
  });
}

test("a datagram with one byte changed is not read", () => {
  const datagram = writeDatagram(key, {
    client: "host:1:a",
    sequence: 3,
    epoch: 4,
    question: { kind: "connect", path },
  });
  for (let at = 0; at < datagram.length; at += 1) {
    const changed = Buffer.from(datagram);
    changed.writeUInt8((changed.at(at) ?? 0) ^ 1, at);
    assert.equal(readRequest([key], changed), undefined);
  }
});

test("bytes of any kind are read as nothing, and end no process", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, hasMagic) => {
      const datagram = Buffer.concat([Buffer.from(hasMagic ? "PST2" : ""), bytes]);
      assert.equal(readRequest([key], datagram), undefined);
      assert.equal(readResponse(key, datagram), undefined);
    }),
    { numRuns: 5_000 },
  );
});

test("what is signed and is not a question is read as nothing, and never with a number that is none", () => {
  const kinds = [...questions.map(({ kind }) => kind), "other"];
  const someQuestion = fc.record(
    {
      kind: fc.constantFrom(...kinds),
      path: fc.oneof(
        fc.constant(path),
        fc.anything(),
        fc.record({ host: fc.anything(), address: fc.string(), publicId: fc.anything() }),
      ),
      wanted: fc.oneof(fc.nat(), fc.anything()),
      unused: fc.oneof(fc.nat(), fc.double(), fc.anything()),
      slice: fc.oneof(fc.nat(), fc.anything()),
      number: fc.anything(),
      isLast: fc.anything(),
      client: fc.anything(),
      after: fc.anything(),
      paths: fc.oneof(
        fc.array(fc.anything()),
        fc.constant([{ path, openConnections: -1, spent: [], outstanding: [] }]),
      ),
      waiting: fc.anything(),
    },
    { requiredKeys: ["kind"] },
  );
  fc.assert(
    fc.property(someQuestion, (raw) => {
      const question = parseQuestion(raw);
      if (question === undefined) return;
      for (const name of ["wanted", "unused", "slice", "number"] as const) {
        const value = (question as Record<string, unknown>)[name];
        assert.ok(value === undefined || (Number.isInteger(value) && Number(value) >= 0));
      }
    }),
    { numRuns: 5_000 },
  );
});

for (const [what, raw] of [
  ["a count below 0", { kind: "tokens", path, wanted: -1 }],
  ["a count that is no whole number", { kind: "tokens", path, wanted: 1.5 }],
  ["a path without an address", { kind: "connect", path: { host: "a", publicId: 1 } }],
  ["a name that is too long", { kind: "connect", path: { ...path, host: "a".repeat(400) } }],
  [
    "a report of a share of 0",
    {
      kind: "report",
      number: 1,
      isLast: true,
      paths: [{ path, openConnections: 0, spent: [], outstanding: [], flow: 0 }],
    },
  ],
  [
    "a wait for nothing known",
    { kind: "news", paths: [], waiting: [{ destination: "a", messages: 1, reason: "tea", sinceMs: 1, forMs: 1 }] },
  ],
  ["forgetting everyone", { kind: "forget", client: "" }],
  ["nothing", null],
] as const) {
  test(`${what} is no question`, () => assert.equal(parseQuestion(raw), undefined));
}
