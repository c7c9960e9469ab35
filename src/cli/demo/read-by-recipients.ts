/** Step: recipients open, click and unsubscribe; trackinglogd answers, tracking brings it into the database. */

import { readDelivery, readKeptMessages } from "./demo-store.ts";
import { type Played, playRecipients } from "./play-recipients.ts";
import type { SentDelivery } from "./send-delivery.ts";
import type { Stage } from "./stage.ts";
import { waitFor } from "./wait-for.ts";

/** Enough to see figures; a list of a million would only take longer. */
const mostMessages = 2_000;

/** A platform that ran before brings hits in once a minute. */
const countingLimitMs = 180_000;

/** Plays the recipients of the first messages, and waits until all they did is counted. */
export async function readByRecipients(stage: Stage, sent: SentDelivery): Promise<Played> {
  stage.screen.step(
    "recipients open, click and unsubscribe; trackinglogd answers without the database, tracking brings the hits in.",
  );
  const messages = await readKeptMessages(stage.db, sent.messageIdPattern, mostMessages);
  const played = await stage.screen.during("messages read", (report) =>
    playRecipients(messages, (done) => report(done, messages.length)),
  );
  await waitFor("hits were being brought in", countingLimitMs, async () => {
    const delivery = await readDelivery(stage.db, sent.deliveryId);
    const isIn =
      delivery !== undefined && delivery.totalRecipientClick >= played.clicks && delivery.optOut >= played.optOuts;
    return isIn && delivery.recipientOpen >= played.openers ? true : undefined;
  });
  stage.screen.note(
    `${played.openers} opened, ${played.clickers} clicked, ${played.optOuts} unsubscribed with one click`,
  );
  return played;
}
