import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { aContent } from "#test/support/compiled-delivery.ts";
import { processorMs } from "#test/support/processor-time.ts";

import { analyzeContent, type DeliveryContent } from "./analyze-content.ts";
import { hasScript } from "./script/split-script.ts";
import type { Segment } from "./content-segment.ts";

test("each value is given the place where it stands", () => {
  const places = (html: string) =>
    segmentsOf(html).flatMap((segment) => (segment.kind === "value" ? [segment.place] : []));
  const value = "<%= recipient.firstName %>";
  assert.deepEqual(places(`<p>${value}</p>`), ["htmlText"]);
  assert.deepEqual(places(`<p title="${value}" lang='${value}'>`), ["attribute", "attribute"]);
  assert.deepEqual(places(`<a href="mailto:x@y.test?subject=${value}">x</a>`), ["urlParameter"]);
  assert.deepEqual(places(`<img src="https://img.test/?n=${value}">`), ["urlParameter"]);
  assert.deepEqual(places(`<!-- ${value} --><p>${value}`), ["htmlText", "htmlText"]);
  assert.deepEqual(places(`<p><%= encodeURIComponent(recipient.firstName) %></p>`), ["urlParameter"]);
  assert.deepEqual(places(`<p>1 < 2 ${value} & ${value}</p>`), ["htmlText", "htmlText"]);
});

