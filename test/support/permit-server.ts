/** A statistics server that answers what a test says, on a real port. */

import type { Answer, Question } from "#channels/permits/permit-messages.ts";
import { type PermitServer, servePermits } from "#channels/permits/serve-permits.ts";

import type { Ending } from "./endings.ts";

type Options = Parameters<typeof servePermits>[0];
type Given = Pick<Options, "key"> &
  Partial<Options> & { readonly answer: (question: Question, client: string) => Answer };

/** Starts a server; it is closed at the end, or before. */
export async function aPermitServer(t: Ending, { answer, ...given }: Given): Promise<PermitServer> {
  const server = await servePermits({
    address: "127.0.0.1",
    port: 0,
    elapsedMs: () => performance.now(),
    clientTimeoutMs: 60_000,
    carryOut: (client, question) => answer(question, client),
    onClientLost: () => undefined,
    ...given,
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= server.close());
  t.after(close);
  return {
    port: server.port,
    notify: (client, notice) => server.notify(client, notice),
    get refused() {
      return server.refused;
    },
    close,
  };
}
