/** What can be wrong with a message. Whoever reads one gives it the code that its clients know. */

/**
 * `invalid`: no message of this protocol; `too_complex`: beyond a limit; `version`: of another SOAP; `duty`: a header must
 * be understood that is not known; `parameter`: a value is not of its type.
 */
export type SoapProblem = "invalid" | "too_complex" | "version" | "duty" | "parameter";

/** A message that cannot be read; its sentence quotes nothing but names. */
export class SoapError extends Error {
  readonly problem: SoapProblem;

  constructor(problem: SoapProblem, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = "SoapError";
    this.problem = problem;
  }
}
