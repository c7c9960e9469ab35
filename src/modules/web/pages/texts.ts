/** The words of the pages: one catalogue for each language, all with the same keys. */

import type { Language } from "#foundation/languages.ts";
import { openTexts, type Texts as TextsOf } from "#foundation/texts.ts";

import en from "./texts.en.json" with { type: "json" };
import fr from "./texts.fr.json" with { type: "json" };
import nl from "./texts.nl.json" with { type: "json" };
import ptBr from "./texts.pt-BR.json" with { type: "json" };
import sv from "./texts.sv.json" with { type: "json" };
import zhCn from "./texts.zh-CN.json" with { type: "json" };

export type TextKey = keyof typeof en;
export type Texts = TextsOf<TextKey>;

const catalogues = { en, fr, nl, "pt-BR": ptBr, sv, "zh-CN": zhCn } satisfies Record<Language, Record<TextKey, string>>;

/** The texts of a language. @param timezone in which moments are shown; UTC when it is none that is known */
export function textsOf(language: Language, timezone: string): Texts {
  return openTexts<TextKey>(catalogues[language], language, timezone);
}
