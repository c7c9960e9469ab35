/** A database's tables as PostgreSQL's catalog describes them. */

export type CatalogColumn = {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
  /** The default, or what a generated column is computed by, as PostgreSQL prints it. */
  readonly expression: string | undefined;
  readonly isGenerated: boolean;
  /** How its sequence hands out keys, when it has one. */
  readonly identity: { readonly start: number; readonly cache: number } | undefined;
  readonly comment: string | undefined;
};

export type CatalogTable = {
  readonly name: string;
  readonly columns: readonly CatalogColumn[];
  /** Primary key, unique and check constraints: name and definition. */
  readonly constraints: readonly { readonly name: string; readonly definition: string }[];
  /** Indexes that belong to no constraint. */
  readonly indexes: readonly { readonly name: string; readonly definition: string; readonly comment?: string }[];
  /** `RANGE (log_date)`. */
  readonly partitionKey: string | undefined;
  readonly defaultPartition: { readonly name: string; readonly options: string | undefined } | undefined;
  readonly comment: string | undefined;
};

/** Tables in which the migration runner keeps its own state: no entity of the product. */
export const bookkeepingTables: readonly string[] = ["xtk_migration", "xtk_migration_lock"];
