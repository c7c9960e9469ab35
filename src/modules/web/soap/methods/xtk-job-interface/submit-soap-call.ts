/** Calls any method in the background, with its parameters. */

import { jobInterface } from "#schemas/job-interface.ts";

import { jobCallInvalid } from "../../../errors.ts";
import { defineEntityMethod } from "../../define-method.ts";
import { requireDocument } from "../../documents/require-document.ts";
import { readCallInputs } from "./read-soap-call.ts";
import { submitJob } from "./submit-job.ts";

/** @throws unknownService, unknownMethod, jobCallInvalid, methodNotYet, rightMissing, tooManyJobs */
export const submitSoapCall = defineEntityMethod(jobInterface, "SubmitSoapCall", async (call, document, element) => {
  const soapCall = requireDocument(element, "soapCall");
  const method = soapCall.attributes.get("name") ?? "";
  const service = soapCall.attributes.get("service") || call.target;
  if (method === "") throw jobCallInvalid({ problem: "the soapCall names no method" });
  const { id } = await submitJob(call, {
    service,
    method,
    document,
    readInputs: (found) => readCallInputs(found, soapCall),
  });
  return { outputs: [String(id)] };
});
