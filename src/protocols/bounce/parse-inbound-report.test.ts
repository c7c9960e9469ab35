import assert from "node:assert/strict";
import test from "node:test";

import fc from "fast-check";

import { aComplaint, aDsn, aMail } from "#test/support/notices.ts";
import { processorMs } from "#test/support/processor-time.ts";

import type { InboundReport } from "./inbound-report.ts";
import { parseInboundReport } from "./parse-inbound-report.ts";

test("a delivery status says recipient, action, status, reason and whose message it is", async () => {
  const report = await parse(aDsn({ messageId: "<m1@example.org>", recipient: "jo@example.com" }), ["b-1@example.org"]);
  assert.ok(report.kind === "dsn");
  assert.deepEqual(report.recipients, [
    {
      recipient: "jo@example.com",
      action: "failed",
      status: "5.1.1",
      diagnostic: "550 5.1.1 User unknown",
      qualification: { type: "hard", reason: "userUnknown" },
    },
  ]);
  assert.deepEqual(report.identities, {
    returnPaths: ["b-1@example.org", "bounces@example.org"],
    messageIds: ["<m1@example.org>"],
  });
});

test("the words of the server win over the status", async () => {
  const report = await parse(aDsn({ status: "5.1.1", diagnostic: "smtp; 552 5.2.2 Over quota" }));
  assert.ok(report.kind === "dsn");
  assert.deepEqual(report.recipients[0]?.qualification, { type: "soft", reason: "mailboxFull" });
});

test("only a failed action is a failure", async () => {
  for (const [action, type] of [
    ["failed", "hard"],
    ["delayed", "ignored"],
    ["delivered", "none"],
    ["relayed", "none"],
    ["expanded", "none"],
  ]) {
    const report = await parse(aDsn({ action: action ?? "" }));
    assert.ok(report.kind === "dsn");
    assert.equal(report.recipients[0]?.qualification.type, type, action);
  }
});

test("a refusal after the end of the message is about the message", async () => {
  const report = await parse(
    aDsn({}).replace(
      "could not be delivered.",
      "was refused: 550 5.1.1 User unknown (in reply to end of DATA\r\n    command)",
    ),
  );
  assert.ok(report.kind === "dsn");
  assert.deepEqual(report.recipients[0]?.qualification, { type: "soft", reason: "refused" });
});

test("a notice in words only is read: recipient, reason, and the Message-ID it quotes", async () => {
  const body = [
    "This message was created automatically by mail delivery software.",
    "",
    "The following address(es) failed:",
    "",
    "  jo@example.com",
    "    SMTP error from remote mail server after RCPT TO:<jo@example.com>:",
    "    host mx.example.com [192.0.2.1]: 550 5.1.1 <jo@example.com>... User Unknown",
    "  ann@example.com",
    "    host mx.example.com [192.0.2.1]: 552 5.2.2 mailbox is full",
    "",
    "------ This is a copy of the message, including all the headers. ------",
    "",
    "Message-ID: <m1@example.org>",
    "Subject: News for mailbox full of spam",
  ].join("\r\n");
  const report = await parse(
    aMail({ From: "Mailer-Daemon@mx.example.com", To: "<b-1@example.org>", Subject: "Mail delivery failed" }, body),
  );
  assert.ok(report.kind === "dsn");
  assert.deepEqual(
    report.recipients.map(({ recipient, qualification }) => [recipient, qualification.type, qualification.reason]),
    [
      ["jo@example.com", "hard", "userUnknown"],
      ["ann@example.com", "soft", "mailboxFull"],
    ],
  );
  assert.deepEqual(report.identities.messageIds, ["<m1@example.org>"]);
});

test("complaints are told from reports that are none", async () => {
  for (const type of ["abuse", "opt-out", "not-spam", "auth-failure"]) {
    const report = await parse(aComplaint({ messageId: "<m1@example.org>" }, type));
    assert.ok(report.kind === "complaint");
    assert.equal(report.feedbackType, type);
    assert.deepEqual(report.identities.messageIds, ["<m1@example.org>"]);
  }
});

