import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import PostalMime from "postal-mime";

import { parseMessageId, parseReturnPath } from "#protocols/message-identity/message-identity.ts";
import { fillTrackedUrl } from "#protocols/tracking-link/fill-tracked-url.ts";
import { parseTrackingRequest } from "#protocols/tracking-link/parse-tracking-request.ts";
import { aMessageRecipient } from "#test/support/compiled-delivery.ts";
import { aShopDelivery, aDkimKey, assertSafeWire, linkKey, returnPathKey } from "#test/support/message.ts";

import type { DeliveryContent } from "./analyze-content.ts";
import type { CompiledDelivery } from "./compiled-message.ts";
import { composeMessage } from "./compose-message.ts";

const now = new Date("2026-11-21T10:00:00Z");

test("a message reads back as it was written, with its fields, links, pixel and headers", async () => {
  const delivery = aDelivery({
    subject: "Bonjour <%= recipient.firstName %>, à bientôt",
    fromName: "Zoë's <%= delivery.label %>",
    htmlSource:
      '<html><body class="a">\r\n<p>Dear  <%= recipient.firstName %> <b><%= recipient.location.city %></b>,</p>\r\n' +
      '<a href="https://shop.test/a?x=1&amp;y=2">one</a> <a href="https://shop.test/b?n=<%= recipient.lastName %>#top">two</a>\r\n' +
      "<%@ include view='UnsubscriptionLink' %>\r\n</body></html>",
    textSource:
      "Dear <%= recipient.firstName %>,\nsee (https://shop.test/a?x=1&y=2).\n.\nBye <%= recipient.lastName %>",
  });
  const message = await composeMessage(
    delivery,
    aMessageRecipient(delivery, { first_name: "Renée & <Co>", last_name: 'D"oe', city: null }),
    now,
  );
  assertSafeWire(message.content);
  const mail = await PostalMime.parse(message.content);

  assert.equal(mail.subject, "Bonjour Renée & <Co>, à bientôt");
  assert.deepEqual(mail.from, { address: "news@shop.test", name: "Zoë's Autumn" });
  assert.deepEqual(
    mail.to?.map(({ address }) => address),
    ["john@example.test"],
  );
  assert.equal(mail.replyTo?.[0]?.address, "help@shop.test");
  assert.equal(mail.date, "2026-11-21T10:00:00.000Z");
  assert.equal(header(mail, "precedence"), "bulk");
  assert.equal(header(mail, "mime-version"), "1.0");
  assert.equal(header(mail, "x-mailer"), "Postrider test");
  assert.match(header(mail, "feedback-id"), /^17:main:campaign:shop\.test$/);
  assert.equal(header(mail, "list-unsubscribe-post"), "List-Unsubscribe=One-Click");

  const html = mail.html ?? "";
  assert.match(html, /<p>Dear {2}Renée &amp; &lt;Co&gt; <b><\/b>,<\/p>/);
  assert.match(html, /<img src="[^"]+" width="1" height="1" alt="" border="0"><\/body><\/html>\s*$/);
  const [first, second, unsubscribe] = hrefs(html);
  assert.equal(follow(first), "https://shop.test/a?x=1&y=2");
  assert.equal(follow(second), "https://shop.test/b?n=D%22oe#top");
  assert.deepEqual(request(unsubscribe), {
    contentType: "h",
    broadLogId: 4242,
    deliveryId: 17,
    urlId: 2,
    values: [],
    instance: "main",
  });
  assert.equal(
    header(mail, "list-unsubscribe"),
    `<${unsubscribe}>, <mailto:${message.envelope.from}?subject=unsubscribe>`,
  );

  const text = mail.text ?? "";
  const link = /see \((\S+)\)\.\n\.\nBye D"oe/.exec(text)?.[1];
  assert.equal(request(link)?.contentType, "t");
  assert.equal(follow(link), "https://shop.test/a?x=1&y=2");

  assert.deepEqual(
    parseMessageId(message.messageId, (name) => (name === "main" ? returnPathKey : undefined)),
    { instance: "main", deliveryId: 17, broadLogId: 4242 },
  );
  assert.equal(mail.messageId, message.messageId);
  assert.deepEqual(parseReturnPath(message.envelope.from.toUpperCase(), returnPathKey), {
    deliveryId: 17,
    broadLogId: 4242,
  });
  assert.equal(message.envelope.to, "john@example.test");
  assert.equal(message.needsSmtpUtf8, false);
});

