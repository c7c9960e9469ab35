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
  /** Internal names of named rights, his own and those of his groups; `admin` implies all. */
  readonly rights: readonly string[];
  readonly groupIds: readonly number[];
  /** He works only in this folder and below; 0 = everywhere. */
  readonly folderId: number;
  /** He is let in only from this zone, or from one within it; empty = from everywhere. */
  readonly securityZone: string;
  /** From these networks his login is enough, where a zone takes logins in place of tokens. */
  readonly trustedNetworks: readonly string[];
  /** Life of his sessions; 0 = as the settings say. */
  readonly sessionTimeOutSec: number;
  /** A program's account: no pages, no console. */
  readonly noConsoleCnx: boolean;
};

/** The account of probes: lets itself in without any right, and is shown nothing but how the platform is. */
export const probeLogin = "monitoring";

/** The account of the server itself: in no database, unusable until its password is set. */
export const internalOperator: Operator = {
  operatorId: 0,
  login: "internal",
  label: "Internal",
  locale: "",
  timezone: "",
  rights: ["admin"],
  groupIds: [],
  folderId: 0,
  securityZone: "",
  trustedNetworks: [],
  sessionTimeOutSec: 0,
  noConsoleCnx: false,
};

/** True for the account of probes as long as it has no rights: it may ask how the platform is, and nothing else. */
export function isProbe({ login, rights }: Operator): boolean {
  return login === probeLogin && rights.length === 0;
}

/** True when the operator has the right, or has all. */
export function hasRight(operator: Operator, right: string): boolean {
  return operator.rights.includes("admin") || operator.rights.includes(right);
}
