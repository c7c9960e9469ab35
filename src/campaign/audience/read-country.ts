/** Reads a country as lists write it: its code, or its name in one of the product's languages. */

const languages = ["en", "fr", "nl", "pt", "sv", "zh"];

let codesByName: ReadonlyMap<string, string> | undefined;

/** The two-letter ISO 3166 code of `fr`, `FR`, `France` or `法国`; undefined when there is no such country. */
export function readCountry(text: string): string | undefined {
  codesByName ??= nameCountries();
  return codesByName.get(text) ?? codesByName.get(plainName(text));
}

/** Names come from the ICU data in Node, so that no list of ours grows old. */
function nameCountries(): Map<string, string> {
  const names = new Map<string, string>([["uk", "GB"]]);
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
  const displays = languages.map((language) => new Intl.DisplayNames(language, { type: "region", fallback: "none" }));
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    if (isNoCountry(code)) continue;
    for (const display of displays) {
      const name = display.of(code);
      if (name === undefined) continue;
      names.set(code, code);
      names.set(code.toLowerCase(), code);
      names.set(plainName(name), code);
    }
  }
  return names;
}

/** Codes that ICU names and ISO does not: unions, outlying parts, pseudo regions, and former codes that stand for another. */
function isNoCountry(code: string): boolean {
  return /^(AC|CP|CQ|DG|EA|EU|EZ|IC|QO|TA|UN|ZZ|XA|XB)$/.test(code) || new Intl.Locale(`und-${code}`).region !== code;
}

function plainName(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
