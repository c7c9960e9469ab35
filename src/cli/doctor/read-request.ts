/** What `postrider doctor` was asked for: its flags, and the language of its answer. */

import { instanceSettings } from "#foundation/common-settings.ts";
import { chooseLanguage, type Language, languages } from "#foundation/languages.ts";
import type { Settings } from "#foundation/settings.ts";

import { invalidArgument, unknownFlag } from "../errors.ts";
import type { Arguments } from "../parse-arguments.ts";

export type DoctorRequest = {
  /** Undefined = all. */
  readonly instance: string | undefined;
  readonly isJson: boolean;
  /** Names of checks that are left out. */
  readonly skipped: readonly string[];
  /** Of the flag. */
  readonly language: Language | undefined;
};

const known = ["instance", "json", "lang", "skip", "noconsole"];

/**
 * Reads the flags.
 * @throws unknownFlag, invalidArgument
 */
export function readRequest({ words, flags }: Arguments): DoctorRequest {
  const strange = [
    ...words,
    ...Object.keys(flags)
      .filter((name) => !known.includes(name))
      .map((name) => `-${name}`),
  ];
  const [first] = strange;
  if (first !== undefined)
    throw unknownFlag({ command: "doctor", flag: first, known: known.map((name) => `-${name}`) });
  const { instance, lang, json, skip } = flags;
  if (instance === true || instance === "") throw invalidArgument({ argument: "-instance", form: "-instance:NAME" });
  if (json !== undefined && json !== true) throw invalidArgument({ argument: "-json", form: "-json" });
  if (skip === true || skip === "") throw invalidArgument({ argument: "-skip", form: "-skip:CHECK,CHECK" });
  const skipped = (skip ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const language = lang === undefined ? undefined : languageOf(lang);
  return { instance, isJson: json === true, skipped, language };
}

/**
 * The flag's, else that of the operator's surroundings, else the one of the instance, else English.
 * @param settings of the instances that are looked at
 */
export function answerLanguage(
  { language }: DoctorRequest,
  environment: NodeJS.ProcessEnv,
  settings: readonly Settings[],
): Language {
  if (language !== undefined) return language;
  const wish = [environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]].find(Boolean) ?? "";
  const [first] = settings;
  const preset = first?.of(instanceSettings).lang ?? "en";
  // C and POSIX are what a service has that nobody gave a language.
  return chooseLanguage([(wish.split(/[.@]/)[0] ?? "").replace("_", "-")], preset);
}

/**
 * The checks that are to be run.
 * @throws invalidArgument with the names there are, when one that is to be left out is none of them
 */
export function withoutSkipped<C extends { readonly name: string }>(
  checks: readonly C[],
  { skipped }: DoctorRequest,
): readonly C[] {
  const names = checks.map(({ name }) => name);
  if (!skipped.every((name) => names.includes(name)))
    throw invalidArgument({ argument: "-skip", form: `-skip:CHECK,CHECK, of ${names.join(", ")}` });
  return checks.filter(({ name }) => !skipped.includes(name));
}

function languageOf(flag: string | true): Language {
  const found = flag === true ? undefined : languages.find((language) => language.toLowerCase() === flag.toLowerCase());
  if (found === undefined) throw invalidArgument({ argument: "-lang", form: `-lang:${languages.join(" or ")}` });
  return found;
}
