/** What must hold of the catalogues of texts, one file for each language: `texts.<language>.json` in one folder. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { languages } from "#foundation/languages.ts";

/** The texts of a language. */
export function readCatalogue(folder: string, language: string): Record<string, string> {
  return JSON.parse(readFileSync(join(folder, `texts.${language}.json`), "utf8")) as Record<string, string>;
}

/**
 * Every language has the same keys in the same order, no empty text, and the same places for values. Forms are chosen by a value that the
 * text shows, or another of the texts that are said with the same ones: symptom, cause and remedy.
 */
export function assertCataloguesAgree(folder: string): void {
  const english = Object.entries(readCatalogue(folder, "en"));
  for (const language of languages) {
    const own = readCatalogue(folder, language);
    assert.deepEqual(
      Object.keys(own),
      english.map(([key]) => key),
      language,
    );
    for (const [key, text] of english) {
      assert.deepEqual(placesOf(own[key] ?? ""), placesOf(text), `${language} ${key}`);
      assert.notEqual(own[key]?.trim(), "", `${language} ${key}`);
      const together = english.filter(([other]) => groupOf(other) === groupOf(key)).map(([, said]) => said);
      for (const [, name] of (own[key] ?? "").matchAll(/\{(\w+)\|/g))
        assert.ok(placesOf(together.join(" ")).includes(`{${name}}`), `${language} ${key}: forms for ${name}`);
      assert.doesNotMatch(
        (own[key] ?? "").replaceAll(/\{\w+(\|[^{}|]*\|[^{}|]*)?\}/g, ""),
        /[{}|]/,
        `${language} ${key}`,
      );
    }
  }
}

function groupOf(key: string): string {
  return key.replace(/\.(symptom|cause|remedy)$/, "");
}

function placesOf(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted((a, b) => a.localeCompare(b));
}
