import assert from "node:assert/strict";
import { test } from "node:test";

import { createLog, escapeControls, type LogRecord, parseTraceFilter, renderRecord } from "./log.ts";

test("a trace filter names types, all types, and types left out", () => {
  assert.deepEqual([...parseTraceFilter("wdbc,soap").types], ["wdbc", "soap"]);
  assert.ok(!parseTraceFilter("*,!xtkquery").types.has("xtkquery"));
  assert.ok(parseTraceFilter("*,!xtkquery").types.has("wdbc"));
  assert.deepEqual(parseTraceFilter("wdbc,nonsense").unknown, ["nonsense"]);
});

test("debug and trace lines pass only when asked for", () => {
  const seen: string[] = [];
  const transport = {
    write: (record: LogRecord) => void seen.push(`${record.level} ${record.type}`),
    close: () => Promise.resolve(),
  };
  const quiet = createLog(transport, { isVerbose: false, types: new Set() });
  quiet.debug("x.y");
  quiet.trace("soap", "x.y");
  quiet.error("x.y");
  const loud = createLog(transport, { isVerbose: true, types: new Set(["soap"]) });
  loud.debug("x.y");
  loud.trace("soap", "x.y");
  loud.trace("wdbc", "x.y");
  assert.deepEqual(seen, ["error log", "verbose log", "verbose soap"]);
});

test("a record is one line whatever its fields hold", () => {
  const record: LogRecord = {
    time: new Date(0),
    level: "info",
    type: "log",
    event: "mta.part_sent",
    fields: { messages: 3, note: 'a "b"\r\nc\u001b[31m', absent: undefined, day: new Date(0), names: ["x", "y"] },
  };
  const line = renderRecord(record);
  assert.equal(
    line,
    'mta.part_sent messages=3 note="a \\"b\\"\\r\\nc\\u001b[31m" day=1970-01-01T00:00:00.000Z names=x,y',
  );
});

test("characters that steer a terminal or break a line are shown, not obeyed", () => {
  assert.equal(escapeControls("a\nb\u001b]0;x\u0007\u202ed\u2028e"), "a\\x0ab\\x1b]0;x\\x07\\u202ed\\u2028e");
});
