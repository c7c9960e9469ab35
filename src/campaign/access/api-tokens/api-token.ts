/** A token with which a program acts as an operator: shown once, stored as a hash, ended by its date or by hand. */

import { createHash, randomBytes } from "node:crypto";

import type { Operator } from "../operator.ts";

export type ApiToken = {
  readonly tokenId: number;
  readonly operator: Operator;
  /** What the program may do with it, never more than its operator may; judged by the interface that takes it. */
  readonly scopes: readonly string[];
};

/** What is told of a token after it was made. */
export type ApiTokenEntry = {
  readonly tokenId: number;
  readonly label: string;
  /** How it begins, so that its owner knows it again. */
  readonly hint: string;
  readonly login: string;
  readonly scopes: readonly string[];
  readonly created: Date;
  readonly expires: Date | undefined;
  readonly lastUsed: Date | undefined;
  readonly lastAddress: string;
  readonly isRevoked: boolean;
};

/** 192 random bits behind a prefix by which scanners for leaked secrets recognise it. */
export function makeApiTokenText(): string {
  return `pr_${randomBytes(24).toString("base64url")}`;
}

/** True for what has the form of a token; anything else needs no look-up. */
export function isApiTokenText(text: string): boolean {
  return /^pr_[\w-]{32}$/.test(text);
}

/** What is stored and looked up: of 192 random bits a plain hash is enough. */
export function hashApiToken(text: string): Buffer {
  return createHash("sha256").update("api token\0").update(text).digest();
}

/** Scopes as they are stored, with one space between them. */
export function joinScopes(scopes: readonly string[]): string {
  return scopes.join(" ");
}

/** Reads them back. */
export function splitScopes(text: string): readonly string[] {
  return text.split(" ").filter(Boolean);
}
