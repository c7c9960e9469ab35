/** What writing needs to know, and how the domain has its say in it. */

import type { Database, Statements } from "#foundation/database.ts";
import type { DataField, Schema } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import type { Viewer } from "../viewer.ts";
import type { FieldValue } from "./field-value.ts";

export type WriteContext = {
  readonly db: Database;
  readonly schemas: SchemaSet;
  readonly viewer: Viewer;
  readonly rules: WriteRules;
  /** Encrypts what is secret; without it secrets cannot be written. */
  readonly secrets?: SecretCipher;
  /** Whence the viewer writes, for the audit trail. */
  readonly remoteAddress?: string;
};

export type SecretCipher = { encrypt(text: string): string; decrypt(text: string): string };

/** The rules of the domain by schema, such as `nms:recipient`. */
export type WriteRules = ReadonlyMap<string, WriteRule>;

/** What the domain knows about writing one schema. Every function sees all rows of a statement at once. */
export type WriteRule = {
  /** What clients may give beside the fields: it reaches the rule and is not stored. */
  readonly extras?: Readonly<Record<string, DataField>>;
  /** Fields whose stored values the rule looks at. */
  readonly needs?: readonly string[];
  /** Fields that clients may give although they are read-only, since the rule judges them. */
  readonly admits?: readonly string[];
  /**
   * Brings values of fields into the form in which they are stored and found, as soon as they are read. Throws
   * `invalidValue`.
   */
  readonly readers?: Readonly<Record<string, (value: FieldValue) => FieldValue>>;
  /** Before rows are stored: fills and checks values. Throws to refuse. */
  complete?(rows: readonly RuleRow[], context: RuleContext): void | Promise<void>;
  /** After they were stored, in the same transaction. */
  after?(rows: readonly RuleRow[], context: RuleContext): void | Promise<void>;
  /** Before rows are deleted. Throws to refuse. */
  deleting?(rows: readonly DeletedRow[], context: RuleContext): void | Promise<void>;
  /** After they were deleted. */
  deleted?(rows: readonly DeletedRow[], context: RuleContext): void | Promise<void>;
};

/** The transaction, and on whose behalf it runs. */
export type RuleContext = {
  readonly tx: Statements;
  readonly schemas: SchemaSet;
  readonly schema: Schema;
  readonly viewer: Viewer;
};

/** A row that is about to be stored. */
export type RuleRow = {
  readonly isNew: boolean;
  /** The values of the primary key. */
  readonly key: readonly FieldValue[];
  /** What is stored, of fields that the rule needs; undefined in a new row. */
  before(path: string): FieldValue | undefined;
  /** What will be stored: what is given, else what is there. */
  value(path: string): FieldValue | undefined;
  /** True when the field is written and differs from what is stored. */
  isChanged(path: string): boolean;
  /** What the client gave beside the fields. */
  extra(path: string): FieldValue | undefined;
  /** Writes a field of the row, whatever it is: internal and read-only ones too. */
  set(path: string, value: FieldValue): void;
};

/** A row that is about to be deleted. */
export type DeletedRow = {
  readonly key: readonly FieldValue[];
  /** Nobody asked for its deletion: it goes with a row that owns it. */
  readonly goesWithOwner: boolean;
  before(path: string): FieldValue | undefined;
};
