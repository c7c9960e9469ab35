/** A host of MTA-STS policies on the loopback address: HTTPS with a certificate that a test chooses. */

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";

import type { Ending } from "./endings.ts";
import { type PeerTls, readCertificate } from "./scripted-smtp.ts";

export type PolicyHost = {
  readonly address: string;
  readonly port: number;
  /** `HOST PATH` of each request. */
  readonly requests: readonly string[];
};

/** Answers every request. */
export type PolicyAnswer = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a host; it is closed at the end of the test. */
export async function aPolicyHost(
  t: Ending,
  given: { answer: PolicyAnswer; certificate?: PeerTls["certificate"]; address?: string; port?: number },
): Promise<PolicyHost> {
  const requests: string[] = [];
  const server = createServer(readCertificate(given.certificate ?? "trusted"), (request, response) => {
    requests.push(`${request.headers.host ?? ""} ${request.url ?? ""}`);
    given.answer(request, response);
  });
  const address = given.address ?? "127.0.0.1";
  server.on("tlsClientError", () => undefined);
  server.listen(given.port ?? 0, address);
  await once(server, "listening");
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const bound = server.address();
  return { address, port: typeof bound === "object" && bound !== null ? bound.port : 0, requests };
}

/** Answers with a text as a policy's host does. */
export function aText(text: string): PolicyAnswer {
  return (_, response) => {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
    response.end(text);
  };
}
