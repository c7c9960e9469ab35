import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { noExtensions } from "./read-extensions.ts";
import { prepareEnvelope } from "./prepare-envelope.ts";
import { writeDsnParameters } from "./write-dsn-parameters.ts";

for (const [name, request, mail, rcpt] of [
  ["nothing asked is nothing written", {}, "", ""],
  ["no notice at all", { notify: [] }, "", " NOTIFY=NEVER"],
  ["notices of failure and delay", { notify: ["failure", "delay"] }, "", " NOTIFY=FAILURE,DELAY"],
  ["headers only", { returned: "headers" }, " RET=HDRS", ""],
  ["an envelope id with blank, plus and equals sign", { envelopeId: "a b+c=d" }, " ENVID=a+20b+2Bc+3Dd", ""],
  ["an address with a plus", { originalRecipient: "a+b@c.test" }, "", " ORCPT=rfc822;a+2Bb@c.test"],
  ["an address in another script", { originalRecipient: "jörg@c.test" }, "", " ORCPT=utf-8;j\\x{F6}rg@c.test"],
  ["an envelope id with a second command", { envelopeId: "a\r\nRSET" }, "", ""],
  ["an address with a second command", { originalRecipient: "a@b\r\nRSET" }, "", ""],
] as const) {
  test(name, () => assert.deepEqual(writeDsnParameters(request), { mail, rcpt }));
}

test("no text can end the command or begin another parameter", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (envelopeId, originalRecipient) => {
      const { mail, rcpt } = writeDsnParameters({ envelopeId, originalRecipient });
      assert.match(`${mail}${rcpt}`, /^( ENVID=[!-<>-~]*)?( ORCPT=(rfc822|utf-8);[!-<>-~]*)?$/);
    }),
    { numRuns: 2_000 },
  );
});

test("the parameters are written only where the server offers DSN", () => {
  const message = {
    envelope: { from: "a@b.test", to: "c@d.test", dsn: { notify: ["failure"], returned: "headers" } },
    content: Buffer.from("x\r\n"),
  } as const;
  assert.deepEqual(prepareEnvelope({ ...noExtensions, dsn: true }, message), {
    mail: "MAIL FROM:<a@b.test> RET=HDRS\r\n",
    rcpt: "RCPT TO:<c@d.test> NOTIFY=FAILURE\r\n",
  });
  assert.deepEqual(prepareEnvelope(noExtensions, message), {
    mail: "MAIL FROM:<a@b.test>\r\n",
    rcpt: "RCPT TO:<c@d.test>\r\n",
  });
});