test("the preferred format decides between one part and two", async () => {
  const both = aDelivery({ htmlSource: "<p>html</p>", textSource: "text" });
  const contentType = async (delivery: CompiledDelivery, emailFormat: number) => {
    const mail = await PostalMime.parse(
      (await composeMessage(delivery, aMessageRecipient(delivery, {}, { emailFormat }), now)).content,
    );
    return header(mail, "content-type").split(";")[0];
  };
  assert.equal(await contentType(both, 0), "multipart/alternative");
  assert.equal(await contentType(both, 1), "text/plain");
  assert.equal(await contentType(both, 2), "text/html");
  const onlyHtml = aDelivery({ htmlSource: "<p>html</p>", textSource: undefined });
  for (const emailFormat of [0, 1, 2]) assert.equal(await contentType(onlyHtml, emailFormat), "text/html");
});

test("any value of any field stays within its place, its header and its line", async () => {
  const nasty = fc
    .array(
      fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 30 }),
        fc.constantFrom(
          "\r\nBcc: x@y.test",
          "\n.\nQUIT\n",
          "<%= recipient.email %>",
          "</a>",
          '"',
          "'",
          "&",
          "$(p1)",
          "\u2028",
          "株",
          " ",
          "\u0000",
          "javascript:",
        ),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join(""));
  const delivery = aDelivery({
    subject: "Hi <%= recipient.firstName %>",
    fromName: "<%= recipient.company %>",
    htmlSource:
      "<p title='<%= recipient.firstName %>'><%= recipient.firstName %></p><a href='https://shop.test/?a=<%= recipient.lastName %>'>x</a><%@ include view='UnsubscriptionLink' %>",
    textSource:
      "T:<%= recipient.firstName %>\nhttps://shop.test/?a=<%= recipient.lastName %>\n<%= recipient.company %>",
  });
  await fc.assert(
    fc.asyncProperty(nasty, nasty, nasty, async (first, last, company) => {
      const message = await composeMessage(
        delivery,
        aMessageRecipient(delivery, { first_name: first, last_name: last, company }),
        now,
      );
      assertSafeWire(message.content);
      const mail = await PostalMime.parse(message.content);
      assert.equal(mail.bcc, undefined);
      assert.equal(mail.headers.length, 13);
      assert.equal(mail.from?.address, "news@shop.test");
      const tags = (mail.html ?? "").match(/<[^>]*>/g)?.map((tag) => /^<\/?\w+/.exec(tag)?.[0]);
      assert.deepEqual(tags, ["<p", "</p", "<a", "</a", "<a", "</a", "<img"]);
      const link = hrefs(mail.html ?? "")[0];
      const whole = clean(last);
      const shown =
        whole.length <= 255
          ? whole
          : whole
              .slice(0, 255)
              .toWellFormed()
              .replace(/\ufffd$/, "");
      const expected = encodeURIComponent(shown.toWellFormed()).replace(
        /[!'()*]/g,
        (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
      );
      assert.equal(follow(link), `https://shop.test/?a=${expected}`);
    }),
    { numRuns: 300 },
  );
});

