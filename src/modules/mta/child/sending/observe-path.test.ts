import assert from "node:assert/strict";
import { test } from "node:test";

import type { OpeningFailure, SendOutcome } from "#protocols/smtp/outcome.ts";

import { observeOpening, observeOutcome } from "./observe-path.ts";

const refused = (code: number, enhancedCode: string | undefined, text: string): SendOutcome => ({
  kind: "refused",
  stage: "rcpt",
  reply: { code, enhancedCode, lines: [text] },
});

for (const [code, enhancedCode, text, isThrottled] of [
  [421, undefined, "Too many connections", true],
  [421, "4.3.2", "closing", true],
  [450, "4.7.0", "rate limited", true],
  [451, "4.7.1", "Greylisted, come back later", false],
  [451, "4.7.1", "grey-listing in action", false],
  [450, "4.2.1", "mailbox busy", false],
  [550, "5.7.1", "rejected", false],
] as const) {
  test(`${code} ${enhancedCode ?? ""} ${text} ${isThrottled ? "asks" : "does not ask"} for less`, () => {
    const counts = observeOutcome(refused(code, enhancedCode, text));
    assert.equal(counts.messageErrors, 1);
    assert.equal(counts.throttled, isThrottled ? 1 : undefined);
  });
}

test("a connection that was not made is refused, in time out, or failed", () => {
  const lost = (cause: "timeout" | "closed", text: string): OpeningFailure => ({
    kind: "lost",
    stage: "connect",
    loss: { cause, text },
  });
  assert.deepEqual(observeOpening(lost("closed", "connect ECONNREFUSED")), { refused: 1 });
  assert.deepEqual(observeOpening(lost("timeout", "no answer within 30 s")), { timeouts: 1 });
  assert.deepEqual(observeOpening(lost("closed", "no route to the host")), { failed: 1 });
});
