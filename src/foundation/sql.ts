/**
 * SQL written as tagged templates: what stands in `${}` is a parameter, unless it is a fragment, which is put in with its own
 * parameters. Small, since every process pays for what it loads.
 */

/** A piece of SQL with its parameters. */
export type SqlFragment = {
  readonly [fragmentBrand]: true;
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
};

/** SQL as the server takes it: `$1`, `$2` and their values. */
export type CompiledSql = { readonly text: string; readonly values: readonly unknown[] };

const fragmentBrand = Symbol("sql");

/** Makes a fragment: `sql\`where a = ${value}\``. */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): SqlFragment {
  return fragment(strings, values);
}

/** A name, quoted: `sql.id("public", "a table")`. */
sql.id = (...names: readonly string[]): SqlFragment => fragment([names.map(quoteName).join(".")], []);

/** A column with its table, quoted part by part: `sql.ref("t.email")`. */
sql.ref = (path: string): SqlFragment => sql.id(...path.split("."));

/** A table, quoted part by part. */
sql.table = sql.ref;

/** Text of our own making, put in as it is: never what comes from outside. */
sql.raw = (text: string): SqlFragment => fragment([text], []);

/** A text as a quoted literal, for the few statements (DDL) that take no parameters. */
sql.lit = (text: string): SqlFragment => sql.raw(`'${text.replaceAll("'", "''")}'`);

/** Values or fragments in a row, separated by commas or by the fragment given. */
sql.join = (items: readonly unknown[], separator: SqlFragment = sql.raw(", ")): SqlFragment => {
  const values = items.flatMap((item, index) => (index === 0 ? [item] : [separator, item]));
  return items.length === 0 ? sql.raw("") : fragment(["", ...values.map(() => "")], values);
};

/** Turns a fragment into text and values. */
export function compileSql(given: SqlFragment): CompiledSql {
  const values: unknown[] = [];
  const write = ({ texts, values: own }: SqlFragment): string =>
    texts.map((text, index) => text + (index < own.length ? writeValue(own[index]) : "")).join("");
  const writeValue = (value: unknown): string => (isFragment(value) ? write(value) : `$${values.push(value)}`);
  return { text: write(given), values };
}

function fragment(texts: readonly string[], values: readonly unknown[]): SqlFragment {
  return { [fragmentBrand]: true, texts, values };
}

function isFragment(value: unknown): value is SqlFragment {
  return typeof value === "object" && value !== null && fragmentBrand in value;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
