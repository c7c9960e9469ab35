import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import PostalMime from "postal-mime";

import { aMessageRecipient } from "#test/support/compiled-delivery.ts";
import { aShopDelivery, aDkimKey, assertSafeWire, verdictsOf } from "#test/support/message.ts";

import { analyzeContent, type DeliveryContent } from "./analyze-content.ts";
import type { CompiledDelivery } from "./compiled-message.ts";
import { composeMessage } from "./compose-message.ts";

const now = new Date("2026-11-21T10:00:00Z");

test("headers of a delivery stand in its messages, with their values, beside those of ours or in their place", async () => {
  const delivery = aShopDelivery({
    replyToName: "Zoë <%= recipient.firstName %>",
    customHeaders:
      "X-Campaign: autumn <%= recipient.firstName %>\r\n\r\nList-ID: Shop news <news.shop.test>\nPrecedence: list\nX-Été-no: x".replace(
        "X-Été-no: x",
        "X-City: <%= recipient.location.city %>",
      ),
  });
  const mail = await read(delivery, { first_name: "Renée", city: "Genève" });
  assert.equal(mail.header("x-campaign"), "autumn Renée");
  assert.equal(mail.header("list-id"), "Shop news <news.shop.test>");
  assert.equal(mail.header("precedence"), "list");
  assert.equal(mail.header("x-city"), "Genève");
  assert.deepEqual(mail.email.replyTo, [{ name: "Zoë Renée", address: "help@shop.test" }]);
  assert.equal(mail.header("feedback-id"), "17:main:campaign:shop.test");
});

test("a List-Unsubscribe in Classic's form takes the place of ours, with the address that bounces come back to", async () => {
  const delivery = aShopDelivery({
    customHeaders:
      "List-Unsubscribe: <mailto:<%=errorAddress%>?subject=unsubscribe<%=message.mimeMessageId%>>, <https://shop.test/u?id=<%= recipient.email %>>",
  });
  const { message, header } = await read(delivery, { email: "a&b@x.test>,<https://evil.test" });
  assert.equal(
    header("list-unsubscribe"),
    `<mailto:${message.envelope.from}?subject=unsubscribe${message.messageId.slice(1, -1)}>, <https://shop.test/u?id=a%26b%40x.test%3E%2C%3Chttps%3A%2F%2Fevil.test>`,
  );
  assert.equal(header("list-unsubscribe-post"), undefined);
});

test("names that are ours, that no header has, or that are there twice are refused with their line", () => {
  const problems = (customHeaders: string) =>
    analyzeContent({ ...aContent(), customHeaders }, "en")
      .problems.filter(({ part }) => part === "headers")
      .map(({ line, message }) => `${line}: ${message}`);
  for (const name of [
    "From",
    "TO",
    "cc",
    "Bcc",
    "Subject",
    "Date",
    "Message-ID",
    "Sender",
    "Return-Path",
    "Received",
    "Content-Type",
    "MIME-Version",
    "DKIM-Signature",
    "ARC-Seal",
    "Resent-To",
    "Reply-To",
  ])
    assert.match(problems(`X-Ok: 1\n${name}: x`).join(), /^2: The header .* may not be set here/, name);
  assert.match(problems("no header").join(), /^1: The line "no header" is no header/);
  assert.match(problems("X Y: 1").join(), /is no header/);
  assert.match(problems("X-A: 1\nx-a: 2").join(), /^2: .*there twice/);
  assert.match(problems("X-A:  ").join(), /no value/);
  assert.match(problems("X_A: 1").join(), /letters, digits and dashes/);
  assert.match(problems("X-A: <%= recipient.nothing %>").join(), /^1: There is no field/);
  assert.match(
    problems("List-Help: <https://<%= recipient.company %>.test/>").join(),
    /host of an address may not be personalised/,
  );
  assert.deepEqual(problems("X-A: 1\r\n\r\nX-B: <%= recipient.email %>\n"), []);
});

