/** What a child runs the scripts of its deliveries with: one sandbox, started with the first delivery that has scripts. */

import type { CompiledDelivery, MessageRecipient } from "#campaign/content/compiled-message.ts";
import { openContentSandbox } from "#campaign/content/script/open-content-sandbox.ts";
import { failDelivery } from "#campaign/delivery/fail-delivery.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";

import type { PartRun } from "../part-run.ts";
import { type FillRecipient, renderAhead, stop } from "./render-ahead.ts";

export type Renderer = {
  /** How the recipients of a part are completed before their messages are composed; undefined when the delivery has no scripts. */
  begin(run: PartRun, delivery: CompiledDelivery, recipients: readonly MessageRecipient[]): FillRecipient | undefined;
  close(): Promise<void>;
};

/**
 * Opens a renderer.
 * @param halt takes back what is left of a part whose delivery has failed
 */
export function openRenderer(
  context: Pick<Context, "db" | "log" | "settings">,
  halt: (run: PartRun) => void,
): Renderer {
  const { db, log } = context;
  const sandbox = openContentSandbox(context);

  /** Told again by the next part when the database was away. */
  const fail = async (run: PartRun, deliveryId: number, reason: string): Promise<void> => {
    halt(run);
    log.error("mta.script_stopped", { deliveryId, partId: run.part.partId, reason });
    await failDelivery(db, deliveryId, reason).catch((error: unknown) =>
      log.warning("mta.delivery_fails_later", { deliveryId, reason: describeError(error) }),
    );
  };

  return {
    begin: (run, delivery, recipients) => {
      const { script } = delivery;
      if (script === undefined) return undefined;
      return renderAhead({ ...delivery, script }, recipients, {
        sandbox,
        onStop: (fault) => void fail(run, delivery.deliveryId, stop(delivery, fault).message),
      });
    },
    close: () => sandbox.close(),
  };
}
