/** The public SDK of Classic as a client of a server under test. */

import sdk, { type Client, type Options } from "@adobe/acc-js-sdk";

import { adminPassword } from "./instance-with-operators.ts";

/** A client that is logged on. */
export async function aClient(
  url: string,
  given: { login?: string; password?: string; options?: Options } = {},
): Promise<Client> {
  const { login = "admin", password = adminPassword, options = {} } = given;
  const client = await sdk.init(sdk.ConnectionParameters.ofUserAndPassword(url, login, password, options));
  await client.logon();
  return client;
}

/** Runs a query. */
export function query(client: Client, queryDef: object): Promise<unknown> {
  return client.NLWS.xtkQueryDef.create(queryDef).executeQuery();
}

/** The value at a path of an answer; undefined when there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null
        ? (inner as Readonly<Record<string | number, unknown>>)[step]
        : undefined,
    value,
  );
}

/** What the SDK tells of a refusal. */
export type Refusal = {
  readonly statusCode?: number;
  readonly errorCode?: string;
  readonly faultCode?: string;
  readonly faultString?: string;
  readonly detail?: string;
  readonly message: string;
};
