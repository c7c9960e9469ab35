import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { assertCataloguesAgree, readCatalogue } from "#test/support/catalogues.ts";

import { programFolder } from "../home.ts";
import { languages } from "../languages.ts";

const catalogue = (language: string): Record<string, string> => readCatalogue(import.meta.dirname, language);

test("every language has the same keys in the same order, no empty text, and the same places for values", () => {
  assertCataloguesAgree(import.meta.dirname);
});

test("every language but English says things in its own words", () => {
  const english = catalogue("en");
  const sentences = Object.keys(english).filter((key) => (english[key]?.split(" ").length ?? 0) > 5);
  for (const language of languages.filter((name) => name !== "en")) {
    const own = catalogue(language);
    assert.deepEqual(
      sentences.filter((key) => own[key] === english[key]),
      [],
      language,
    );
  }
});

test("every problem has symptom, cause and remedy, and every text is said somewhere", () => {
  const keys = Object.keys(catalogue("en"));
  const sources = globSync(["src/**/doctor/**/*.ts", "src/cli/doctor.ts"], { cwd: programFolder })
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(programFolder, file), "utf8"))
    .join("\n");
  for (const key of keys) {
    const problem = /^(.*)\.(symptom|cause|remedy)$/.exec(key)?.[1];
    const isProblem = problem !== undefined && problem !== "label";
    if (isProblem)
      for (const part of ["symptom", "cause", "remedy"]) assert.ok(keys.includes(`${problem}.${part}`), key);
    const computed = /^(severity|check|obstacle)\./;
    assert.ok(computed.test(key) || sources.includes(`"${isProblem ? problem : key}"`), `${key} is said nowhere`);
  }
});
