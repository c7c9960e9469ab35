/** Hashes and checks passwords with argon2id, a few at a time: each takes 19 MB and some 30 ms. */

import { tooManyLogonsAtOnce } from "./errors.ts";
import { longestPasswordBytes, type Password } from "./password.ts";

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Against this hash the password of an unknown login is checked, so that it takes as long as that of a known one. */
const hashOfNobody =
  "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5a25vd3N0aGlzIQ$0000000000000000000000000000000000000000000";

/** Hashing runs on the threads that also serve files and names; more would starve them. */
const atOnce = 2;
const longestQueue = 100;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Hashes a new password.
 * @returns the hash with its parameters and salt, `$argon2id$...`
 */
export function hashPassword(password: Password): Promise<string> {
  return inTurn(async () => (await loadArgon2()).hash(password, cost));
}

/**
 * Checks a password. Takes the same time whether or not there is a hash to check against.
 * @param passwordHash undefined when the login is unknown or has no password
 * @throws tooManyLogonsAtOnce
 */
export async function isPasswordRight(password: string, passwordHash: string | undefined): Promise<boolean> {
  if (password === "" || Buffer.byteLength(password) > longestPasswordBytes) return false;
  const isRight = await inTurn(async () => (await loadArgon2()).verify(passwordHash ?? hashOfNobody, password));
  return isRight && passwordHash !== undefined;
}

/** Loaded when the first password comes: modules that only ask who may do what never need it. */
function loadArgon2(): Promise<typeof import("@node-rs/argon2")> {
  return import("@node-rs/argon2");
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (waiting.length >= longestQueue) throw tooManyLogonsAtOnce();
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
