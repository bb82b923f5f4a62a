// URL templates: where in a URL the key goes, such that no key can mean another path.

import { ConfigError, InvalidKeyError, keyToBytes } from 'hgcache';

/** A URL with a place for the key, taken apart once. */
export interface UrlTemplate {
  readonly isTls: boolean;
  /** The host's name or address, without the brackets of IPv6. */
  readonly hostname: string;
  readonly port: number;
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  /** The path and query for a key, ready for the request line; throws `InvalidKeyError` for one that steps up a path. */
  pathFor(key: string): string;
}

const KEY = '{key}';

// What a server that normalises paths, as WHATWG's URL does, takes for a slash or a step.
const STEP = /(^|[/\\])\.{1,2}([/\\]|$)/;

/** Takes `http://host/{key}` apart; throws `ConfigError` when it is not an HTTP URL with `{key}` behind the host. */
export function parseUrlTemplate(template: string): UrlTemplate {
  const parsed = URL.canParse(template) ? new URL(template) : undefined;
  const isHttp = parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
  // The rest may be a secret.
  const shown = isHttp ? `source url ${parsed.protocol}//${parsed.host}/…` : 'source url';
  const bad = (problem: string): ConfigError =>
    new ConfigError(`${shown}: ${problem}, e.g. http://origin.internal/users/{key}`);
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
  const path = url.pathname.split(standIn);
  const query = url.search.split(standIn);
  if (path.length + query.length !== template.split(KEY).length + 1)
    throw bad(`.. behind ${KEY} takes it away`);
  const plainPath = path.map((part) => part.replace(/%(2e|2f|5c)/gi, decodeURIComponent));
  const isTls = url.protocol === 'https:';
  return {
    isTls,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    origin: url.origin,
    pathFor: (key) => {
      // Percent-encoded or not, it would be another path to many a server, and to proxies in front of it.
      if (path.length > 1 && STEP.test(plainPath.join(key))) {
        throw new InvalidKeyError(`${JSON.stringify(key)} would be a step in the path of ${url.origin}`);
      }
      const encoded = encodeKey(key);
      return `${path.join(encoded)}${query.join(encoded)}`;
    },
  };
}

/** Percent-encodes everything but unreserved characters (RFC 3986, section 2.3). */
function encodeKey(key: string): string {
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
