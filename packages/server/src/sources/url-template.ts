// URL templates: where in a URL the key goes, as its own bytes, so that no key can mean another path.

import { ConfigError, keyToBytes } from 'hgcache';

/** A URL with a place for the key, taken apart once. */
export interface UrlTemplate {
  readonly isTls: boolean;
  /** The host's name or address, without the brackets of IPv6. */
  readonly hostname: string;
  readonly port: number;
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  /** The path and query for a key, ready for the request line. */
  pathFor(key: string): string;
}

const KEY = '{key}';

/** Takes `http://host/{key}` apart; throws `ConfigError` when it is not an HTTP URL with `{key}` behind the host. */
export function parseUrlTemplate(template: string): UrlTemplate {
  const bad = (problem: string): ConfigError =>
    new ConfigError(
      `source url ${JSON.stringify(template)}: ${problem}, e.g. http://origin.internal/users/{key}`,
    );
  if (!template.includes(KEY)) throw bad(`${KEY} must stand where the key goes`);
  // The rest of the URL is normalised once and for all with a stand-in; the key never is, or `..` would be a step up.
  let standIn = 'hgcache-key';
  while (template.includes(standIn)) standIn += '-';
  const text = template.replaceAll(KEY, standIn);
  if (!URL.canParse(text)) throw bad('not a URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw bad('must start with http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw bad('credentials belong into headers, as authorization');
  if (url.hash !== '') throw bad('a fragment is never sent');
  if (url.host.includes(standIn)) throw bad(`${KEY} must stand in the path or the query`);
  const parts = `${url.pathname}${url.search}`.split(standIn);
  const isTls = url.protocol === 'https:';
  return {
    isTls,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    origin: url.origin,
    pathFor: (key) => parts.join(encodeKey(key)),
  };
}

/** Percent-encodes everything but unreserved characters (RFC 3986, section 2.3), and the dots of `.` and `..`. */
function encodeKey(key: string): string {
  if (key === '.' || key === '..') return key.replaceAll('.', '%2E');
  if (key.isWellFormed()) return encodeURIComponent(key).replace(/[!'()*]/g, encodeCharacter);
  let encoded = '';
  for (const byte of keyToBytes(key)) {
    const character = String.fromCharCode(byte);
    encoded += /[\w.~-]/.test(character) ? character : encodeCharacter(character);
  }
  return encoded;
}

function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
