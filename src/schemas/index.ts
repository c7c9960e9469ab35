/** Every schema of the product, one line each. */

import { address } from "./address.ts";
import { broadLogMsg } from "./broad-log-msg.ts";
import { broadLogRcp } from "./broad-log-rcp.ts";
import { counter } from "./counter.ts";
import { deliveryPart } from "./delivery-part.ts";
import { delivery } from "./delivery.ts";
import { folder } from "./folder.ts";
import { group } from "./group.ts";
import { host } from "./host.ts";
import { inboundMail } from "./inbound-mail.ts";
import { inboxDeferral } from "./inbox-deferral.ts";
import { inboxMessage } from "./inbox-message.ts";
import { jobLog } from "./job-log.ts";
import { job } from "./job.ts";
import { logonGuard } from "./logon-guard.ts";
import { mxRule } from "./mx-rule.ts";
import { operatorRight } from "./operator-right.ts";
import { operator } from "./operator.ts";
import { option } from "./option.ts";
import { recipientGroupRelation } from "./recipient-group-relation.ts";
import { recipient } from "./recipient.ts";
import { reject } from "./reject.ts";
import { type Schema, schemaId } from "./schema.ts";
import { sessionInfo } from "./session-info.ts";
import { trackingCursor } from "./tracking-cursor.ts";
import { trackingLogRcp } from "./tracking-log-rcp.ts";
import { trackingReader } from "./tracking-reader.ts";
import { trackingStats } from "./tracking-stats.ts";
import { trackingUrl } from "./tracking-url.ts";
import { workflowEvent } from "./workflow-event.ts";
import { workflowJob } from "./workflow-job.ts";
import { workflowLog } from "./workflow-log.ts";
import { workflowTask } from "./workflow-task.ts";
import { workflow } from "./workflow.ts";

export const schemas: readonly Schema[] = [
  address,
  broadLogMsg,
  broadLogRcp,
  delivery,
  deliveryPart,
  group,
  inboundMail,
  inboxDeferral,
  inboxMessage,
  mxRule,
  recipientGroupRelation,
  recipient,
  trackingCursor,
  trackingLogRcp,
  trackingReader,
  trackingStats,
  trackingUrl,
  counter,
  folder,
  host,
  job,
  jobLog,
  logonGuard,
  operator,
  operatorRight,
  option,
  reject,
  sessionInfo,
  workflow,
  workflowEvent,
  workflowJob,
  workflowLog,
  workflowTask,
];

const byId = new Map(schemas.map((schema) => [schemaId(schema), schema]));

/**
 * The schema of a name such as `nms:recipient`.
 * @returns undefined when there is none
 */
export function findSchema(id: string): Schema | undefined {
  return byId.get(id);
}
