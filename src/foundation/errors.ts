/** How Postrider declares its errors: a stable code, a sentence that says what to do, and whether trying again may help. */

export type PostriderError = Error & {
  readonly code: string;
  readonly mayRetry: boolean;
};

type Declaration<P> = {
  /** The sentence an operator reads: what happened and what to do. */
  readonly message: (parameters: P) => string;
  /** True when the same call may succeed later without anyone changing anything. */
  readonly mayRetry?: boolean;
};

const brand = Symbol.for("postrider.error");

/**
 * Declares one kind of error; the result makes errors of that kind.
 * @param code stable identifier, such as `STG-100001`, listed in docs/reference/errors.md
 */
export function defineError<P = void>(
  code: string,
  declaration: Declaration<P>,
): (parameters: P, options?: { cause?: unknown }) => PostriderError {
  return (parameters, options) => {
    const error = new Error(
      declaration.message(parameters),
      options?.cause === undefined ? undefined : { cause: options.cause },
    );
    return Object.assign(error, { code, mayRetry: declaration.mayRetry ?? false, [brand]: true });
  };
}

/** True for errors made by `defineError`; others are defects or come from a library. */
export function isPostriderError(error: unknown): error is PostriderError {
  return error instanceof Error && brand in error;
}

/** The sentence of any thrown value, with the sentences of its causes behind it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const aggregated =
    error instanceof AggregateError && error.message === "" ? error.errors.map(describeError).join(", ") : "";
  const own = aggregated || error.message || error.name;
  if (error.cause === undefined) return own;
  const cause = describeError(error.cause);
  return own.includes(cause) ? own : `${own} (${cause})`;
}

/** Marks a case that the types say cannot happen; reached only through a defect or unparsed data. */
export function unreachable(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
