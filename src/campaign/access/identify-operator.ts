/** Says who someone is, by login and password; takes the same time for a login that nobody has. */

import { internalAccountSettings } from "#foundation/common-settings.ts";

import { isPasswordRight } from "./hash-password.ts";
import type { AccessContext } from "./log-on.ts";
import { internalOperator, isProbe, type Operator } from "./operator.ts";
import { type Credentials, findCredentials } from "./operator-store.ts";
import { isInZone } from "#foundation/caller-zones.ts";

export type Identified = {
  readonly operator: Operator;
  /** What the session is bound to: it ends when this changes. */
  readonly passwordHash: string;
};

/**
 * Checks a password.
 * @returns undefined when it is wrong, or the operator unknown, disabled, or without any right
 * @throws tooManyLogonsAtOnce
 */
export async function identifyOperator(
  context: AccessContext,
  given: { readonly login: string; readonly password: string; readonly address: string },
): Promise<Identified | undefined> {
  const credentials = await readCredentials(context, given);
  const isRight = await isPasswordRight(given.password, credentials?.passwordHash);
  if (!isRight || credentials?.passwordHash === undefined || !mayLogOn(credentials)) return undefined;
  return { operator: credentials.operator, passwordHash: credentials.passwordHash };
}

/** True for an operator who is enabled and has a right, or is the account of probes, which needs none. */
export function mayLogOn({ isDisabled, operator }: Credentials): boolean {
  return !isDisabled && (operator.rights.length > 0 || isProbe(operator));
}

/** What may stand in the column of logins. */
export function isLogin(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  return text.length > 0 && text.length <= 80 && text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text);
}

async function readCredentials(
  { db, settings }: AccessContext,
  { login, address }: { readonly login: string; readonly address: string },
): Promise<Credentials | undefined> {
  if (login !== internalOperator.login) return isLogin(login) ? findCredentials(db, login) : undefined;
  const { internalPassword, internalSecurityZone } = settings.of(internalAccountSettings);
  if (internalPassword === "" || !isInZone(settings, address, internalSecurityZone)) return undefined;
  return { operator: internalOperator, passwordHash: internalPassword, isDisabled: false };
}
