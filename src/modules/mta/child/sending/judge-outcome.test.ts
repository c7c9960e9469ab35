import assert from "node:assert/strict";
import { test } from "node:test";

import type { SendOutcome } from "#protocols/smtp/outcome.ts";
import { failureReasons, failureTypes, nameOfCode } from "#schemas/codes.ts";

import { judgeOutcome } from "./judge-outcome.ts";

function refusal(code: number, text: string): SendOutcome {
  return {
    kind: "refused",
    stage: "rcpt",
    reply: { code, enhancedCode: /^\d\.\d\.\d+/.exec(text)?.[0], lines: [text] },
  };
}
function judged(outcome: SendOutcome): string {
  const { kind, failureType, failureReason } = judgeOutcome(outcome);
  return `${kind} ${nameOfCode(failureTypes, failureType)} ${nameOfCode(failureReasons, failureReason)}`;
}

for (const [code, text, expected] of [
  [550, "5.1.1 User unknown", "failed hard userUnknown"],
  [552, "5.2.2 Mailbox full", "failed soft mailboxFull"],
  [452, "4.2.2 Mailbox full", "deferred soft mailboxFull"],
  [451, "4.7.1 Greylisted, try again later", "deferred"],
  [421, "4.3.2 Too busy", "deferred"],
  [450, "5.1.1 User unknown", "deferred soft"],
  [521, "5.3.2 Server does not accept mail", "failed"],
  [556, "5.1.10 null MX", "failed"],
  [503, "5.5.1 Bad sequence of commands", "deferred"],
  [500, "5.5.2 What?", "deferred"],
  [530, "5.7.0 Authentication required", "deferred"],
] as const) {
  test(`${code} ${text}: ${expected}`, () =>
    assert.ok(judged(refusal(code, text)).startsWith(expected), judged(refusal(code, text))));
}

test("no deferral is ever hard", () => {
  for (let code = 400; code < 550; code += 1) {
    if (code === 521) continue;
    assert.doesNotMatch(judged(refusal(code, "5.1.1 no such user here, mailbox unavailable")), /hard/, String(code));
  }
});

test("a lost connection defers, an unanswered dot leaves in doubt", () => {
  const loss = { cause: "closed", text: "ECONNRESET" } as const;
  assert.equal(judged({ kind: "lost", stage: "rcpt", loss }), "deferred soft unreachable");
  assert.equal(judged({ kind: "in_doubt", loss }), "in_doubt soft unreachable");
});

test("what no server can take fails, and only an address is blamed for good", () => {
  assert.equal(judged({ kind: "unsendable", reason: "unsafe_address", text: "" }), "failed hard userUnknown");
  assert.equal(judged({ kind: "unsendable", reason: "needs_smtputf8", text: "" }), "failed hard unreachable");
  assert.equal(judged({ kind: "unsendable", reason: "too_large", text: "" }), "failed soft refused");
});
