import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { addressFaults } from "./email-address.ts";
import { parseEmailAddress, readEmailAddress } from "./parse-email-address.ts";

const faultOf = (text: string): string => {
  const reading = readEmailAddress(text);
  return reading.kind === "refused" ? reading.fault : reading.address;
};

test("addresses as people have them are taken, with the domain in lower-case ASCII", () => {
  for (const [text, address] of [
    ["ann@example.com", "ann@example.com"],
    ["  Ann.Lee@EXAMPLE.Com\t", "Ann.Lee@example.com"],
    ["o'brien+news@mail.example.co.uk", "o'brien+news@mail.example.co.uk"],
    ["a@b-c.example", "a@b-c.example"],
    ["1@1.example", "1@1.example"],
    ["x!#$%&'*+/=?^_`{|}~-@example.com", "x!#$%&'*+/=?^_`{|}~-@example.com"],
    ["ann@bücher.example", "ann@xn--bcher-kva.example"],
    ["ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"],
    ["élodie@example.org", "élodie@example.org"],
    ["用户@example.org", "用户@example.org"],
    [`${"l".repeat(64)}@example.com`, `${"l".repeat(64)}@example.com`],
  ] as const) {
    assert.equal(parseEmailAddress(text), address);
  }
});

test("a letter and its accent are one character, however they were typed", () => {
  assert.equal(parseEmailAddress("e\u0301lodie@example.org"), "\u00e9lodie@example.org");
});

test("each impossible address is refused with its own reason", () => {
  for (const [text, fault] of [
    ["", "address_missing"],
    ["   ", "address_missing"],
    ["ann", "address_without_at"],
    ["ann＠example.com", "address_without_at"],
    ["ann lee@example.com", "address_with_spaces"],
    ["ann@example.com\u200b.org", "address_with_spaces"],
    ["\u202eann@example.com", "address_with_spaces"],
    ["ann@@example.com", "address_with_several_at"],
    ["ann.@example.com", "address_local_part_invalid"],
    ["a..b@example.com", "address_local_part_invalid"],
    ["@example.com", "address_local_part_invalid"],
    ["ann@localhost", "address_domain_incomplete"],
    ["ann@", "address_domain_invalid"],
    ["ann@example.com.", "address_domain_invalid"],
    ["ann@-example.com", "address_domain_invalid"],
    ["ann@exam_ple.com", "address_domain_invalid"],
    ["ann@192.0.2.1", "address_domain_invalid"],
    ["ann@exa%6dple.com", "address_domain_invalid"],
    ["ann@example.com/x", "address_domain_invalid"],
    [`ann@${"l".repeat(64)}.com`, "address_domain_invalid"],
    [`${"l".repeat(65)}@example.com`, "address_too_long"],
    [`${"é".repeat(33)}@example.com`, "address_too_long"],
    [`ann@${"label.".repeat(42)}com`, "address_too_long"],
    [`${"l".repeat(300)}@example.com`, "address_too_long"],
    ["l".repeat(100_000), "address_too_long"],
  ] as const) {
    assert.equal(faultOf(text), fault, JSON.stringify(text).slice(0, 80));
  }
});

test("nothing that smuggles a second recipient, a command or a parameter gets through", () => {
  for (const text of [
    '"a@evil.example x"@inner.example',
    "<a@x.example>,<b@y.example>",
    "a@x.example,b@y.example",
    "a@b.example\r\nRCPT TO:<x@evil.example>",
    "a@b.example SIZE=1",
    "a@b.example>",
    "a(comment)@b.example",
    "a@b(comment).example",
    "friends:a@x.example,(b@y.example);;",
    "@relay.example:a@b.example",
    "a@[127.0.0.1]",
    "a@b.example\0",
    "Ann <ann@example.com>",
  ]) {
    assert.equal(readEmailAddress(text).kind, "refused", text);
    assert.throws(() => parseEmailAddress(text), { code: "AUD-100001" });
  }
});

test("whatever is accepted is one plain mailbox that mail may carry, and is accepted again as it is", () => {
  const part = fc.constantFrom(
    "a",
    "B",
    "cd",
    "9",
    "'",
    ".",
    "-",
    "é",
    "名",
    "🙂",
    "@",
    " ",
    "<",
    '"',
    "\r\n",
    "\0",
    ",",
    "_",
    "+",
    "\u202e",
    "xn--",
    "ﬁ",
    "％",
    "İ",
    "ß",
  );
  const parts = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
  let accepted = 0;
  fc.assert(
    fc.property(parts, parts, (before, behind) => {
      const reading = readEmailAddress(`${before}@${behind}.example`);
      if (reading.kind === "refused") {
        assert.ok(addressFaults[reading.fault].length > 0);
        return;
      }
      accepted += 1;
      const [local = "", domain = "", ...more] = reading.address.split("@");
      assert.deepEqual(more, []);
      assert.match(domain, /^[a-z0-9.-]+$/);
      assert.doesNotMatch(local, /[\s<>()[\]",;:\\\p{C}]/u);
      assert.ok(Buffer.byteLength(reading.address) <= 254 && Buffer.byteLength(local) <= 64);
      assert.equal(parseEmailAddress(reading.address), reading.address);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(accepted > 100, `${accepted} accepted`);
});