test("a value may not stand where no escaping makes it safe", () => {
  const value = "<%= recipient.text1 %>";
  const refused: [string, RegExp][] = [
    [`<script>var x = "${value}"</script>`, /in a script/],
    [`<style>p { color: ${value} }</style>`, /in a style/],
    [`<p onclick="f('${value}')">`, /attribute onclick/],
    [`<p style="color:${value}">`, /attribute style/],
    [`<p class=${value}>`, /quotes/],
    [`<p ${value}>`, /outside the quotes/],
    [`<${value}>`, /behind </],
    [`</${value}>`, /behind </],
    [`<p${value}>`, /tag's name/],
    [`<a href=https://x.test/?${value}>x</a>`, /quotes/],
    [`<img src="${value}">`, /may not begin with a value/],
    [`<img src="https://${value}/x.png">`, /host/],
    [`<!--[if ${value}]><p><![endif]-->`, /condition/],
  ];
  for (const [html, reason] of refused) assert.match(errorsOf({ htmlSource: html }).join("\n"), reason, html);
});

test("links that could lead elsewhere than the author wrote are refused, whatever their disguise", () => {
  const refused: [string, RegExp][] = [
    ["https://<%= recipient.company %>/", /host of a link may not be personalised/],
    ["https://shop.test<%= recipient.company %>/", /host of a link may not be personalised/],
    ["<%= recipient.text1 %>", /may not begin with a value/],
    ["<%= recipient.text1 %>://x.test/", /may not begin with a value/],
    ["//<%= recipient.text1 %>/", /not complete/],
    ["//evil.test/", /not complete/],
    ["javascript:alert(1)", /begin with javascript:/],
    [" JavaScript:alert(1)", /begin with javascript:/],
    ["java\nscript:alert(1)", /begin with javascript:/],
    ["java&#10;script:alert(1)", /begin with javascript:/],
    ["&#106;avascript:alert(1)", /begin with javascript:/],
    ["&#x6A;avascript&#58;alert(1)", /begin with javascript:/],
    ["data:text/html,x", /begin with data:/],
    ["vbscript:x", /begin with vbscript:/],
    ["file:///etc/passwd", /begin with file:/],
    ["https://user:pass@shop.test/", /login/],
    ["https://shop.test\\@evil.test/", /no valid host/],
    ["https:///x", /no valid host/],
    ["www.shop.test", /not complete/],
    ["/relative", /not complete/],
    [`https://shop.test/${"x".repeat(2_000)}`, /characters/],
  ];
  for (const [href, reason] of refused)
    assert.match(errorsOf({ htmlSource: `<a href="${href}">x</a>` }).join("\n"), reason, href);
});

test("links are found in HTML, in Outlook's conditional comments and in text, each once, with their values as parameters", () => {
  const content = analyze({
    htmlSource:
      '<a class=x href="https://a.test/?a=1&amp;b=<%= recipient.email %>&c=<%= recipient.lastName %>">1</a>' +
      "<A HREF='https://a.test/?a=1&amp;b=<%= recipient.email %>&c=<%= recipient.company %>'>same</A>" +
      '<!--[if mso]><a href="https://mso.test/">2</a><![endif]--><!-- <a href="https://comment.test/">no</a> -->' +
      '<map><area href="https://area.test"></map><a href="#top">no</a><a href="mailto:a@b.test">no</a><a href="tel:+1">no</a><a name="x">no</a>' +
      '<script>"<a href=\'https://script.test/\'>"</script><a href="https://a.test/$(p9)">literal</a>',
    textSource:
      "See https://text.test/x, (https://text.test/y), [https://text.test/z] or https://text.test/?q=<%= recipient.email %>.",
  });
  assert.deepEqual(
    content.problems.filter(({ level }) => level === "error"),
    [],
  );
  assert.deepEqual(content.links, [
    "https://a.test/?a=1&b=$(p1)&c=$(p2)",
    "https://mso.test/",
    "https://area.test",
    "https://a.test/%24(p9)",
    "https://text.test/x",
    "https://text.test/y",
    "https://text.test/z",
    "https://text.test/?q=$(p1)",
  ]);
  const values = (content.html ?? []).flatMap((segment) =>
    segment.kind === "link"
      ? [segment.values.map((source) => ("column" in source ? source.column : source.object))]
      : [],
  );
  assert.deepEqual(values.slice(0, 2), [
    ["email", "last_name"],
    ["email", "company"],
  ]);
});

test("the open pixel stands before the end of the body, or at the end where there is no body", () => {
  const before = (html: string) => {
    const segments = segmentsOf(html);
    const next = segments[segments.findIndex(({ kind }) => kind === "openPixel") + 1];
    return next?.kind === "text" ? next.text : undefined;
  };
  assert.equal(before("<body><p>x</p></BODY></html>"), "</BODY></html>");
  assert.equal(before("<p>x</p>"), undefined);
  assert.equal(before("<!-- </body> --><body>x</body >"), "</body >");
});

test("unknown fields, unknown blocks and unfinished scripts are refused with their line and column", () => {
  const errors = analyze({
    subject: "Hi <%= recipient.nickname %>",
    htmlSource:
      "<p>\r\n  <% if (recipient.gender == 1) { %>x<% } %>\n<%= recipient.firstName.toUpperCase() %>\r<%@ include view='Nothing' %> <%= foo.bar %><%@ value object='delivery' %>",
    textSource: "one <%= recipient.email",
  }).problems.filter(({ level }) => level === "error");
  assert.deepEqual(
    errors.map(({ part, line, column, message }) => [part, line, column, message.slice(0, 34)]),
    [
      ["subject", 1, 4, "There is no field recipient.nickna"],
      ["html", 4, 1, "There is no block named Nothing. T"],
      ["html", 4, 45, "There is no object 'delivery'. The"],
      ["text", 1, 5, "This <% has no %> behind it."],
    ],
  );
});

test("what is missing is told: subject, sender and content as errors, the unsubscription link as a warning", () => {
  const problems = (given: Partial<DeliveryContent>) =>
    analyze(given).problems.map(({ level, part }) => `${level} ${part}`);
  assert.deepEqual(
    problems({ subject: " \r\n", fromAddress: "", replyToAddress: "a@b@c", htmlSource: "  ", textSource: undefined }),
    ["error subject", "error sender", "error replyTo", "error html"],
  );
  assert.deepEqual(
    problems({ fromAddress: "a@b.test\r\nBcc: c@d.test", textSource: "<%@ include view='UnsubscriptionUrl' %>" }),
    ["error sender"],
  );
  assert.deepEqual(problems({ htmlSource: "<p>x</p>", textSource: "<%@ include view='UnsubscriptionLink' %>" }), [
    "warning html",
  ]);
  assert.deepEqual(problems({ htmlSource: '<a href="<%@ include view="UnsubscriptionUrl" %>">out</a>' }), []);
});

test("the unsubscription's address is a whole link, never a part of one", () => {
  assert.match(
    errorsOf({ htmlSource: "<a href=\"https://x.test/?u=<%@ include view='UnsubscriptionUrl' %>\">x</a>" }).join(),
    /may not be part of another/,
  );
  assert.match(errorsOf({ subject: "<%@ include view='UnsubscriptionUrl' %>" }).join(), /may not stand here/);
});

test("built-in blocks speak the instance's language", () => {
  const text = (language: string) =>
    (analyzeContent(aContent({ textSource: "<%@ include view='Greetings' %>" }), language).text ?? [])
      .map((segment) => (segment.kind === "text" ? segment.text : "*"))
      .join("");
  assert.equal(text("fr"), "Bonjour *,");
  assert.equal(text("zh-CN"), "*，您好：");
  assert.equal(text("xx"), "Hello *,");
});

test("no source, however broken, makes the analysis fail or lose text", () => {
  const piece = fc.constantFrom(
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "<%",
    "%>",
    "<%= recipient.email %>",
    "<a href=",
    '"',
    "'",
    "=",
    " ",
    "x",
    "https://a.test/",
    "<script>",
    "</script>",
    "<![endif]-->",
    "\ufdd0",
    "<%@ include view='Greetings' %>",
    "</body>",
    "&amp;",
    "\n",
    "/",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const source = pieces.join("");
      const { html, problems } = analyze({ htmlSource: source });
      if (html === undefined || problems.some(({ level }) => level === "error")) return;
      if (hasScript(html)) return;
      const constant = html.map((segment) => (segment.kind === "text" ? segment.text : "")).join("");
      const expected = source
        .replaceAll("<%= recipient.email %>", "")
        .replaceAll("<%@ include view='Greetings' %>", "Hello ,")
        .replaceAll("\ufdd0", "\ufffd");
      // Links leave the text; everything else stays, in order.
      if (!html.some(({ kind }) => kind === "link")) assert.equal(constant, expected);
    }),
    { numRuns: 2_000 },
  );
});

test("a long source is analysed in time that grows with its length, for each kind of repetition", () => {
  for (const unit of [
    "<",
    "<!--",
    "<a ",
    "<%= recipient.email %>",
    '<a href="https://a.test/?<%= recipient.email %>">',
    "x=",
    "</",
    "<a b='",
  ]) {
    const started = processorMs();
    analyze({
      htmlSource: unit.repeat(Math.ceil(200_000 / unit.length)),
      textSource: "https://a.test/((((".repeat(5_000),
    });
    assert.ok(processorMs() - started < 3_000, `${JSON.stringify(unit)}: ${processorMs() - started} ms`);
  }
});

function analyze(given: Partial<DeliveryContent>) {
  return analyzeContent(aContent(given), "en");
}

function segmentsOf(html: string): readonly Segment[] {
  return analyze({ htmlSource: html }).html ?? [];
}

function errorsOf(given: Partial<DeliveryContent>): string[] {
  return analyze({ textSource: "x", ...given })
    .problems.filter(({ level }) => level === "error")
    .map(({ message }) => message);
}