test("automatic answers, wishes to leave and mails of people are no failures", async () => {
  const kinds: readonly (readonly [string, Readonly<Record<string, string>>, string?])[] = [
    ["autoReply", { "Auto-Submitted": "auto-replied", Subject: "Away" }],
    ["autoReply", { Subject: "Automatic reply: News" }],
    ["autoReply", { Subject: "Abwesenheitsnotiz: News" }],
    ["unsubscribe", { Subject: "unsubscribe<m1@example.org>" }],
    ["unsubscribe", { Subject: "Unsubscribe" }],
    ["other", { Subject: "Please unsubscribe me" }],
    ["other", { Subject: "Stop it" }, "My mailbox is full of your mails"],
    [
      "other",
      { Subject: "Re: Undelivered Mail Returned to Sender" },
      "> <jo@example.com>: 550 5.1.1 User unknown\r\n\r\nWe fixed it.",
    ],
  ];
  for (const [kind, header, body] of kinds) {
    assert.equal(
      (await parse(aMail({ From: "jo@example.com", To: "<news@example.org>", ...header }, body))).kind,
      kind,
      JSON.stringify(header),
    );
  }
});

test("addresses with line breaks, control characters or of any length are not let through", async () => {
  for (const recipient of [
    "jo@example.com%0d%0aBcc: x@example.com",
    `${"a".repeat(400)}@example.com`,
    "jo\u0007@example.com",
    "no address",
  ]) {
    const report = await parse(aDsn({ recipient }));
    assert.ok(report.kind === "dsn");
    assert.equal(report.recipients[0]?.recipient, "");
  }
});

test("a notice with a hundred thousand recipients gives a thousand", async () => {
  const block = "Final-Recipient: rfc822; jo@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n";
  const report = await parse(aDsn({}).replace("Final-Recipient", `${block.repeat(100_000)}Final-Recipient`));
  assert.ok(report.kind === "dsn");
  assert.equal(report.recipients.length, 1_000);
});

test("depth, parts, header and size are bounded", async () => {
  const cases = {
    depth: Array.from(
      { length: 5_000 },
      (_, index) => `Content-Type: multipart/mixed; boundary="b${index}"\r\n\r\n--b${index}\r\n`,
    ).join(""),
    parts: `Content-Type: multipart/mixed; boundary="a"\r\n\r\n${"--a\n\n".repeat(500_000)}`,
    header: `${"X-Junk: 1\r\n".repeat(200_000)}\r\nbody`,
    size: `Subject: big\r\n\r\n${`${"x".repeat(100)}\r\n`.repeat(200_000)}`,
    line: `Subject: long\r\n\r\n${"x".repeat(20_000_000)}`,
  };
  for (const [name, mail] of Object.entries(cases)) {
    const started = processorMs();
    await parse(mail);
    assert.ok(processorMs() - started < 4_000, `${name} took ${processorMs() - started} ms`);
  }
});

test("a report behind a huge header is read all the same", async () => {
  const report = await parse(`X-Long: ${"x".repeat(11_000_000)}\r\n${"X-Junk: 1\r\n".repeat(50_000)}${aDsn({})}`);
  assert.equal(report.kind, "dsn");
});

test("any bytes give a report, and its texts can be stored and shown", async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      aDsn({}),
      aComplaint({}),
      "--b\r\n",
      "\r\n\r\n",
      "Content-Type: message/delivery-status\r\n\r\n",
      "Status: 5.1.1\r\n",
      "\0",
      "\ud800",
      "<",
      "=?utf-8?B?",
    ),
    fc.string({ unit: "binary", maxLength: 60 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      const report = await parse(pieces.join(""));
      const texts = [
        report.subject,
        ...(report.kind === "dsn"
          ? report.recipients.flatMap(({ recipient, diagnostic }) => [recipient, diagnostic])
          : []),
      ];
      for (const text of texts) {
        assert.ok(text.isWellFormed() && !/\p{Cc}/u.test(text), JSON.stringify(text));
        assert.ok(text.length <= 2_000);
      }
    }),
    { numRuns: 300 },
  );
});

function parse(mail: string, envelopeRecipients: readonly string[] = []): Promise<InboundReport> {
  return parseInboundReport(Buffer.from(mail), envelopeRecipients);
}
