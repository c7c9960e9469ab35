/** Tells a notice that a mail could not be delivered from any other mail, by who wrote it and what it says. */

import type { Mail } from "./read-mail.ts";
import { failedRecipientsOf } from "./read-plain-notice.ts";

const reporters =
  /(?:mailer[-_ ]?daemon|post[-_]?master|mail ?delivery|delivery (?:sub)?system|mail ?system|system administrator|mail ?administrator|mdaemon|interscan|mail ?server|internet mail|majordomo|<>|bounce)/i;

const subjects =
  /(?:undeliver|not be delivered|could ?n[o']t be delivered|delivery (?:status|fail|error|report|problem|has failed|notification|not)|deliver(?:y|ing) (?:mail |message )?(?:fail|error)|mail (?:delivery|system) |fail(?:ed|ure) (?:notice|to deliver|delivery)|failure notice|return(?:ed|ing) (?:mail|to sender|message)|mail ?(?:fail(?:ure|ed)|error)|trouble delivering|error sending|non[- ]?deliver|user unknown|bounce|message (?:status|error|delivery)|rejected|unzustellbar|nicht zugestellt|non remis|échec|no entregad|não entregue|onbestelbaar|エラー|不達|配信|配達|送信でき|退信|недоставл|не доставлено)/i;

const words =
  /(?:could ?n[o']t be delivered|could not be delivered|not (?:be )?deliver|undeliver|delivery (?:to|has|of|fail|attempt|error)|did not reach|failed (?:permanently|to deliver|recipient)|permanent (?:fatal )?error|fatal error|delivery errors|was rejected|were rejected|unable to (?:deliver|send|relay)|can ?not (?:be )?(?:deliver|send)|unknown (?:user|recipient)|user unknown|no such user|mailbox (?:is )?full|failure reasons|following (?:address|recipient|message)|\b[45]\d\d[ -]#?[45]\.\d\.\d|<<<? ?[45]\d\d|received >>> [45]\d\d|存在しません|送信できません|配信でき|見つかりません)/i;

/** True when several signs agree: who reports, an empty sender, the subject, the words of a failure, a returned mail. */
export function looksLikeNotice(mail: Mail): boolean {
  if (failedRecipientsOf(mail).length > 0) return true;
  if (/^\s*(?:re|aw|sv|antw)\s*:/i.test(mail.subject) && !isFromReporter(mail)) return false;
  const saysFailure = words.test(mail.text.slice(0, 20_000));
  if (!saysFailure) return isFromReporter(mail) && subjects.test(mail.subject);
  return (
    isFromReporter(mail) ||
    (subjects.test(mail.subject) && (hasEmptySender(mail) || returnsMail(mail))) ||
    isForwardedNotice(mail)
  );
}

function isFromReporter(mail: Mail): boolean {
  return reporters.test(mail.header("from")[0] ?? "<>");
}

function hasEmptySender(mail: Mail): boolean {
  const path = mail.header("return-path")[0];
  return path !== undefined && /^<?(?:>|mailer-daemon)?>?$/i.test(path.trim());
}

function returnsMail(mail: Mail): boolean {
  return mail.parts.some(({ type }) => type === "message/rfc822" || type.includes("rfc822-header"));
}

function isForwardedNotice(mail: Mail): boolean {
  return (
    /^\s*(?:fw|fwd)\s*:/i.test(mail.subject) &&
    subjects.test(mail.subject) &&
    /^[>\s]*from:.*mailer-daemon/im.test(mail.text.slice(0, 4_000))
  );
}