test("S-32: whatever fields hold, subject, names, list-id and headers are one line each, encoded, and no other header appears", async () => {
  const delivery = aShopDelivery({
    subject: "Hi <%= recipient.firstName %>",
    fromName: "<%= recipient.firstName %>",
    replyToName: "<%= recipient.firstName %>",
    customHeaders: "List-ID: News <<%= recipient.firstName %>.shop.test>\nX-Name: <%= recipient.firstName %>",
  });
  const usual = (await read(delivery, { first_name: "Ann" })).email.headers.map(({ key }) => key);
  const hostile = [
    "a\r\nBcc: x@y.test",
    "a\nBcc: x@y.test\n\nbody",
    "a\rBcc: x@y.test",
    "a\u2028Bcc: x@y.test",
    "a\u2029b\u0085c\u000bd\u000ce",
    "=?UTF-8?Q?a=0D=0ABcc:_x@y.test?=",
    "=?UTF-8?B?DQpCY2M6IHhAeS50ZXN0?=",
    '"<evil@y.test>, "',
    "x".repeat(10_240),
    "株".repeat(10_240),
    " ".repeat(10_240).concat("x"),
    "\0",
  ];
  const any = fc.array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary", maxLength: 60 })), {
    maxLength: 4,
  });
  const check = async (value: string): Promise<void> => {
    const { email, message, header } = await read(delivery, { first_name: value });
    assertSafeWire(message.content);
    assert.deepEqual(email.headers.map(({ key }) => key).sort(), [...usual].sort());
    assert.equal(email.bcc, undefined);
    assert.equal(email.from?.address, "news@shop.test");
    assert.deepEqual(
      email.replyTo?.map(({ address }) => address),
      ["help@shop.test"],
    );
    // An identifier longer than a line may be leaves the header.
    assert.match(header("list-id") ?? "", /^News( <[A-Za-z0-9._~%-]*\.shop\.test>)?$/);
  };
  for (const value of hostile) await check(value);
  await fc.assert(
    fc.asyncProperty(any, (parts) => check(parts.join(""))),
    { numRuns: 150 },
  );
});

