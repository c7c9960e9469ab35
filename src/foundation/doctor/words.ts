/** The words of `postrider doctor`: one catalogue for each language, all with the same keys. */

import type { Language } from "../languages.ts";
import { openTexts, type Texts } from "../texts.ts";
import en from "./texts.en.json" with { type: "json" };
import fr from "./texts.fr.json" with { type: "json" };
import nl from "./texts.nl.json" with { type: "json" };
import ptBr from "./texts.pt-BR.json" with { type: "json" };
import sv from "./texts.sv.json" with { type: "json" };
import zhCn from "./texts.zh-CN.json" with { type: "json" };

export type TextKey = keyof typeof en;

/** A problem has three texts: `<problem>.symptom`, `<problem>.cause`, `<problem>.remedy`. */
export type ProblemKey = TextKey extends infer K ? (K extends `${infer P}.symptom` ? P : never) : never;
/** What is looked at is called `check.<name>` there. */
export type CheckName = TextKey extends infer K ? (K extends `check.${infer N}` ? N : never) : never;
export type Words = Texts<TextKey>;

const catalogues = { en, fr, nl, "pt-BR": ptBr, sv, "zh-CN": zhCn } satisfies Record<Language, Record<TextKey, string>>;

/** The words of a language. @param timezone in which moments are shown */
export function wordsOf(language: Language, timezone: string): Words {
  return openTexts<TextKey>(catalogues[language], language, timezone);
}
