/** What a password must be: long rather than complicated, and none that everybody tries first. */

import { randomInt } from "node:crypto";

import { passwordRefused } from "./errors.ts";

/** A password that was accepted; not yet hashed, never to be logged. */
export type Password = string & { readonly brand: "Password" };

const shortestCharacters = 8;
/** Hashing costs time that grows with the length. */
export const longestPasswordBytes = 1_024;

/** The commonest of those that are long enough, in lower case. */
const commonPasswords = new Set(
  (
    "password password1 password12 password123 passw0rd p@ssw0rd p@ssword 12345678 123456789 1234567890 123123123 11111111 00000000 " +
    "87654321 88888888 66666666 12341234 11223344 123qweasd 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc qwertyui qwertyuiop qwerty12 qwerty123 " +
    "asdfghjk asdfghjkl zxcvbnm1 abcd1234 abc12345 a1b2c3d4 iloveyou sunshine princess football baseball superman starwars trustno1 " +
    "computer internet whatever welcome1 welcome123 changeme changeme1 letmein1 administrator admin123 admin1234 adminadmin rootroot " +
    "testtest test1234 postrider postrider1 neolane1 campaign"
  ).split(" "),
);

/**
 * Accepts a new password.
 * @param login a password that is the login, or holds it with little more, is refused
 * @throws passwordRefused
 */
export function parsePassword(text: string, login: string): Password {
  const lower = text.toLowerCase();
  if (Buffer.byteLength(text) > longestPasswordBytes)
    throw passwordRefused({ reason: `it is longer than ${longestPasswordBytes} bytes` });
  if (Array.from(text).length < shortestCharacters)
    throw passwordRefused({ reason: `it has fewer than ${shortestCharacters} characters` });
  if (commonPasswords.has(lower)) throw passwordRefused({ reason: "it is one of those that are tried first" });
  if (new Set(lower).size < 3) throw passwordRefused({ reason: "it repeats one or two characters" });
  if (login.length >= 3 && lower.replaceAll(login.toLowerCase(), "").length < 3)
    throw passwordRefused({ reason: "it is made of the login" });
  return text as Password;
}

/** Letters and digits that are not mistaken for each other when they are read from a screen. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

/** Makes a password that nobody can guess: 20 characters in four groups, 99 bits. */
export function generatePassword(): Password {
  const group = (): string => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return [group(), group(), group(), group()].join("-") as Password;
}
