import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { assertCataloguesAgree, readCatalogue } from "#test/support/catalogues.ts";

import { chooseLanguage, languages } from "#foundation/languages.ts";
import { deliveryStates, failureReasons } from "#schemas/codes.ts";

import { escapeHtml, html, safeLink } from "./html.ts";
import { textsOf } from "./texts.ts";

const folder = import.meta.dirname;

const catalogue = (language: string): Record<string, string> => readCatalogue(folder, language);

test("every language has the same keys in the same order, no empty text, and the same places for values", () => {
  assert.deepEqual(languages, ["en", "fr", "nl", "pt-BR", "sv", "zh-CN"]);
  assertCataloguesAgree(folder);
});

test("every text is said somewhere", () => {
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  const computed = /^(process|does|deliveryState|failureReason|verdict|waits|error|delivery\.(exclusions|failures))\b/;
  for (const key of Object.keys(catalogue("en")))
    assert.ok(sources.includes(`"${key}"`) || computed.test(key), `${key} is said nowhere`);
});

test("every state and every reason has its words", () => {
  const english = catalogue("en");
  for (const state of Object.keys(deliveryStates)) assert.ok(`deliveryState.${state}` in english, state);
  for (const reason of Object.keys(failureReasons)) assert.ok(`failureReason.${reason}` in english, reason);
});

test("the language is the first one wished for that there is", () => {
  assert.equal(chooseLanguage(["pt", "fr"], "en"), "pt-BR");
  assert.equal(chooseLanguage(["de-DE", "zh-Hans-CN;q=0.5"], "en"), "zh-CN");
  assert.equal(chooseLanguage(["NL-be"], "en"), "nl");
  assert.equal(chooseLanguage(["", "*", "constructor", "__proto__"], "sv"), "sv");
});

test("numbers, shares, sizes, spans and moments are written as the language writes them", () => {
  const [english, french] = [textsOf("en", "UTC"), textsOf("fr", "Europe/Paris")];
  assert.equal(english.number(1_234_567), "1,234,567");
  assert.equal(french.number(1_234_567).replace(/\s/g, " "), "1 234 567");
  assert.deepEqual([english.share(1, 3), english.share(1, 0)], ["33.3%", ""]);
  assert.deepEqual([english.bytes(999), english.bytes(52_430_000)], ["1 kB", "50 MB"]);
  assert.deepEqual(
    [english.span(500), english.span(61_000), english.span(3_600_000), english.span(90_061_000)],
    ["0 sec", "1 min 1 sec", "1 hr", "1 day 1 hr"],
  );
  assert.match(french.moment(new Date("2026-11-21T23:30:00Z")), /22 nov\. 2026.*00:30:00/);
  assert.match(textsOf("en", "Nowhere/Land").moment(new Date("2026-11-21T23:30:00Z")), /11:30:00/);
  assert.equal(english.say("logon.slowed", { seconds: "<5>" }), "Too many failed logons. Try again in <5> s.");
});

test("a template escapes every value but what a template made", () => {
  const name = `<b class="x" id='y'>&`;
  assert.equal(
    html`<i title="${name}">${name}</i>`.markup,
    `<i title="&lt;b class=&quot;x&quot; id=&#39;y&#39;&gt;&amp;">&lt;b class=&quot;x&quot; id=&#39;y&#39;&gt;&amp;</i>`,
  );
  assert.equal(html`${[html`<i>`, "<", 5, undefined, false, [html`</i>`]]}`.markup, "<i>&lt;5</i>");
  assert.equal(escapeHtml("a\u0000\u202eb\ud800\n"), "a\ufffd\ufffdb\ufffd\n");
});

test("only web addresses become links", () => {
  assert.equal(safeLink(" https://example.org/?a=1 "), "https://example.org/?a=1");
  for (const link of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "//evil.example",
    "mailto:a@b.c",
    "\u0000https://x",
    "",
  ]) {
    assert.equal(safeLink(link), undefined);
  }
});
