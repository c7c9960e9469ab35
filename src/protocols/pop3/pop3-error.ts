/** What can go wrong with a POP3 server. */

export type Pop3Failure =
  /** The server answered -ERR. */
  | "refused"
  /** The server does not offer the encryption that is required. */
  | "no_encryption"
  /** The server broke the protocol, or sent more than any server should. */
  | "violation"
  /** The connection could not be made, or ended too early. */
  | "connection"
  /** No answer within the time allowed. */
  | "timeout";

/** An error of a POP3 session; after any but `refused` the session is of no more use. */
export class Pop3Error extends Error {
  readonly failure: Pop3Failure;

  constructor(failure: Pop3Failure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Pop3Error";
    this.failure = failure;
  }
}