test("S-34: a template, a script and markup in a field are text wherever they stand", async () => {
  const delivery = aShopDelivery({
    subject: "<%= recipient.firstName %>",
    htmlSource:
      '<p title="<%= recipient.firstName %>" lang=\'<%= recipient.firstName %>\'><%= recipient.firstName %></p><a href="https://shop.test/?a=<%= recipient.firstName %>">x</a>',
    textSource: "<%= recipient.firstName %>",
  });
  for (const value of [
    "<%= recipient.email %>",
    "<% throw 1 %>",
    "<%@ include view='UnsubscriptionLink' %>",
    "{{ 7*7 }}",
    "${7*7}",
    "</p></script><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "--><!--",
  ]) {
    const { email } = await read(delivery, { first_name: value, email: "secret@x.test" });
    assert.equal(email.subject, value);
    assert.equal(email.text?.trimEnd(), value);
    const html = email.html ?? "";
    assert.deepEqual(
      html.match(/<[^>]*>/g)?.map((tag) => /^<\/?\w+/.exec(tag)?.[0]),
      ["<p", "</p", "<a", "</a", "<img"],
    );
    assert.doesNotMatch(html, /on\w+="|<script|secret@/);
    const shown = html
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&#39;", "'")
      .replaceAll("&amp;", "&");
    assert.equal(shown.split(value).length, 4, "in two attributes and in the text");
  }
});

test("S-35: a link goes where its author wrote, whatever the field says", () => {
  const faults = (href: string) =>
    analyzeContent({ ...aContent(), htmlSource: `<a href="${href}">x</a>` }, "en").problems.filter(
      ({ level }) => level === "error",
    ).length;
  for (const href of [
    "https://<%= recipient.company %>/",
    "https://<%= recipient.company %>.shop.test/",
    "https://shop.test<%= recipient.company %>/",
    "https://shop.test:<%= recipient.company %>/",
    "<%= recipient.company %>",
    "<%= recipient.company %>//shop.test/",
    "//<%= recipient.company %>/",
    "//evil.test/",
    "javascript:<%= recipient.company %>",
    "java\tscript:alert(1)",
    "data:text/html,<%= recipient.company %>",
    "https://user@<%= recipient.company %>/",
  ])
    assert.ok(faults(href) > 0, href);
  assert.equal(faults("https://shop.test/?a=<%= recipient.company %>"), 0);
});

test("S-36: dots, commands and line breaks of whatever kind in the content stay one mail", async () => {
  const smuggled = "a\r\n.\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<z@y.test>\r\nDATA\r\nSubject: two\r\n\r\n.\r\n";
  const bare = "b\n.\nc\r.\rd\n.\r\ne\0\u2028.";
  const delivery = aShopDelivery({
    htmlSource: `<pre>${smuggled}${bare}<%= recipient.firstName %></pre>`,
    textSource: `${smuggled}<%= recipient.firstName %>\n.\n${bare}`,
  });
  const { key, record } = aDkimKey("ed25519-sha256");
  for (const value of [smuggled, bare, ".", "..", "\r\n.", "x".repeat(2_000)]) {
    const { message, email } = await read({ ...delivery, signingKeys: () => [key] }, { first_name: value });
    // No line begins with a dot: nothing has to be stuffed, and nothing can end the content early.
    assertSafeWire(message.content);
    assert.deepEqual(await verdictsOf(message.content, { "s1._domainkey.shop.test": record }), ["pass"]);
    assert.ok(email.text?.replace(/\r\n|\r/g, "\n").startsWith(smuggled.replaceAll("\r\n", "\n")));
  }
});

test("bounces come back to the delivery's error address where it has one, and unsubscription mails to ours", async () => {
  const own = aShopDelivery({}, { errorAddress: "errors@bränd.test" });
  const { message, header } = await read(own, {});
  assert.equal(message.envelope.from, "errors@xn--brnd-moa.test");
  assert.match(
    header("list-unsubscribe") ?? "",
    /<mailto:b-1092-11-[a-z2-7]{26}@bounce\.shop\.test\?subject=unsubscribe>$/,
  );
  assert.match(message.messageId, /^<main\.1092\.11\.[a-z2-7]{26}@bounce\.shop\.test>$/);
});

test("X-Mailer and Precedence follow the settings", async () => {
  const quiet = await read(aShopDelivery({}, {}, { mailer: "", precedence: "none" }), {});
  assert.deepEqual([quiet.header("x-mailer"), quiet.header("precedence")], [undefined, undefined]);
});

test("letters of another script before the @ of the sender ask for SMTPUTF8, and the signature holds", async () => {
  const { key, record } = aDkimKey("rsa-sha256");
  const delivery = {
    ...aShopDelivery({ fromAddress: "zoë@shop.test", replyToAddress: "用户@例子.test" }),
    signingKeys: () => [key],
  };
  const { message, email } = await read(delivery, {});
  assert.equal(message.needsSmtpUtf8, true);
  assert.equal(email.from?.address, "zoë@shop.test");
  assert.equal(email.replyTo?.[0]?.address, "用户@xn--fsqu00a.test");
  assert.deepEqual(await verdictsOf(message.content, { "s1._domainkey.shop.test": record }), ["pass"]);
});

function aContent(): DeliveryContent {
  return {
    subject: "Hello",
    fromName: "Shop",
    fromAddress: "news@shop.test",
    replyToAddress: "",
    htmlSource: "<p>x</p>",
    textSource: "x",
  };
}

async function read(delivery: CompiledDelivery, columns: Record<string, string>) {
  const message = await composeMessage(delivery, aMessageRecipient(delivery, columns), now);
  const email = await PostalMime.parse(message.content);
  const header = (name: string): string | undefined => {
    const found = email.headers.filter(({ key }) => key === name);
    assert.ok(found.length <= 1, `${name} is there once`);
    const value = found[0]?.value;
    return value === undefined ? undefined : decodeWords(value);
  };
  return { message, email, header };
}

/** Header values are handed out as they are written. */
function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/g, (_, encoding: string, text: string) =>
      Buffer.from(
        encoding === "B"
          ? text
          : text
              .replaceAll("_", " ")
              .replace(/=([0-9A-F]{2})/g, (_hex, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        encoding === "B" ? "base64" : "latin1",
      ).toString(),
    );
}
