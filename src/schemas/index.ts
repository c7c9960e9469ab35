/** Every schema of the product, one line each. */

import { address } from "./address.ts";
import { apiToken } from "./api-token.ts";
import { auditTrail } from "./audit-trail.ts";
import { batchEvent } from "./batch-event.ts";
import { broadLogMsg } from "./broad-log-msg.ts";
import { broadLogRcp } from "./broad-log-rcp.ts";
import { budget } from "./budget.ts";
import { counter } from "./counter.ts";
import { country } from "./country.ts";
import { delivery } from "./delivery.ts";
import { deliveryMapping } from "./delivery-mapping.ts";
import { deliveryFile } from "./delivery-file.ts";
import { deliveryPart } from "./delivery-part.ts";
import { dkimKey } from "./dkim-key.ts";
import { dlvExclusion } from "./dlv-exclusion.ts";
import { domainRule } from "./domain-rule.ts";
import { emailErrorStat } from "./email-error-stat.ts";
import { emailFormatRule } from "./email-format-rule.ts";
import { openEnum } from "./enum.ts";
import { enumValue } from "./enum-value.ts";
import { exportModel } from "./export-model.ts";
import { extAccount } from "./ext-account.ts";
import { fileRes } from "./file-res.ts";
import { folder } from "./folder.ts";
import { folderRight } from "./folder-right.ts";
import { form } from "./form.ts";
import { group } from "./group.ts";
import { groupRight } from "./group-right.ts";
import { host } from "./host.ts";
import { idempotencyKey } from "./idempotency-key.ts";
import { image } from "./image.ts";
import { importModel } from "./import-model.ts";
import { inboundMail } from "./inbound-mail.ts";
import { inboundRule } from "./inbound-rule.ts";
import { inboxDeferral } from "./inbox-deferral.ts";
import { inboxMessage } from "./inbox-message.ts";
import { includeView } from "./include-view.ts";
import { informationService } from "./information-service.ts";
import { javascript } from "./javascript.ts";
import { job } from "./job.ts";
import { jobLog } from "./job-log.ts";
import { jst } from "./jst.ts";
import { logonGuard } from "./logon-guard.ts";
import { mailRuleSet } from "./mail-rule-set.ts";
import { mtaStsPolicy } from "./mta-sts-policy.ts";
import { mxRule } from "./mx-rule.ts";
import { navtree } from "./navtree.ts";
import { operation } from "./operation.ts";
import { operator } from "./operator.ts";
import { operatorGroup } from "./operator-group.ts";
import { operatorGroupRelation } from "./operator-group-relation.ts";
import { operatorRight } from "./operator-right.ts";
import { option } from "./option.ts";
import { installedPackage } from "./package.ts";
import { plan } from "./plan.ts";
import { program } from "./program.ts";
import { recipient } from "./recipient.ts";
import { recipientGroupRelation } from "./recipient-group-relation.ts";
import { reject } from "./reject.ts";
import { report } from "./report.ts";
import { rights } from "./rights.ts";
import { rtEvent } from "./rt-event.ts";
import { type Schema, schemaId } from "./schema.ts";
import { seedMember } from "./seed-member.ts";
import { sessionInfo } from "./session-info.ts";
import { specFile } from "./spec-file.ts";
import { srcSchema } from "./src-schema.ts";
import { statHolder } from "./stat-holder.ts";
import { statSender } from "./stat-sender.ts";
import { statSpent } from "./stat-spent.ts";
import { subHisto } from "./sub-histo.ts";
import { subscription } from "./subscription.ts";
import { task } from "./task.ts";
import { trackingCursor } from "./tracking-cursor.ts";
import { trackingLogRcp } from "./tracking-log-rcp.ts";
import { trackingReader } from "./tracking-reader.ts";
import { trackingStats } from "./tracking-stats.ts";
import { trackingUrl } from "./tracking-url.ts";
import { typology } from "./typology.ts";
import { typologyRule } from "./typology-rule.ts";
import { typologyRuleRelation } from "./typology-rule-relation.ts";
import { userAgent } from "./user-agent.ts";
import { visitor } from "./visitor.ts";
import { warmUp } from "./warm-up.ts";
import { warmUpDay } from "./warm-up-day.ts";
import { workflow } from "./workflow.ts";
import { workflowEvent } from "./workflow-event.ts";
import { workflowJob } from "./workflow-job.ts";
import { workflowLog } from "./workflow-log.ts";
import { workflowTask } from "./workflow-task.ts";

export const schemas: readonly Schema[] = [
  address,
  apiToken,
  auditTrail,
  batchEvent,
  broadLogMsg,
  broadLogRcp,
  budget,
  counter,
  country,
  delivery,
  deliveryMapping,
  deliveryFile,
  deliveryPart,
  dkimKey,
  dlvExclusion,
  domainRule,
  emailErrorStat,
  emailFormatRule,
  enumValue,
  exportModel,
  extAccount,
  fileRes,
  folder,
  folderRight,
  form,
  group,
  groupRight,
  host,
  idempotencyKey,
  image,
  importModel,
  inboundMail,
  inboundRule,
  inboxDeferral,
  inboxMessage,
  includeView,
  informationService,
  installedPackage,
  javascript,
  job,
  jobLog,
  jst,
  logonGuard,
  mailRuleSet,
  mtaStsPolicy,
  mxRule,
  navtree,
  openEnum,
  operation,
  operator,
  operatorGroup,
  operatorGroupRelation,
  operatorRight,
  option,
  plan,
  program,
  recipient,
  recipientGroupRelation,
  reject,
  report,
  rights,
  rtEvent,
  seedMember,
  sessionInfo,
  specFile,
  srcSchema,
  statHolder,
  statSender,
  statSpent,
  subHisto,
  subscription,
  task,
  trackingCursor,
  trackingLogRcp,
  trackingReader,
  trackingStats,
  trackingUrl,
  typology,
  typologyRule,
  typologyRuleRelation,
  userAgent,
  visitor,
  warmUp,
  warmUpDay,
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
