/** Every SOAP method that is offered: one line each. */

import type { SoapMethod } from "../define-method.ts";
import { pushBatchEvent } from "./nms-batch-event/push-event.ts";
import { pushBatchEvents } from "./nms-batch-event/push-events.ts";
import { createDeliveryFromModel } from "./nms-delivery/create-from-model.ts";
import { execDeliveryCommand } from "./nms-delivery/exec-command.ts";
import { pauseDelivery } from "./nms-delivery/pause.ts";
import { prepareAndStartDelivery } from "./nms-delivery/prepare-and-start.ts";
import { prepareDelivery } from "./nms-delivery/prepare.ts";
import { resumeDelivery } from "./nms-delivery/resume.ts";
import { retryDelivery } from "./nms-delivery/retry.ts";
import { startDelivery } from "./nms-delivery/start.ts";
import { stopDelivery } from "./nms-delivery/stop.ts";
import { submitDelivery } from "./nms-delivery/submit-delivery.ts";
import { pushRtEvent } from "./nms-rt-event/push-event.ts";
import { pushRtEvents } from "./nms-rt-event/push-events.ts";
import { subscribe } from "./nms-subscription/subscribe.ts";
import { unsubscribe } from "./nms-subscription/unsubscribe.ts";
import { buildSchemaFromId } from "./xtk-builder/build-schema-from-id.ts";
import { buildUpdateScript } from "./xtk-builder/build-update-script.ts";
import { installPackage } from "./xtk-builder/install-package.ts";
import { increaseValue } from "./xtk-counter/increase-value.ts";
import { getUrl } from "./xtk-file-res/get-url.ts";
import { publishIfNeeded } from "./xtk-file-res/publish-if-needed.ts";
import { cancelJob } from "./xtk-job-interface/cancel.ts";
import { checkIfJobInProcess } from "./xtk-job-interface/check-if-job-in-process.ts";
import { execute } from "./xtk-job-interface/execute.ts";
import { getJobsInProcess } from "./xtk-job-interface/get-jobs-in-process.ts";
import { getResult } from "./xtk-job-interface/get-result.ts";
import { getStatus } from "./xtk-job-interface/get-status.ts";
import { hasWarning } from "./xtk-job-interface/has-warning.ts";
import { submitSoapCall } from "./xtk-job-interface/submit-soap-call.ts";
import { submit } from "./xtk-job-interface/submit.ts";
import { waitJobCancelled } from "./xtk-job-interface/wait-job-cancelled.ts";
import { killWorkflow } from "./xtk-workflow/kill.ts";
import { pauseWorkflow } from "./xtk-workflow/pause.ts";
import { postWorkflowEvent } from "./xtk-workflow/post-event.ts";
import { restartWorkflow } from "./xtk-workflow/restart.ts";
import { spawnWithParameters } from "./xtk-workflow/spawn-with-parameters.ts";
import { spawn } from "./xtk-workflow/spawn.ts";
import { startWorkflowWithParameters } from "./xtk-workflow/start-with-parameters.ts";
import { startWorkflow } from "./xtk-workflow/start.ts";
import { stopWorkflow } from "./xtk-workflow/stop.ts";
import { wakeWorkflow } from "./xtk-workflow/wakeup.ts";
import { deleteEntity } from "./xtk-persist/delete.ts";
import { duplicate } from "./xtk-persist/duplicate.ts";
import { getEntityIfMoreRecent } from "./xtk-persist/get-entity-if-more-recent.ts";
import { newInstance } from "./xtk-persist/new-instance.ts";
import { writeCollection } from "./xtk-persist/write-collection.ts";
import { write } from "./xtk-persist/write.ts";
import { buildQueryEx } from "./xtk-query-def/build-query-ex.ts";
import { buildQuery } from "./xtk-query-def/build-query.ts";
import { executeQuery } from "./xtk-query-def/execute-query.ts";
import { selectAll } from "./xtk-query-def/select-all.ts";
import { deleteCollection } from "./xtk-session/delete-collection.ts";
import { encryptPassword } from "./xtk-session/encrypt-password.ts";
import { getNewIdsEx } from "./xtk-session/get-new-ids-ex.ts";
import { getOption } from "./xtk-session/get-option.ts";
import { getServerTime } from "./xtk-session/get-server-time.ts";
import { getUserInfo } from "./xtk-session/get-user-info.ts";
import { logoff } from "./xtk-session/logoff.ts";
import { logon } from "./xtk-session/logon.ts";
import { testCnx } from "./xtk-session/test-cnx.ts";

export const soapMethods: readonly SoapMethod[] = [
  pushBatchEvent,
  pushBatchEvents,
  createDeliveryFromModel,
  execDeliveryCommand,
  pauseDelivery,
  prepareAndStartDelivery,
  prepareDelivery,
  resumeDelivery,
  retryDelivery,
  startDelivery,
  stopDelivery,
  submitDelivery,
  pushRtEvent,
  pushRtEvents,
  subscribe,
  unsubscribe,
  buildSchemaFromId,
  buildUpdateScript,
  installPackage,
  increaseValue,
  getUrl,
  publishIfNeeded,
  cancelJob,
  checkIfJobInProcess,
  execute,
  getJobsInProcess,
  getResult,
  getStatus,
  hasWarning,
  submitSoapCall,
  submit,
  waitJobCancelled,
  killWorkflow,
  pauseWorkflow,
  postWorkflowEvent,
  restartWorkflow,
  spawn,
  spawnWithParameters,
  startWorkflowWithParameters,
  startWorkflow,
  stopWorkflow,
  wakeWorkflow,
  deleteEntity,
  duplicate,
  getEntityIfMoreRecent,
  newInstance,
  write,
  writeCollection,
  buildQuery,
  buildQueryEx,
  executeQuery,
  selectAll,
  deleteCollection,
  encryptPassword,
  getNewIdsEx,
  getOption,
  getServerTime,
  getUserInfo,
  logoff,
  logon,
  testCnx,
];
