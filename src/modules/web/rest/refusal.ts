/** What an error means over HTTP: its status, the fields that are wrong, headers that belong to it. */

import { isPostriderError, type PostriderError } from "#foundation/errors.ts";

import { requestInvalid } from "./errors.ts";

export type FieldError = {
  /** As the client wrote it: `email`, `location/city`, `limit`. */
  readonly field: string;
  readonly message: string;
  /** Of several entities in one request, the one that is wrong, from 0. */
  readonly item?: number;
};

export type Refusal = {
  readonly status: number;
  readonly fieldErrors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
};

const refusals = new WeakMap<PostriderError, Refusal>();

/** Notes with an error how it is answered; the error is handed back, to be thrown. */
export function refuse(error: PostriderError, refusal: Refusal): PostriderError {
  refusals.set(error, refusal);
  return error;
}

/** How an error is answered, where that was noted with it. */
export function refusalOf(error: unknown): Refusal | undefined {
  return isPostriderError(error) ? refusals.get(error) : undefined;
}

/** Refuses a request because of some of its values; of very many only the first are told. */
export function refuseFields(fieldErrors: readonly FieldError[]): PostriderError {
  return refuse(requestInvalid({ count: fieldErrors.length }), { status: 400, fieldErrors: fieldErrors.slice(0, 100) });
}
