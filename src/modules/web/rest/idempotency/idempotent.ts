/** Carries a request with an Idempotency-Key out once, however often it is sent within a day. */

import { createHash } from "node:crypto";

import { isDatabaseAway } from "#foundation/database-errors.ts";
import { isPostriderError } from "#foundation/errors.ts";

import { keyInFlight, keyReused } from "../errors.ts";
import { refuse, refuseFields } from "../refusal.ts";
import type { Handler, RestAnswer, RestCall } from "../rest-call.ts";
import {
  claimKey,
  findAnswer,
  forgetOldAnswers,
  keepAnswer,
  type KeptAnswer,
  releaseKey,
} from "./idempotency-store.ts";

/**
 * The same handler, which answers a request it has seen with the answer it gave.
 * Refusals are not kept: they had no effect, and what is refused now may be right later.
 */
export function idempotent(handler: Handler): Handler {
  return async (call) => {
    const key = readKey(call);
    if (key === undefined) return handler(call);
    const { db } = call.context;
    const { caller, scopes } = call.identity;
    // What one token was answered, another one of the same operator may not be for.
    const scope = scopes === "all" ? "*" : [...scopes].sort().join(" ");
    const [keyHash, requestHash] = [hash(caller.operator.login, scope, key), hashRequest(call)];
    await forgetOldAnswers(db);
    if (!(await claimKey(db, keyHash, requestHash))) return replay(await findAnswer(db, keyHash), requestHash);
    const answer = await carryOut(call, handler, keyHash);
    const body =
      typeof answer.body === "string" || answer.body === undefined ? answer.body : JSON.stringify(answer.body);
    await keepAnswer(db, keyHash, { status: answer.status, headers: answer.headers ?? {}, body });
    return answer;
  };
}

async function carryOut(call: RestCall, handler: Handler, keyHash: Buffer): Promise<RestAnswer> {
  try {
    return await handler(call);
  } catch (error) {
    // After a database that was lost in between, or a defect, nobody knows whether there was an effect: the key stays taken.
    if (isPostriderError(error) && !isDatabaseAway(error)) await releaseKey(call.context.db, keyHash);
    throw error;
  }
}

function replay(kept: KeptAnswer | undefined, requestHash: Buffer): RestAnswer {
  if (kept !== undefined && !kept.requestHash.equals(requestHash)) throw refuse(keyReused(), { status: 422 });
  if (kept === undefined || !kept.isDone) throw refuse(keyInFlight(), { status: 409 });
  const { status, headers, body } = kept;
  return { status, headers: { ...headers, "idempotency-replayed": "true" }, ...(body === undefined ? {} : { body }) };
}

function readKey({ request }: RestCall): string | undefined {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return undefined;
  if (typeof header === "string" && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw refuseFields([{ field: "Idempotency-Key", message: "It must be 1 to 255 visible ASCII characters." }]);
}

function hashRequest({ request }: RestCall): Buffer {
  const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  return hash(
    request.method,
    request.url,
    request.headers["content-type"] ?? "",
    request.headers["prefer"]?.toString() ?? "",
    body,
  );
}

/** Each part with its length, so that no two lists of parts look the same. */
function hash(...parts: readonly (string | Buffer)[]): Buffer {
  const digest = createHash("sha256");
  for (const part of parts) {
    const bytes = Buffer.from(part);
    digest.update(`${bytes.length}:`).update(bytes);
  }
  return digest.digest();
}
