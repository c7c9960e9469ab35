/**
 * What servers write when they refuse, as patterns over a normalised text (see `normaliseReply`): lower case, single spaces,
 * addresses as `*`. The first group with a match decides: a full mailbox and refusals of the sender, the message or its
 * content stand before any word about the recipient, because a good address in quarantine is the costliest error.
 */

import type { FailureKind, RefusalReason } from "./qualification.ts";

export type ReplyPatterns = {
  readonly means: string;
  readonly reason: RefusalReason;
  /** Type when the reply is permanent; a temporary reply (4yz) is never hard. */
  readonly type: FailureKind;
  readonly patterns: readonly RegExp[];
};

const anyOf = (words: readonly string[]): string => words.join("|");

/** Words for a mailbox, for its name, and for whoever has it. */
const owners = anyOf([
  "user|mail ?box|recipient|account|address|addressee|alias|customer|subscriber|inbox|local[- ]?part",
  "login|username|mail ?drop",
]);
const unknownBefore = anyOf([
  "no such|unknown|not a known|invalid|incorrect|bad|non-?existent|inexistent|nonexisting|not a valid",
  "unrecognized|undefined|unregistered|wrong|illegal",
]);
const unknownAfter = anyOf([
  "unknown",
  "not (?:known|exist|found|listed|valid|here|recogni[sz]ed|registered|present|available here|local)",
  "does ?n[o']?t exist|doesn't have an? |does not have an? (?:account|mail ?box|address)|did not exist",
  "no longer (?:exist|valid|on|available|in use|active|employed)|non-?existent|invalid|undefined",
  "not be found|unrecogni[sz]ed|could not be found|couldn't be found|wasn't found",
]);
const closedWords = anyOf([
  "disabled|suspend|deactivated|de-?activated|inactive|frozen|terminated|deleted|cancell?ed|discontinued",
  "archived|not active|not activated|dormant|retired|turned off",
]);
const domainTroubles = anyOf([
  "not found|unknown|invalid|does ?n[o']t exist|not exist|could not be found|couldn't be found|isn't",
  "is not reachable|not reachable|non-?existent|not resolve|not valid|lookup fail",
]);

