/** Tells programs that look at links before a reader does from browsers, by what they call themselves. */

/**
 * Mail filters and link checkers that name themselves. Proxies that fetch pictures for a reader who opened the message
 * (GoogleImageProxy, YahooMailProxy) are none of them.
 */
const machines =
  /\b(?:barracuda|proofpoint|mimecast|forcepoint|ironport|trendmicro|bitdefender|safelinks|urldefense|zscaler|symantec|fireeye|cloudmark|googlebot|bingbot|bingpreview|applebot|yandexbot|baiduspider|slackbot|twitterbot|facebookexternalhit|linkedinbot|telegrambot|whatsapp|discordbot|headlesschrome|phantomjs|linkchecker|link-?scanner|crawler|spider)\b|\bbot\//i;

/** True for a user agent that is known to be no reader. */
export function isMachine(userAgent: string): boolean {
  return machines.test(userAgent);
}
