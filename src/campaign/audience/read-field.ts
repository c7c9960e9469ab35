/** Reads the text of a list's cell as the value of a recipient's field. */

import { readCountry } from "./read-country.ts";
import { type DateOrder, readDay } from "./read-day.ts";
import type { FieldKind } from "./recipient-fields.ts";

/** A value as PostgreSQL reads it from text; null for an empty cell, undefined for one that cannot be understood. */
export type FieldText = string | null | undefined;

export type ReadField = (text: string) => FieldText;

const yesWords = new Set("1 y yes true t x on o oui v vrai j ja w waar s sim verdadeiro sant 是 真".split(" "));
const noWords = new Set("0 n no false f off non faux nee onwaar nao falso nej falskt 否 假".split(" "));

const genders = new Map<string, string>([
  ..."0 u unknown inconnu onbekend desconhecido okand 未知".split(" ").map((word) => [word, "0"] as const),
  ..."1 m male man h homme masculin mannelijk masculino homem 男 男性".split(" ").map((word) => [word, "1"] as const),
  ..."2 f w female woman femme feminin v vrouw vrouwelijk feminino mulher k kvinna 女 女性"
    .split(" ")
    .map((word) => [word, "2"] as const),
]);

const emailFormats = new Map([
  ["0", "0"],
  ["unknown", "0"],
  ["1", "1"],
  ["text", "1"],
  ["2", "2"],
  ["html", "2"],
]);

/**
 * The reader of a kind of field; addresses have their own, `readEmailAddress`.
 * @param dateOrder what 03/04/2001 means
 */
export function fieldReader(kind: Exclude<FieldKind, "email">, dateOrder: DateOrder): ReadField {
  switch (kind) {
    case "text":
      return (text) => (text === "" ? null : text);
    case "date":
      return unlessEmpty((text) => readDay(text, dateOrder));
    case "yes_no":
      return unlessEmpty(readYesNo);
    case "gender":
      return unlessEmpty((text) => genders.get(text) ?? genders.get(plainWord(text)));
    case "email_format":
      return unlessEmpty((text) => emailFormats.get(text) ?? emailFormats.get(plainWord(text)));
    case "country":
      return unlessEmpty(readCountry);
  }
}

function unlessEmpty(read: (text: string) => FieldText): ReadField {
  return (text) => (text === "" ? null : read(text));
}

function readYesNo(text: string): FieldText {
  if (text === "0" || text === "1") return text === "1" ? "t" : "f";
  const word = plainWord(text);
  if (yesWords.has(word)) return "t";
  return noWords.has(word) ? "f" : undefined;
}

function plainWord(text: string): string {
  return text.trim().normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
