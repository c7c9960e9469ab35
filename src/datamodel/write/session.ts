/** One call of the writer: its transaction, and what is known once for all of it. */

import type { Statements } from "#foundation/database.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import type { Viewer } from "../viewer.ts";
import type { SecretCipher, WriteRule, WriteRules } from "./write-context.ts";

export type Session = {
  readonly tx: Statements;
  readonly schemas: SchemaSet;
  readonly viewer: Viewer;
  readonly rules: WriteRules;
  readonly secrets: SecretCipher | undefined;
  readonly remoteAddress: string;
  /** The folder of new rows by schema, once it was asked for. */
  readonly defaultFolders: Map<string, number>;
};

/** The domain's rule for a schema. */
export function ruleOf(session: Pick<Session, "rules">, schema: string): WriteRule | undefined {
  return session.rules.get(schema);
}
