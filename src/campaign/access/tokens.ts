/** Session tokens and the security tokens that go with them. The database holds hashes of session tokens only. */

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import type { Secrets } from "#foundation/secrets.ts";

/** Shown once to the client; 128 random bits in the form that clients of Classic know. */
export type SessionToken = string & { readonly brand: "SessionToken" };

/** Makes a token: `___` and 32 hexadecimal digits written as a GUID, 39 characters. */
export function makeSessionToken(): SessionToken {
  const digits = randomBytes(16).toString("hex").toUpperCase();
  return `___${[digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join("-")}` as SessionToken;
}

/** Accepts what has the form of a token; anything else is no session and needs no look-up. */
export function parseSessionToken(text: string): SessionToken | undefined {
  return /^___[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/.test(text) ? (text as SessionToken) : undefined;
}

/** What is stored and looked up; finding a hash tells nothing about how much of a guess was right. */
export function hashToken(token: SessionToken): Buffer {
  return createHash("sha256").update(token).digest();
}

/** Marks the password a session was opened with. */
export function hashCredential(passwordHash: string): Buffer {
  return createHash("sha256").update("credential\0").update(passwordHash).digest();
}

type Issuer = { readonly secrets: Secrets; readonly instance: string };

/**
 * Makes the token that proves that a request was not forged by another site: derived from the session and the key file,
 * so that every host can check it and none needs to store it.
 */
export function makeSecurityToken(issuer: Issuer, session: SessionToken, now: Date): string {
  const issued = Math.floor(now.getTime() / 1000).toString(36);
  return `@${issued}-${sign(issuer, session, issued)}==`;
}

/**
 * Checks a security token, in constant time.
 * @param lifeSec how long it is good after it was issued
 */
export function isSecurityToken(
  issuer: Issuer,
  session: SessionToken,
  text: string,
  now: Date,
  lifeSec: number,
): boolean {
  const found = /^@([0-9a-z]{1,10})-([\w-]{43})==$/.exec(text);
  if (found === null) return false;
  const [, issued = "", signature = ""] = found;
  const ageSec = now.getTime() / 1000 - Number.parseInt(issued, 36);
  const isOurs = timingSafeEqual(Buffer.from(sign(issuer, session, issued)), Buffer.from(signature));
  return isOurs && ageSec <= lifeSec;
}

function sign({ secrets, instance }: Issuer, session: SessionToken, issued: string): string {
  return createHmac("sha256", secrets.deriveKey("session", instance))
    .update(`${session}|${issued}`)
    .digest("base64url");
}
