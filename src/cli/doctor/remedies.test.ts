/** What a remedy says to do must be there: settings, verbs with their flags, and pages. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { wordsOf } from "#foundation/doctor/words.ts";
import { programFolder } from "#foundation/home.ts";
import { languages } from "#foundation/languages.ts";
import { allSections } from "#modules/roster.ts";
import { readCatalogue } from "#test/support/catalogues.ts";

import { verbs } from "../verbs.ts";

const settings = new Set(
  allSections.flatMap(({ path, settings: own }) => Object.keys(own).map((name) => `${path}.${name}`)),
);
const sections = [...new Set(allSections.map(({ path }) => path.split(".")[0] ?? ""))];
const usage = verbs.map(({ name, usage: lines }) => ({ name, text: lines.join("\n") }));

for (const language of languages) {
  const texts = Object.entries(readCatalogue(join(programFolder, "src/foundation/doctor"), language)).map(
    ([key, text]) => ({ key, text: text.replace(/\{\w+\}/g, "x") }),
  );

  test(`every setting that a text names is one: ${language}`, () => {
    const form = new RegExp(String.raw`(?<![\w./@-])(?:${sections.join("|")})(?:\.[a-zA-Z]+)+`, "g");
    // Lines of logs: no setting has an underscore.
    const events = /^\w+\.[a-z]+(_[a-z]+)+/;
    for (const { key, text } of texts)
      for (const match of text.matchAll(form)) {
        const rest = text.slice(match.index);
        if (events.test(rest) || /^\w+\.(log|service|toml)\b/.test(match[0])) continue;
        assert.ok(settings.has(match[0]), `${key}: ${match[0]}`);
      }
  });

  test(`every command that a text names is one, with its flags: ${language}`, () => {
    for (const { key, text } of texts)
      for (const [, verb = "", rest = ""] of text.matchAll(/postrider ([a-zA-Z]+)((?: -?[\w@:./=*,{}-]+)*)/g)) {
        const known = usage.find(({ name }) => name === verb);
        // Said of the platform and its user: "postrider status", "sudo -u postrider postrider doctor".
        if (known === undefined) {
          assert.equal(verb, "postrider", `${key}: postrider ${verb}`);
          continue;
        }
        for (const [flag] of rest.matchAll(/(?<= )-[a-z]+/gi))
          assert.ok(known.text.includes(flag), `${key}: ${verb} ${flag}`);
      }
  });

  test(`every page that a text names is there: ${language}`, () => {
    for (const { key, text } of texts)
      for (const [page] of text.matchAll(/docs\/[\w/-]+\.md/g))
        assert.ok(existsSync(join(programFolder, page)), `${key}: ${page}`);
  });
}

test("words of every language can be opened", () => {
  for (const language of languages) assert.notEqual(wordsOf(language, "UTC").say("doctor.well"), "");
});
