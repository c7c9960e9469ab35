import assert from "node:assert/strict";
import { test } from "node:test";

import { type Answer, decode, encode } from "dns-packet";
import fc from "fast-check";

import { processorMs } from "#test/support/processor-time.ts";

import { readMessage, writeQuestion } from "./dns-message.ts";

test("a question reads for another implementation as it was meant", () => {
  for (const type of ["A", "AAAA", "MX", "TXT"] as const) {
    const bytes = writeQuestion({ id: 4_711, name: "_mta-sts.example.test", type, offersLarge: true });
    assert.ok(bytes !== undefined);
    const packet = decode(bytes);
    assert.deepEqual(packet.questions, [{ name: "_mta-sts.example.test", type, class: "IN" }]);
    assert.deepEqual([packet.id, packet.flags, packet.additionals?.[0]?.type], [4_711, 0x0100, "OPT"]);
  }
});

test("records of another implementation are read as they were written", () => {
  const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
  const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
  const ttl = fc.integer({ min: 0, max: 0x7fffffff });
  const record: fc.Arbitrary<Answer> = fc.oneof(
    fc.record({ type: fc.constant("A" as const), name, ttl, data: fc.ipV4() }),
    fc.record({
      type: fc.constant("MX" as const),
      name,
      ttl,
      data: fc.record({ preference: fc.integer({ min: 0, max: 65_535 }), exchange: name }),
    }),
    fc.record({ type: fc.constant("CNAME" as const), name, ttl, data: name }),
  );
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (answers) => {
      const read = readMessage(encode({ type: "response", id: 1, answers }));
      assert.deepEqual(read?.answers.map(describe), answers.map(describe));
    }),
  );
});

/** A record of either implementation in one form. */
function describe(record: object): string {
  const given = new Map(Object.entries(record));
  const data: unknown = given.get("data") ?? given.get("address") ?? given.get("target") ?? record;
  const { preference, exchange } = Object(data) as { preference?: number; exchange?: string };
  const content = exchange === undefined ? data : `${preference} ${exchange}`;
  return [
    given.get("type"),
    given.get("name") ?? given.get("owner"),
    given.get("ttl") ?? given.get("ttlSec"),
    content,
  ].join(" ");
}

test("a name whose pointers lead forward or to itself ends the reading", () => {
  const head = Buffer.from("00018180000000010000000000", "hex").subarray(0, 12);
  for (const pointer of [
    [0xc0, 12],
    [0xc0, 40],
    [0xff, 0xff],
  ])
    assert.equal(readMessage(Buffer.concat([head, Buffer.from(pointer), Buffer.alloc(20)])), undefined);
});

test("any bytes are a message or none, never an error, and quickly", () => {
  const answers: Answer[] = Array.from({ length: 20 }, (_, index) => ({
    type: "MX",
    name: "a.example.test",
    ttl: 60,
    data: { preference: index, exchange: `mx${index}.example.test` },
  }));
  const whole = encode({ type: "response", id: 1, questions: [{ type: "MX", name: "a.example.test" }], answers });
  const changed = fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 12 })
    .map((changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  const anything = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  const before = processorMs();
  fc.assert(
    fc.property(fc.oneof(changed, anything), fc.nat(whole.length), (bytes, length) => {
      readMessage(bytes);
      readMessage(bytes.subarray(0, length));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(processorMs() - before < 20_000);
});
