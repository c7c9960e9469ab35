import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { type CsvOptions, type CsvReading, readCsv } from "./read-csv.ts";

async function readAll(
  bytes: Buffer,
  options: Partial<CsvOptions> = {},
  chunkBytes = 64 * 1024,
): Promise<CsvReading[]> {
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const readings: CsvReading[] = [];
  for await (const reading of readCsv(chunks(), {
    encoding: "utf-8",
    separator: undefined,
    maxRecordLength: 1024 * 1024,
    ...options,
  }))
    readings.push(reading);
  return readings;
}

const fieldsOf = (readings: readonly CsvReading[]): (readonly string[])[] =>
  readings.flatMap((reading) => (reading.kind === "records" ? reading.records.map(({ fields }) => fields) : []));

test("a byte order mark is no part of the first heading, and outweighs the encoding asked for", async () => {
  const readings = await readAll(Buffer.from("\ufeffémail,b\n1,2\n"), { encoding: "windows-1252" });
  assert.deepEqual(fieldsOf(readings), [
    ["émail", "b"],
    ["1", "2"],
  ]);
});

test("the separator is found from the heading and the lines below it", async () => {
  for (const [text, separator] of [
    ["email;name\na@b.c;Lee, Ann\n", ";"],
    ["email,name\na@b.c,x|y|z\n", ","],
    ["email\tname\na@b.c\tLee; Ann, Dr\n", "\t"],
    ["email|name\na@b.c|x\n", "|"],
    ['"email, work";name\na@b.c;x\n', ";"],
    ["email\na@b.c\n", ","],
    ["a,b,c;email\n1;2\n3;4\n", ";"],
  ] as const) {
    const [first] = await readAll(Buffer.from(text));
    assert.equal(first?.kind === "records" ? first.separator : first?.kind, separator, text);
  }
});

test("content that is no text is named", async () => {
  const wide = Buffer.from("email,name\r\nann@example.com,Ann\r\n".repeat(5), "utf16le");
  for (const [bytes, name] of [
    [Buffer.concat([Buffer.from([0xff, 0xfe]), wide]), /UTF-16/],
    [wide, /UTF-16/],
    [Buffer.from(wide).swap16(), /UTF-16/],
    [Buffer.from([0xff, 0xfe, 0, 0, 0x65, 0, 0, 0]), /UTF-32/],
    [Buffer.from("504b0304140000000800", "hex"), /Excel/],
    [Buffer.from("1f8b0800000000000003", "hex"), /gzip/],
    [Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 256)), /binary/],
  ] as const) {
    const readings = await readAll(bytes);
    assert.equal(readings.length, 1);
    assert.match(readings[0]?.kind === "not_text" ? readings[0].name : "", name);
  }
});

test("one NUL in a text does not make it binary", async () => {
  const readings = await readAll(Buffer.from("email,name\nann@example.com,A\0nn\nbob@example.com,Bob\n"));
  assert.deepEqual(
    readings.flatMap((reading) => (reading.kind === "records" ? reading.records.map(({ fault }) => fault) : [])),
    [undefined, "nul_character", undefined],
  );
});

test("bytes that are no UTF-8 end the reading with their line, wherever the file is cut", async () => {
  const bytes = Buffer.concat([
    Buffer.from('email,name\n1,"é\n名"\n2,'),
    Buffer.from([0xe9]),
    Buffer.from("tienne\n3,x\n"),
  ]);
  for (const chunkBytes of [1, 2, 3, 5, 1_000]) {
    assert.deepEqual((await readAll(bytes, {}, chunkBytes)).at(-1), { kind: "wrong_encoding", line: 4 });
  }
  const cut = await readAll(Buffer.concat([Buffer.from("email\na\n"), Buffer.from([0xe5, 0x90])]));
  assert.deepEqual(cut.at(-1), { kind: "wrong_encoding", line: 3 });
});

test("windows-1252 is read when it is asked for, with the characters that ISO 8859-1 lacks", async () => {
  const bytes = Buffer.concat([
    Buffer.from("name\nO"),
    Buffer.from([0x92]),
    Buffer.from("Brien "),
    Buffer.from([0x80, 0xe9]),
    Buffer.from("\n"),
  ]);
  assert.deepEqual(fieldsOf(await readAll(bytes, { encoding: "windows-1252" })), [["name"], ["O’Brien €é"]]);
  assert.deepEqual(fieldsOf(await readAll(bytes, { encoding: "latin1" })), [["name"], ["O’Brien €é"]]);
});

test("characters cut between chunks are whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme" }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 7 }),
      async (names, chunkBytes) => {
        const rows = names.map((name) => `"${name.replaceAll('"', '""').replaceAll("\0", "")}"`);
        const readings = await readAll(Buffer.from(`name,b\n${rows.join(",x\n")}`), {}, chunkBytes);
        const whole = await readAll(Buffer.from(`name,b\n${rows.join(",x\n")}`));
        assert.deepEqual(fieldsOf(readings), fieldsOf(whole));
        assert.ok(readings.every(({ kind }) => kind === "records"));
      },
    ),
    { numRuns: 300 },
  );
});

test("a line of 100 MB leaves memory as it is and the lines around it readable", async () => {
  const filler = Buffer.alloc(64 * 1024, "x");
  const chunks = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from("email,name\nann@example.com,");
    for (let pieces = 0; pieces < 1_600; pieces += 1) yield filler;
    yield Buffer.from("\nbob@example.com,Bob\n");
  };
  const before = process.memoryUsage().rss;
  let highest = 0;
  const kept: unknown[] = [];
  for await (const reading of readCsv(chunks(), {
    encoding: "utf-8",
    separator: undefined,
    maxRecordLength: 1024 * 1024,
  })) {
    highest = Math.max(highest, process.memoryUsage().rss - before);
    if (reading.kind === "records")
      kept.push(...reading.records.map(({ line, fault, raw }) => [line, fault, raw.length]));
  }
  assert.deepEqual(kept, [
    [1, undefined, 10],
    [2, "record_too_long", 1_000],
    [3, undefined, 19],
  ]);
  assert.ok(highest < 60 * 1024 * 1024, `grew by ${highest} bytes`);
});