export const replyPatterns: readonly ReplyPatterns[] = [
  {
    means: "the message is larger than the server or the mailbox takes",
    reason: "refused",
    type: "soft",
    patterns: [
      /(?:message|mail|e-?mail|data|body|header|attachment)s? (?:\S+ ){0,4}(?:size|length|too (?:big|large|long))\b(?! (?:mailbox|quota))/,
      /(?:size|length) (?:of \S+ |limit )?(?:\S+ ){0,3}(?:exceeds|exceeded|too (?:big|large))/,
      /exceed(?:s|ed|ing)? (?:\S+ ){0,5}(?:message|mail) (?:\S+ )?size/,
      /larger than (?:the )?(?:\S+ ){0,3}(?:limit|maximum|size|bytes|allowed)/,
      /message is too (?:big|large|long)|too (?:big|large) (?:a )?message|over (?:the )?maximum (?:message )?size/,
      /メールサイズ|サイズ.{0,10}(?:超|大き)|nachricht (?:\S+ ){0,3}zu gro(?:ß|ss)|message trop (?:gros|volumineux)/,
    ],
  },
  {
    means: "the mailbox is full",
    reason: "mailboxFull",
    type: "soft",
    patterns: [
      /(?:mail ?box|inbox|account|maildir|mail ?drop|mailfolder|user|recipient)(?:'s)? (?:\S+ ){0,6}(?:is |are |almost |too |over)?full\b/,
      /\bfull (?:mail ?box|inbox|account)|mail ?box_?full|mbx?full|mail ?box-is-full/,
      /over (?:its |the |their |his |allowed |disk |mail |storage |message )*quota|over ?quota/,
      /\bquota (?:\S+ ){0,6}(?:exceed|full|reach|violat|over|limit)|exceed\w* (?:\S+ ){0,6}quota|quota ?exceeded|out of quota|disk quota/,
      /diskquota|mail quota|quota check/,
      /exceed\w* (?:\S+ ){0,5}(?:storage|mail ?box|disk|space|inbox)/,
      /(?:mail ?box|storage|disk|inbox|space)(?: \S+){0,3} (?:limit |size |allocation |allotment )?(?:(?:has|have|is|was|been) )*(?:exceed|reach|surpass)/,
      /(?:out of|not enough|insufficient|no more|no|lack of|too little) (?:\S+ ){0,2}(?:storage|space)\b(?! (?:on|in) (?:the )?(?:server|system|device|queue))/,
      /too many (?:messages|mails|e-?mails) (?:in|on|stored)|too much mail|mail ?box (?:\S+ ){0,3}(?:too large|over ?limit|overflow)/,
      /over the (?:maximum )?allowed quota|user is over|maximum storage/,
      /bo[iî]te (?:\S+ ){0,5}pleine|quota (?:\S+ ){0,3}d[ée]pass|(?:postfach|mailbox) (?:\S+ ){0,5}(?:voll|überf)/,
      /(?:speicherplatz|kontingent) (?:\S+ ){0,4}(?:überschritten|ersch)/,
      /buz[oó]n (?:\S+ ){0,4}(?:lleno|llena)|caixa (?:\S+ ){0,5}cheia|cota (?:\S+ ){0,3}excedida|casella (?:\S+ ){0,4}piena/,
      /メールボックス.{0,30}(?:いっぱい|一杯|超|満)|容量.{0,16}(?:超|オーバー|不足)|邮箱.{0,6}(?:已满|满|容量)|信箱.{0,6}(?:已滿|滿)|переполнен|превышена квота/,
    ],
  },
  {
    means: "too much at once, or not yet: rates and greylisting",
    reason: "refused",
    type: "soft",
    patterns: [
      /rate[- ]?limit|throttl|too (?:fast|frequent)|frequency limit|frequency|at a rate|connection rate|message rate|sending rate/,
      /(?:gr[ea]y|grey)[- ]?list/,
      /too many (?:\S+ ){0,3}(?:connections?|recipients?|sessions?|errors|requests|commands|rcpt|concurrent|invalid|bad|unknown|failures|messages (?:from|sent|per)|mails? from|e-?mails? from)/,
      /(?:daily|hourly|sending|outgoing|outbound|message|messages|traffic|recipients?) (?:\S+ ){0,2}(?:limit|quota)s? (?:\S+ ){0,3}(?:exceed|reach)/,
      /exceed\w* (?:\S+ ){0,5}(?:daily|hourly|per (?:hour|day|minute)|sending|connections)/,
      /unusual (?:rate|volume|traffic|sending)|deferred due to|temporarily deferred|unexpected volume|user complaints/,
      /excessive (?:\S+ ){0,2}(?:connections|traffic|volume)/,
    ],
  },
  {
    means: "what stands in the message is refused: spam, malware, form",
    reason: "refused",
    type: "soft",
    patterns: [
      /\bspam\b|spam(?:ming|my| )|anti-?spam|spam(?:bot|trap|cop|haus)|unsolicited|\bu[bc]e\b|junk (?:mail|e-?mail)/,
      /bulk (?:mail|e-?mail)|\bjunk\b|phish/,
      /malware|\bvirus|infected|trojan|worm detected|malicious|suspicious|dangerous|harmful/,
      /potential(?:ly)? (?:security|unwanted|dangerous)|security (?:issue|problem|reasons?|polic|risk|threat)/,
      /content (?:\S+ ){0,3}(?:reject|filter|restrict|polic|not (?:accept|allow)|block|refus|prohibit|block)/,
      /(?:message|mail|e-?mail) content|(?:reject|filter|block|refus|prohibit)\w* (?:\S+ ){0,3}content|inappropriate|objectionable/,
      /undesirable|unwanted/,
      /attachments? (?:\S+ ){0,4}(?:not|reject|block|prohibit|contain|type|forbid|refus|deni|detect|found)/,
      /(?:block|reject|prohibit|forbid|unsafe|unacceptable|encrypted|illegal)\w* (?:\S+ )?attachment|attached file|file type|executable/,
      /\bbanned\b|prohibited (?:file|content|word|by)/,
      /message header|headers? (?:\S+ ){0,3}(?:missing|invalid|malformed|not|too)|missing (?:\S+ ){0,2}header|duplicate header/,
      /malformed (?:header|mail|message|from|mime|date|sender|e-?mail)|8-?bit|\bmime\b|bare (?:lf|cr)|line (?:is )?too long/,
      /(?:messages?|mail) with (?:multiple|no|invalid)|not rfc|rfc ?\d{3,4}|improper|non-?complian|violat/,
    ],
  },
  {
    means: "the sender, its host or its domain is refused",
    reason: "refused",
    type: "soft",
    patterns: [
      /\bsenders?\b(?:'s)? (?:\S+ ){0,6}(?:reject|den(?:y|ied)|refus|invalid|not|unknown|block|black|fail|un\w+ed|forbid|ban|required|can ?not|could|does|is)/,
      /(?:invalid|bad|unknown|unresolvable|untrusted|unverified|verify|fake|forged|spoofed|blocked|banned|reject\w*|unverifiable) (?:\S+ )?(?:sender|originator|return[- ]path|mail from|from address)/,
      /domain of (?:the )?sender|sender(?:'s)? (?:domain|address|host|ip|policy|id|reputation|verif)/,
      /sending (?:domain|host|server|ip|mta|system)/,
      /(?:mail|return|reverse|envelope)[- ]?(?:from|path)(?: \S+){0,4} (?:reject|not|invalid|den|fail|refus|unknown|does)/,
      /your (?:\S+ ){0,3}(?:domain|ip|host|server|address|network|mta|mail server|country) (?:\S+ ){0,6}(?:reject|not|block|black|list|den|fail|ban|refus|reputation)/,
      /(?:from|for) your (?:ip|host|server|domain|network|address)/,
      /unauthenticated|authenticat|smtp auth|auth ?required|\bspf\b|\bdkim\b|\bdmarc\b|\barc\b|domainkeys|sender policy framework/,
      /not verified|identit(?:y|ies) failed/,
      /reverse (?:dns|lookup|name|map|record)|\br?dns ptr|\brdns\b|\bptr\b|\bhelo\b|\behlo\b|no reverse|hostname lookup|ip name lookup/,
      /name lookup failed|mismatches (?:client|the)|fully[- ]qualified|valid fqdn/,
      /no (?:valid )?(?:ptr|mx|a) record for (?:sender|your|client)/,
      /relay(?:ing)?\b (?:\S+ ){0,4}(?:den|not|prohibit|refus|disab|forbid|reject|fail)/,
      /(?:not|unable|cannot|can't|will not|won't|refus\w+|don't|no) (?:\S+ ){0,4}relay|relaying|open relay|rcpthosts/,
      /not (?:a|our) gateway|not (?:one of )?(?:our|my) (?:local )?domain/,
      /(?:black|block|white|deny|allow|reject)[- ]?list|dns-?bl|\br?bls?\b|spamhaus|barracuda|\bsorbs\b|\b(?:s|u)r?ibl\b|surbl|\/bl\?/,
      /\/bl\/|blocked (?:using|by|for|due|because|at|see|address|ip|host|-)/,
      /(?:address|ip|host|client|network|connection|message|mail|e-?mail|server|sender|domain|it) (?:\S+ ){0,5}(?:been |is |was |are |being |temporarily )+(?:blocked|banned|listed|denied|barred)/,
      /client host|bad (?:\S+ )?reputation|reputation|poor|abus(?:e|ive)|blocked - |\bip (?:address )?(?:block|reject|ban|den)/,
      /adresse ip/,
      /\bpolic(?:y|ies)\b|complain|dmarc|not accept(?:ed|ing)? (?:\S+ ){0,3}(?:from|connections|due|for)/,
      /does ?n[o']t accept (?:\S+ ){0,3}(?:from|bounces)|(?:connections?|mail|e-?mail|messages?) (?:\S+ )?not accepted|refused to talk/,
      /(?:host|network|connection|client) (?:\S+ ){0,2}not (?:allowed|permitted|accepted|authorized)/,
      /not (?:allowed|permitted|authorized|authorised) to (?:send|submit|post|use|relay|e-?mail|deliver)|permission to (?:post|send)/,
      /posting|only (?:accepts?|members|subscribers)|members only|moderat|no permission|restricted (?:to|recipient|group)|restrictions/,
      /not wanted|starttls|\btls\b|encryption|certificate|envelope blocked|suspected/,
    ],
  },
  {
    means: "tried for too long, or sent in a circle",
    reason: "unreachable",
    type: "soft",
    patterns: [
      /(?:envelope|message|mail|retry|delivery time|queue)(?: time)? (?:\S+ ){0,2}(?:has )?expired|expired (?:message|envelope)/,
      /retry time(?:out)?|hop count|too many hops|mail loop|routing loop|loops? back|loop detected|forwarding loop/,
      /(?:connection|connect|conversation|operation|read|session)(?: \S+){0,6} timed? ?out|timed out while|requests to connect/,
      /socket error|could not find a gateway|no route to host|connection (?:was )?(?:refused|reset)/,
    ],
  },
  {
    means: "the domain has no mail, or does not exist",
    reason: "invalidDomain",
    type: "soft",
    patterns: [
      /(?:no such|unknown|invalid|bad|illegal|non-?existent|unrouteable|unroutable|unresolvable) (?:\S+ )?(?:domain|host(?:name)?|mail ?host|mail domain)\b/,
      new RegExp(`(?:domain|host)(?: name)? (?:\\S+ ){0,4}(?:${domainTroubles})`),
      /host or domain name not found|nxdomain|dns (?:\S+ ){0,4}(?:query|lookup|error|fail|not exist|nonexist)|name service error/,
      /no (?:mx|a|aaaa|mx or a|mx\/a|dns|address) (?:\S+ ){0,3}(?:record|host|entr|server|found|exist|available)|null ?mx/,
      /no mail (?:server|exchanger|host)|(?:unrouteable|unroutable) (?:mail )?(?:address|domain)/,
      /(?:cannot|couldn't|could not|can't|unable to|failed to) (?:\S+ ){0,4}(?:find|resolve|lookup|look up|locate) (?:\S+ ){0,4}(?:host|domain|mx|exchanger|mail server|name)/,
      /does not accept mail|mail exchanger|illegal host\/domain|domain ?not ?exist|host not found|(?:bad )?destination system/,
      /domain is not reachable/,
    ],
  },
  {
    means: "nobody has this address",
    reason: "userUnknown",
    type: "hard",
    patterns: [
      new RegExp(`(?:${unknownBefore}) (?:\\S+ ){0,2}(?:${owners}|person|name)\\b`),
      new RegExp(
        `(?:${owners})(?:\\(s\\)|s|name)?:? (?:\\S+ ){0,4}(?:is |was |are |has |have |been )?(?:${unknownAfter})`,
      ),
      /(?:user|recipient|mailbox|account|address)(?:unknown|notfound|doesnotexist)|recipnotfound|recipientnotfound/,
      /unknown(?:user|recipient|mailbox)|nosuchuser|\bno user\b|\bno mailbox\b|no mail ?box (?:here|found|by)/,
      /no account (?:by|with|here)|no longer on server/,
      /(?:don't|do not|does not|doesn't) (?:\S+ ){0,3}(?:have|handle|host) (?:\S+ ){0,4}(?:account|user|mail ?box|address|name|recipient)/,
      /(?:account|user|mail ?box|address|recipient|\*) (?:\S+ ){0,6}(?:does ?n[o']?t|did not|doesn't) exist/,
      /not (?:\S+ ){0,3}(?:a |our |in )?(?:\S+ )?(?:directory|customer|subscriber|virtual mailbox table|alias table)|isn't a valid/,
      /not our customer|unknown in (?:virtual|local|relay)|not listed in|wasn't found at|couldn't be found|could not be found/,
      /is not known|unknown to|not known here/,
      /mail ?box unavailable|mailbox not available|requested action not taken: mailbox|unknown address|address unknown|address error/,
      /bad destination mailbox|destination mailbox address|recipient (?:address )?(?:\S+ )?(?:unknown|invalid)|invalid address/,
      /no route to (?:user|recipient)|has left|no longer (?:works|employed|with)/,
      /utilisateur (?:\S+ ){0,3}inconnu|(?:adresse|destinataire|compte) (?:\S+ ){0,4}(?:inconnue?|invalide|inexistante?|n'existe)/,
      /(?:empfänger|benutzer|adresse|postfach) (?:\S+ ){0,4}(?:unbekannt|existiert nicht|nicht gefunden|ungültig)/,
      /usuario (?:\S+ ){0,3}(?:desconocido|no existe)/,
      /(?:usu[aá]rio|destinat[aá]rio) (?:\S+ ){0,3}(?:desconhecido|inexistente|n[aã]o existe)|utente (?:\S+ ){0,2}sconosciuto/,
      /onbekende (?:gebruiker|ontvanger)|пользовател\S+ (?:\S+ ){0,3}не (?:найден|существует)|такого пользователя нет/,
      /(?:ユーザ|宛先|メールアドレス|アドレス|あて先).{0,40}(?:存在しません|見つかりません|不明|ありません|ございません|存在しない)|(?:用户|收件人|帐号|邮箱|地址).{0,12}(?:不存在|未知|无效|未找到)|使用者不存在/,
    ],
  },
  {
    means: "the account is closed, locked or unused",
    reason: "accountDisabled",
    type: "hard",
    patterns: [
      new RegExp(
        `(?:user|mail ?box|recipient|account|address|\\*|addressee|customer)(?:'s)? (?:\\S+ ){0,9}(?:${closedWords})`,
      ),
      /(?:account|mail ?box)(?: \S+){0,4} (?:is|was|has been|been) (?:\S+ )?(?:blocked|closed|locked|expired|disabled|frozen)/,
      /(?:disabled|suspended|deactivated|inactive|locked|frozen|expired|closed|terminated|discontinued|cancell?ed) (?:\S+ ){0,2}(?:account|mail ?box|user|recipient|address)/,
      /account_?(?:disabled|inactive|suspended)|mail ?box (?:disabled|inactive)|not accepting (?:mail|messages|e-?mail)(?! from)/,
      /compte (?:\S+ ){0,4}(?:bloqu|desactiv|désactiv|suspendu|ferm)/,
    ],
  },
  {
    means: "the way to the mailbox does not work now",
    reason: "unreachable",
    type: "soft",
    patterns: [
      /timed? ?out|time-?out|expired|giving up|too (?:long|old)|could not be delivered (?:for|within|in)|retry time|retries/,
      /not been delivered|max(?:imum)? (?:\S+ )?(?:time|lifetime|age)|queue (?:\S+ )?(?:too long|expir|life)/,
      /connection (?:\S+ ){0,3}(?:refus|reset|lost|fail|clos|drop|broken|abort|terminat|died|error|interrupt|unable|unexpectedly)/,
      /(?:refused|reset|lost|failed|closed|dropped|broken) (?:\S+ ){0,2}connection/,
      /(?:cannot|can't|could not|couldn't|unable to|failed to|not able to|did not accept \S+ \S+ to) (?:\S+ )?(?:connect|contact|reach|open|transfer|deliver)/,
      /connect to|no route|unreachable|not reachable|not responding|no response|did not respond|host (?:is )?down/,
      /network (?:is )?(?:down|error|unreach)|unrouteable|not connected/,
      /hop count|too many hops|mail loop|routing loop|loops? back|loop detected|forwarding loop|\bloop/,
      /too many (?:\S+ )?(?:redirect|hops|received)|aliased to itself/,
      /(?:temporar|temp )\S*|try (?:again|later)|later|service (?:is )?(?:not |un)available/,
      /system (?:error|not accepting|is busy|problem|failure|incorrectly configured|resources)/,
      /server (?:error|busy|unavailable|is down|fail)|internal (?:\S+ )?error|local (?:error|configuration|problem|error in)|i\/o error/,
      /disk (?:full|space|is full)|insufficient (?:system|disk|storage|resources)|out of memory|no space|resources|config|mailer/,
      /unexpected|undefined error|software|crash|command (?:died|time|failed)|exit(?:ed)? (?:with|status|code)|unknown mailer error/,
      /operating system error|pipe|lock|busy|not ready|transport/,
    ],
  },
  {
    means: "refused without a word about the address",
    reason: "refused",
    type: "soft",
    patterns: [
      /access (?:\S+ )?(?:denied|refused)|permission denied|den(?:y|ied)|reject|refus|block|filter|administrative|prohibit/,
      /not (?:be )?(?:allowed|permitted|accept|authori[sz]ed)|unauthori[sz]ed|forbidden|disallow|not accepting|syntax|protocol/,
      /bad sequence|parameter|command not|undeliverable/,
    ],
  },
];
