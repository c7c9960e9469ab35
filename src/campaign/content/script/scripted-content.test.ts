import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, test } from "node:test";

import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import PostalMime from "postal-mime";

import { silentLog } from "#foundation/log.ts";
import { openSandbox } from "#foundation/sandbox/open-sandbox.ts";
import { parseTrackingRequest } from "#protocols/tracking-link/parse-tracking-request.ts";
import { aCompiledDelivery, aMessageRecipient, errorsOf } from "#test/support/compiled-delivery.ts";

import type { CompiledDelivery } from "../compiled-message.ts";
import { composeMessage } from "../compose-message.ts";
import { faultSentence } from "./describe-fault.ts";
import { type RenderedMessage, renderMessages } from "./render-messages.ts";

const sandbox = openSandbox({ timeMs: 1_000, memoryMb: 64, timezone: "Europe/Paris", log: silentLog });
after(() => sandbox.close());

const now = new Date("2026-11-21T10:00:00Z");
type Columns = Record<string, string | null>;

test("conditions, loops and expressions make each recipient's message", async () => {
  const delivery = aCompiledDelivery({
    subject: "<%= recipient.firstName == '' ? 'Hello' : 'Hello ' + recipient.firstName.toUpperCase() %>!",
    htmlSource:
      "<html><body>\r\n<% if (recipient.gender == 1) { %>Mr <%= recipient.lastName %><% } else { %>Dear <%= recipient.firstName %><% } %>\r\n" +
      "<ul><% for (var i = 1; i <= 3; i++) { %><li>No <%= i %> of <%= recipient.lastName %></li><% } %></ul>\r\n</body></html>",
    textSource: "Hi <% if (recipient.lastName) { %>there <%= recipient.lastName %><% } %>",
  });
  const mr = await read(delivery, { first_name: "Tom", last_name: "O'Neil <x>", gender: "1" });
  assert.equal(mr.subject, "Hello TOM!");
  assert.match(mr.html, /Mr O&#39;Neil &lt;x&gt;\r?\n<ul><li>No 1 of O&#39;Neil &lt;x&gt;<\/li><li>No 2 .*<li>No 3 /);
  assert.match(mr.text, /^Hi there O'Neil <x>\s*$/);
  const other = await read(delivery, { first_name: "", last_name: null, gender: "2" });
  assert.equal(other.subject, "Hello!");
  assert.match(other.html, /<body>\r?\nDear \r?\n<ul>/);
  assert.match(other.text, /^Hi\s*$/);
});

test("links within conditions and loops are tracked, with the values of their round", async () => {
  const delivery = aCompiledDelivery({
    htmlSource:
      '<p><% if (recipient.email) { %><a href="https://a.test/?e=<%= recipient.email %>">a</a><% } %>' +
      '<% for (const page of ["x&y", "z"]) { %><a href="https://b.test/<%= page %>?n=<%= recipient.lastName %>">b</a><% } %></p>',
  });
  assert.deepEqual(
    delivery.trackingUrls.map(({ url }) => url),
    ["https://a.test/?e=$(p1)", "https://b.test/$(p1)?n=$(p2)"],
  );
  const { html } = await read(delivery, { email: "j@x.test", last_name: "Doe" });
  const requests = [...html.matchAll(/href="([^"]+)"/g)].map(([, url = ""]) =>
    parseTrackingRequest(
      new Map([["main", delivery.identity.linkKey]]),
      url.replaceAll("&amp;", "&").slice(delivery.identity.publicUrl.length),
    ),
  );
  assert.deepEqual(
    requests.map((request) => request && "urlId" in request && [request.urlId, request.values]),
    [
      [1_001, ["j%40x.test"]],
      [1_002, ["x%26y", "Doe"]],
      [1_002, ["z", "Doe"]],
    ],
  );
});

test("what an expression gives is escaped for its place and never run", async () => {
  const delivery = aCompiledDelivery({
    htmlSource:
      '<p title="<%= "\'\\"" + recipient.lastName %>"><%= "<b>" + recipient.lastName %></p><%= escapeXMLString(recipient.lastName + "&") %>' +
      "<% function row(x) { %><i><%= x %></i><% } row(recipient.lastName); %>",
  });
  const name = "<%= 1+1 %>${2}</script>";
  const { html } = await read(delivery, { last_name: name });
  const escaped = "&lt;%= 1+1 %&gt;${2}&lt;/script&gt;";
  assert.ok(
    html.includes(`<p title="&#39;&quot;${escaped}">&lt;b&gt;${escaped}</p>${escaped}&amp;<i>${escaped}</i>`),
    html,
  );
});

test("fields have the types of their schema, and Classic's functions are there", async () => {
  const delivery = aCompiledDelivery({
    textSource:
      "<%= typeof recipient.blackList %> <%= recipient.gender + 1 %> <%= recipient.birthDate.getFullYear() %> " +
      '<%= formatDate(recipient.birthDate, "%2D/%2M/%4Y %Bl %1D") %> <%= formatDate(recipient.created, "%2H:%2N") %> ' +
      '<%= toSmartCase("jean-paul VAN dam") %> <%= formatNumber(1234.5, 2, " ", ",") %> <%= recipient.location.city.length %> ' +
      "<%= recipient.@email %> <%= recipient['firstName'] %> <%= delivery.label %>/<%= message.id + 0 %> <%= encodeURIComponent('a b') %>|<%= 'x' + encodeURIComponent('a b') %>",
  });
  const { text } = await read(delivery, {
    birth_date: "1980-05-01",
    created: "2026-11-21 10:00:00+00",
    gender: "1",
    black_list: "false",
    city: "Gent",
    email: "a@b.test",
    first_name: "Ann",
  });
  assert.equal(
    text.trim(),
    "boolean 2 1980 01/05/1980 May 1 11:00 Jean-Paul Van Dam 1 234,50 4 a@b.test Ann Autumn/4242 a%20b|xa%20b",
  );
});

test("a script's variables do not reach the next recipient", async () => {
  const delivery = aCompiledDelivery({
    textSource: "<% if (recipient.lastName == 'A') { promo = recipient.lastName } %>[<%= typeof promo %>]",
  });
  const results = await renderMessages(sandbox, scripted(delivery), [
    aMessageRecipient(delivery, { last_name: "A" }),
    aMessageRecipient(delivery, { last_name: "B" }),
  ]);
  assert.deepEqual(
    results.map((result) => result.kind === "rendered" && result.parts[0]?.at(2)),
    ["string", "undefined"],
  );
});

test("a script that throws fails its recipient only, and the line is named", async () => {
  const delivery = aCompiledDelivery({
    htmlSource: "<p>\n<% if (recipient.lastName == 'B') {\n  recipient.firstName.nothing.more;\n} %>ok</p>",
  });
  const results = await renderMessages(
    sandbox,
    scripted(delivery),
    ["A", "B", "C"].map((last_name) => aMessageRecipient(delivery, { last_name, first_name: "x" })),
  );
  assert.deepEqual(
    results.map(({ kind }) => kind),
    ["rendered", "failed", "rendered"],
  );
  assert.match(
    sentence(results[1]),
    /^html, line 3, column \d+: TypeError: cannot read property 'more' of undefined\.$/,
  );
});

test("what does not compile, loops for ever, takes all memory or gives an object is named with its line", async () => {
  const judge = async (textSource: string): Promise<string> => {
    const delivery = aCompiledDelivery({ textSource });
    const [result] = await renderMessages(sandbox, scripted(delivery), [aMessageRecipient(delivery, {})]);
    return `${result?.kind} ${sentence(result)}`;
  };
  assert.match(await judge("a\n<% var = 1 %>"), /^stopped text, line 2, column \d+: SyntaxError/);
  assert.match(
    await judge("a\n\n<% while (true) {} %>"),
    /^stopped text, line 3, column \d+: It ran longer than 1 s\.$/,
  );
  assert.match(
    await judge("<% var all = [];\nfor (;;) all.push(new ArrayBuffer(1e6)) %>"),
    /^stopped text, line 2, column \d+: It needs more than 64 MB/,
  );
  assert.match(await judge("<%= new Array(3e8).fill(0) %>"), /^stopped text, line 1, .*64 MB/);
  assert.match(
    await judge("b <%= ({ a: 1 }) %>"),
    /^failed text, line 1, column \d+: TypeError: The expression gives an object/,
  );
  assert.match(await judge("<% throw 'no' %>"), /^failed .*Thrown: no\.$/);
  assert.match(
    await judge("<% require('fs').readFileSync('/etc/passwd') %>"),
    /^failed text, line 1, .*'require' is not defined/,
  );
  assert.match(await judge("<% fetch('https://x.test') %>"), /^failed .*'fetch' is not defined/);
});

test("blocks of the instance are included, may hold scripts, and may not include themselves", async () => {
  const views = {
    Hello: {
      html: "<b><% if (recipient.lastName) { %>Dear <%= recipient.lastName %><% } %></b>",
      text: "Dear <%= recipient.lastName %>",
    },
    Outer: { html: "<%@ include view='Hello' %>!", text: "" },
    Loop: { html: "<%@ include view='Back' %>", text: "" },
    Back: { html: "x\n<%@ include view='Loop' %>", text: "" },
  };
  const delivery = aCompiledDelivery(
    { htmlSource: "<p><%@ include view='Outer' %></p>", textSource: "<%@ include view='Hello' %>" },
    { views },
  );
  const { html, text } = await read(delivery, { last_name: "Doe" });
  assert.match(html, /<p><b>Dear Doe<\/b>!<\/p>/);
  assert.match(text, /^Dear Doe\s*$/);
  const [cycle] = errorsOf({ htmlSource: "a\n<%@ include view='Loop' %>" }, { views });
  assert.deepEqual(
    [cycle?.line, cycle?.message],
    [2, "In the block Back, line 2: The block Loop includes itself: Loop > Back > Loop."],
  );
  const broken = aCompiledDelivery(
    { textSource: "<%@ include view='Bad' %>" },
    { views: { Bad: { html: "", text: "a\n<%= x.y %>" } } },
  );
  const [result] = await renderMessages(sandbox, scripted(broken), [aMessageRecipient(broken, {})]);
  assert.match(sentence(result), /^text, block Bad, line 2, column \d+: ReferenceError/);
});

test("value and foreach are carried out before links are looked for", () => {
  const directives = {
    objects: {
      delivery: {
        label: "A & B",
        variables: {
          var: [
            { name: "home", stringValue: "https://home.test/?a=1&b=2" },
            { name: "x", stringValue: "https://x.test/" },
          ],
        },
      },
    },
  };
  const delivery = aCompiledDelivery(
    {
      htmlSource:
        "<h1><%@ value object=\"delivery\" xpath=\"@label\" %></h1><%@ foreach object='delivery' xpath='variables/var' item='v' %>" +
        "<a href=\"<%@ value object='v' xpath='@stringValue' %>\"><%@ value object='v' xpath='@name' %></a><%@ end %>" +
        "<a href=\"<%@ value object='delivery' xpath='variables/var[@name=\"x\"]/@stringValue' %>b\">b</a>",
    },
    { directives },
  );
  assert.deepEqual(
    delivery.trackingUrls.map(({ url }) => url),
    ["https://home.test/?a=1&b=2", "https://x.test/", "https://x.test/b"],
  );
  assert.equal(delivery.script, undefined);
  const [unknown] = errorsOf({ textSource: "a\nb <%@ value object='nothing' xpath='x' %>" }, { directives });
  assert.deepEqual(
    [unknown?.line, unknown?.column, unknown?.message],
    [2, 3, "There is no object 'nothing'. There are: delivery."],
  );
});

test("blocks and rounds that multiply are refused instead of filling the memory", () => {
  const names = ["A", "B", "C", "D", "E", "F", "G"];
  const views = Object.fromEntries(
    names.map((name, index) => [
      name,
      { html: `<%@ include view='${names[index + 1] ?? "Greetings"}' %>`.repeat(20), text: "" },
    ]),
  );
  assert.match(
    errorsOf({ htmlSource: "<%@ include view='A' %>" }, { views })[0]?.message ?? "",
    /too deeply or too often/,
  );
  const directives = { objects: { delivery: { v: Array.from({ length: 100 }, (_, n) => ({ n })) } } };
  const loops = "<%@ foreach object='delivery' xpath='v' item='x' %>".repeat(5) + "<%@ end %>".repeat(5);
  assert.match(errorsOf({ textSource: loops }, { directives })[0]?.message ?? "", /grows beyond/);
});

test("the analysis refuses scripts where the place of a value would not be sure", () => {
  const problem = (htmlSource: string): string =>
    errorsOf({ htmlSource })
      .map(({ message }) => message)
      .join(" ");
  assert.match(
    problem('<a href="<% if (1) { %>https://a.test<% } %>">x</a>'),
    /Put the condition around the whole element/,
  );
  assert.match(problem('<p <% if (1) { %>title="a"<% } %>>x</p>'), /Put the condition around the whole element/);
  assert.match(problem("<style><% if (1) { %>p{}<% } %></style>"), /Put the condition around|scripts/);
  assert.match(problem("<!-- <% if (1) { %>a<% } %> -->"), /Put the condition around/);
  assert.match(problem('<p title="<% if (1) { %>"><% } %>x</p>'), /begin and end in the same place/);
  assert.match(problem("<<% if (1) { %>script<% } %>>"), /Put the condition/);
  assert.match(problem("<% if (1) { %>x"), /There is no end of this \{/);
  assert.match(problem("<% } %>x"), /There is no \{ for this \}/);
  assert.match(problem("<% if (1) %>x"), /Write \{ \} around/);
  assert.match(problem("<% /* %>x<% */ %>"), /comment is not closed/);
  assert.match(problem("<%= recipient.unknownField.x %>"), /There is no field recipient\.unknownField/);
  assert.match(problem("<% if (recipient.nothing) { %>x<% } %>"), /There is no field recipient\.nothing/);
  assert.equal(
    problem('<p class="<% if (1) { %>a<% } else { %>b<% } %>">x</p><% switch (1) { %>\n<% case 1: %>x<% break; } %>'),
    "",
  );
  assert.match(
    errorsOf({ textSource: "https://a.test/?x=<% if (1) { %>1<% } %>" })[0]?.message ?? "",
    /within an address/,
  );
  assert.deepEqual(errorsOf({ textSource: "<% if (1) { %>https://a.test/b<% } %>\nc" }), []);
});

test("a signed message with scripts verifies, whatever the order of its pieces", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = { domain: "shop.test", selector: "s1", algorithm: "ed25519-sha256", privateKey } as const;
  const record = `v=DKIM1; k=ed25519; p=${publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64")}`;
  const html =
    "<p>two  blanks \t\r\n<% for (const c of recipient.lastName) { %>  <%= c %>  \r\n\r\n<% if (c == 'a') { %>.a <% } else { %>\r\n.<% } } %>\r\n\r\n";
  for (const sources of [
    { htmlSource: html },
    { htmlSource: html, textSource: html },
    { textSource: "<%= recipient.lastName + '' %>" },
  ]) {
    const delivery = aCompiledDelivery(sources, {}, { signingKeys: () => [key] });
    for (const last_name of ["abba", "", ".x é 漢字 " + "y".repeat(200)]) {
      const content = (await compose(delivery, { last_name })).content;
      assert.ok(
        content
          .toString("latin1")
          .split("\r\n")
          .every((line) => !line.startsWith(".") && line.length <= 998 && !/[\r\n]/.test(line)),
      );
      assert.ok(content.toString("latin1").endsWith("\r\n"));
      const verified = await dkimVerify(content, { resolver: () => Promise.resolve([[record]]) });
      assert.equal(verified.results[0]?.status.result, "pass", JSON.stringify(last_name));
    }
  }
});

function scripted(delivery: CompiledDelivery) {
  const { script } = delivery;
  assert.ok(script);
  return { ...delivery, script };
}

function sentence(result: RenderedMessage | undefined): string {
  return result === undefined || result.kind === "rendered" ? "" : faultSentence(result.fault);
}

async function compose(delivery: CompiledDelivery, columns: Columns) {
  const recipient = aMessageRecipient(delivery, columns);
  const [result] = await renderMessages(sandbox, scripted(delivery), [recipient]);
  assert.ok(result?.kind === "rendered", sentence(result));
  return composeMessage(delivery, { ...recipient, rendered: result.parts }, now);
}

async function read(
  delivery: CompiledDelivery,
  columns: Columns,
): Promise<{ subject: string; html: string; text: string }> {
  const mail = await PostalMime.parse((await compose(delivery, columns)).content);
  return { subject: mail.subject ?? "", html: mail.html ?? "", text: mail.text ?? "" };
}