for (const algorithm of ["rsa-sha256", "ed25519-sha256"] as const) {
  test(`a ${algorithm} signature is accepted by mailauth, also where values are empty or the body has odd blanks`, async () => {
    const { key, record } = aDkimKey(algorithm);
    const contents: Partial<DeliveryContent>[] = [
      {
        htmlSource:
          "<p>  two\t blanks <%= recipient.firstName %>  </p>\r\n\r\n<b><%= recipient.lastName %></b>  \r\n\r\n",
        textSource: "a  b \n\n<%= recipient.firstName %>",
      },
      { htmlSource: undefined, textSource: "<%= recipient.firstName %>" },
      { htmlSource: "plain<%= recipient.firstName %>", textSource: undefined },
    ];
    for (const content of contents) {
      const delivery = { ...aDelivery(content), signingKeys: () => [key] };
      for (const first of ["", "Ann", "two  blanks ", "line\nbreak\n", " x"]) {
        const { content: bytes } = await composeMessage(
          delivery,
          aMessageRecipient(delivery, { first_name: first, last_name: "é" }),
          now,
        );
        const { results } = await dkimVerify(bytes, {
          resolver: (name: string) => Promise.resolve(name === "s1._domainkey.shop.test" ? [[record]] : []),
        });
        assert.equal(results[0]?.status.result, "pass", JSON.stringify({ content, first, status: results[0]?.status }));
        const signed = (results[0]?.signingHeaders?.keys ?? "").toLowerCase();
        for (const name of ["from", "list-unsubscribe", "list-unsubscribe-post", "message-id", "subject"])
          assert.ok(signed.split(": ").includes(name), `${name} in ${signed}`);
      }
    }
  });
}

test("the same recipient gets the same identifiers each time, another recipient others", async () => {
  const delivery = aDelivery({});
  const compose = (broadLogId: number) =>
    composeMessage(delivery, { ...aMessageRecipient(delivery, {}), broadLogId }, now);
  const [one, again, other] = [await compose(1), await compose(1), await compose(2)];
  assert.equal(one.messageId, again.messageId);
  assert.equal(one.envelope.from, again.envelope.from);
  assert.deepEqual(one.content, again.content);
  assert.notEqual(one.messageId, other.messageId);
});

test("an address that is no address is refused before anything is composed", async () => {
  const delivery = aDelivery({});
  await assert.rejects(
    composeMessage(delivery, { ...aMessageRecipient(delivery, {}), address: "a@b.test\r\nRCPT TO:<c@d.test>" }, now),
    { code: "CNT-100004" },
  );
});

test("a domain of another script goes out in ASCII, and letters before the @ ask for SMTPUTF8", async () => {
  const delivery = aDelivery({});
  const compose = (address: string) => composeMessage(delivery, { ...aMessageRecipient(delivery, {}), address }, now);
  const domain = await compose("john@exämple.test");
  assert.deepEqual([domain.envelope.to, domain.needsSmtpUtf8], ["john@xn--exmple-cua.test", false]);
  const local = await compose("zoë@example.test");
  assert.deepEqual([local.envelope.to, local.needsSmtpUtf8], ["zoë@example.test", true]);
  assert.ok(local.content.includes("To: zoë@example.test\r\n"));
});

function aDelivery(content: Partial<DeliveryContent>): CompiledDelivery {
  const delivery = aShopDelivery(content);
  storedUrls = new Map(delivery.trackingUrls.map(({ id, url }) => [id, url]));
  return delivery;
}

let storedUrls = new Map<number, string>();

function header(mail: { headers: { key: string; value: string }[] }, name: string): string {
  return mail.headers.find(({ key }) => key === name)?.value ?? "";
}

function hrefs(html: string): string[] {
  return [...html.matchAll(/href=["']([^"']*)["']/g)].map((match) =>
    (match[1] ?? "").replaceAll("&amp;", "&").replaceAll("&#39;", "'"),
  );
}

function request(link: string | undefined) {
  const origin = "https://mail.shop.test";
  assert.ok(link !== undefined && link.startsWith(origin), link);
  return parseTrackingRequest(new Map([["main", linkKey]]), link.slice(origin.length));
}

/** Where the redirection server would lead. */
function follow(link: string | undefined): string | undefined {
  const click = request(link);
  return click && fillTrackedUrl(storedUrls.get(click.urlId) ?? "", click.values);
}

function clean(text: string): string {
  return text.replace(/(?![\t\n\r])[\p{Cc}\ufdd0-\ufdef]/gu, "").trimEnd();
}
