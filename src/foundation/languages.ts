/** The languages of the product (docs/decisions/0015), and how one of them is chosen. */

export const languages = ["en", "fr", "nl", "pt-BR", "sv", "zh-CN"] as const;
export type Language = (typeof languages)[number];

/** True for a language of the product, written as its settings write it. */
export function isLanguage(text: string): text is Language {
  return languages.some((language) => language === text);
}

/**
 * Chooses a language.
 * @param wishes language tags by preference, such as `pt`, `zh-Hans-CN`, or an Accept-Language header's list
 */
export function chooseLanguage(wishes: readonly string[], otherwise: Language): Language {
  for (const wish of wishes) {
    const tag = wish.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    const found =
      languages.find((language) => language.toLowerCase() === tag) ??
      languages.find((language) => language.split("-", 1)[0] === tag.split("-", 1)[0]);
    if (found !== undefined) return found;
  }
  return otherwise;
}
