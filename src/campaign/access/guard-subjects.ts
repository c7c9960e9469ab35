/** Under which names the attempts of a login and of a source are counted. */

import { createHash } from "node:crypto";

import { authenticationSettings } from "#foundation/common-settings.ts";
import type { Settings } from "#foundation/settings.ts";

type Way = { readonly subject: string; readonly freeFailures: number };

/** Many people may stand behind one source address: it may fail four times as often as a login. */
export function guardSubjects(
  { settings }: { readonly settings: Settings },
  { login, address }: { readonly login: string; readonly address: string },
): { readonly login: Way; readonly source: Way } {
  const { freeLogonFailures } = settings.of(authenticationSettings);
  return {
    login: { subject: loginSubject(login), freeFailures: freeLogonFailures },
    source: { subject: `source:${networkOf(address)}`, freeFailures: freeLogonFailures * 4 },
  };
}

/** A login as a key of the guard: readable where it is a plain one, hashed where it may hold anything. */
export function loginSubject(login: string): string {
  const isPlain = /^[\w.@+-]{1,64}$/.test(login);
  return `login:${isPlain ? login : `#${createHash("sha256").update(login).digest("hex")}`}`;
}

/** One who has an IPv6 address has at least the 2^64 of its network. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const front = head.split(":").filter(Boolean);
  const back = tail === undefined ? [] : tail.split(":").filter(Boolean);
  const groups =
    tail === undefined
      ? front
      : [...front, ...Array.from({ length: 8 - front.length - back.length }, () => "0"), ...back];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
