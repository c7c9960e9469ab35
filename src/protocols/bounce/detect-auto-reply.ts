/** Tells mails that a program wrote for an absent reader from mails that report a failure. @source RFC 3834 */

import type { Mail } from "./read-mail.ts";

const subjects =
  /^(?:(?:re|aw|sv|antw|tr)\s*:\s*)?(?:auto(?:matic|mated|matische|matisch|mático|matique)?[- ]?(?:reply|response|respons|answer|antwort|antwoord|responder)|automatic reply|auto ?:|out[- ]of[- ](?:the[- ])?office|ooo\b|vacation|away from|on (?:vacation|leave|holiday)|abwesenheit|abwesend|nicht im (?:haus|büro)|réponse automatique|absence|absent|respuesta autom[aá]tica|fuera de (?:la )?oficina|resposta autom[aá]tica|ausência|risposta automatica|fuori ufficio|automatisch antwoord|afwezig|autosvar|frånvaro|автоответ|自动回复|自動返信|不在)/i;

/** True for an out-of-office note and the like: by its fields, or by the usual words of its subject. */
export function isAutoReply(mail: Mail): boolean {
  const submitted = (mail.header("auto-submitted")[0] ?? "").toLowerCase();
  if (submitted.startsWith("auto-replied")) return true;
  const hasField = [
    "x-autoreply",
    "x-autorespond",
    "x-autoresponse",
    "x-auto-reply",
    "x-vacation",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-ms-exchange-inbox-rules-loop",
  ].some((name) => mail.header(name).length > 0);
  if (hasField || (mail.header("x-apple-action")[0] ?? "").toUpperCase() === "VACATION") return true;
  const precedence = (mail.header("precedence")[0] ?? "").toLowerCase();
  return precedence === "auto_reply" || precedence === "auto-reply" || subjects.test(mail.subject.trim());
}
