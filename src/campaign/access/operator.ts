/** An operator: who may log on, and what he may do. */

export type OperatorId = number;

export type Operator = {
  /** 0 for `internal`, which is in no database. */
  readonly operatorId: OperatorId;
  readonly login: string;
  readonly label: string;
  /** Empty = the language of whatever he uses. */
  readonly locale: string;
  /** Empty = that of the instance. */
  readonly timezone: string;
  /** Internal names of named rights; `admin` implies all. */
  readonly rights: readonly string[];
};

/** The account of the server itself: in no database, unusable until its password is set. */
export const internalOperator: Operator = {
  operatorId: 0,
  login: "internal",
  label: "Internal",
  locale: "",
  timezone: "",
  rights: ["admin"],
};

/** True when the operator has the right, or has all. */
export function hasRight(operator: Operator, right: string): boolean {
  return operator.rights.includes("admin") || operator.rights.includes(right);
}
