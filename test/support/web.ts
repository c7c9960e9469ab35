/** Starts the application server on a free port, with an operator to log on as, and talks to it as clients do. */

import { request as sendRequest } from "node:http";

import { ensureFirstOperators } from "#campaign/access/ensure-first-operators.ts";
import type { Database } from "#foundation/database.ts";
import type { LogRecord } from "#foundation/log.ts";
import type { Context, HostContext } from "#foundation/module.ts";
import { openWeb } from "#modules/web/open-web.ts";
import { readXml } from "#protocols/soap/read-xml.ts";
import { childrenOf, textOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import { aContext } from "./context.ts";
import { adminPassword } from "./instance-with-operators.ts";
import { aRecordedLog } from "./recorded-log.ts";

type Ending = Parameters<typeof aContext>[0];

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

export type Tokens = { readonly session: string; readonly security: string };

export type RunningWeb = {
  readonly port: number;
  readonly url: string;
  readonly context: Context;
  readonly records: readonly LogRecord[];
  stop(): Promise<void>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Posts a form. */
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  /** Posts any body to the SOAP endpoint. */
  soap(body: string | Buffer, headers?: Record<string, string | string[]>): Promise<Answer>;
  /** Calls a method as the public SDK does; parameters are given as XML. */
  call(method: string, parameters?: string, tokens?: Tokens, service?: string): Promise<Answer>;
  /** Logs on over SOAP. */
  logOn(login?: string, password?: string): Promise<Tokens>;
  /** Logs on with the form. @returns the session's cookie */
  logOnInBrowser(): Promise<string>;
};

/** @param given.contexts further instances by name, over the one called main */
export async function aWeb(
  t: Ending,
  given: {
    settings?: string;
    db?: Database;
    context?: Partial<HostContext>;
    contexts?: Record<string, Context>;
    withoutOperator?: true;
  } = {},
): Promise<RunningWeb> {
  const { log, records } = aRecordedLog();
  const context = {
    ...(await aContext(t, {
      settings: `web.port = 0\n${given.settings ?? ""}`,
      log,
      ...(given.db ? { db: given.db } : {}),
    })),
    ...given.context,
  };
  if (given.withoutOperator !== true)
    await ensureFirstOperators(context.db, { POSTRIDER_ADMIN_PASSWORD: adminPassword });
  const contexts: Record<string, Context> = given.contexts ?? { main: context };
  const openInstance = (name: string): Promise<Context> => {
    const found = contexts[name];
    return found === undefined ? Promise.reject(new Error(`no instance ${name}`)) : Promise.resolve(found);
  };
  const web = await openWeb({ ...context, instances: Object.keys(contexts), openInstance });
  t.after(() => web.stop());
  return { ...clientOf(web.port), context, records, stop: () => web.stop() };
}

/** The same talk with a server that runs elsewhere. */
export function clientOf(port: number): Omit<RunningWeb, "context" | "records" | "stop"> {
  const send = (
    method: string,
    path: string,
    headers: Record<string, string | string[]>,
    body?: string | Buffer,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = sendRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(pieces).toString("utf8"),
          }),
        );
      });
      request.on("error", reject);
      request.end(body);
    });
  const soap: RunningWeb["soap"] = (body, headers = {}) =>
    send("POST", "/nl/jsp/soaprouter.jsp", { "content-type": "application/soap+xml;charset=UTF-8", ...headers }, body);
  const call: RunningWeb["call"] = (method, parameters = "", tokens, service = "xtk:session") =>
    soap(
      `<SOAP-ENV:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><m:${method} xmlns:m="urn:${service}"><sessiontoken xsi:type="xsd:string">${tokens?.session ?? ""}</sessiontoken>${parameters}</m:${method}></SOAP-ENV:Body></SOAP-ENV:Envelope>`,
      { soapaction: `${service}#${method}`, ...(tokens === undefined ? {} : { "x-security-token": tokens.security }) },
    );
  const post: RunningWeb["post"] = (path, form, headers = {}) =>
    send(
      "POST",
      path,
      { "content-type": "application/x-www-form-urlencoded", ...headers },
      new URLSearchParams(form).toString(),
    );
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get: (path, headers = {}) => send("GET", path, headers),
    post,
    soap,
    call,
    logOn: async (login = "admin", password = adminPassword) => {
      const answer = await call("Logon", `<login>${login}</login><password>${password}</password><parameters/>`);
      const outputs = outputsOf(answer);
      return { session: textOf(outputs[0] ?? missing(answer)), security: textOf(outputs[2] ?? missing(answer)) };
    },
    logOnInBrowser: async () => {
      const answer = await post("/nl/jsp/logon.jsp", { login: "admin", password: adminPassword });
      const [cookie] = [answer.headers["set-cookie"] ?? []].flat();
      return cookie?.split(";", 1)[0] ?? missing(answer);
    },
  };
}

/** The outputs of a SOAP answer, in order. */
export function outputsOf(answer: Answer): XmlElement[] {
  const [body] = childrenOf(readXml(answer.text));
  const [response] = body === undefined ? [] : childrenOf(body);
  return response === undefined ? [] : childrenOf(response);
}

/** The parts of a SOAP fault; empty when the answer is none. */
export function faultOf(answer: Answer): Readonly<Record<string, string>> {
  return Object.fromEntries(outputsOf(answer).map((element) => [element.name, textOf(element)]));
}

function missing(answer: Answer): never {
  throw new Error(`the answer lacks what was asked for: ${answer.status} ${answer.text.slice(0, 500)}`);
}
