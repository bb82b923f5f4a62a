// What a node reports, as log lines.

import { type Clock, type Hooks, systemClock } from 'hgcache';
import type { Logger } from 'pino';
import { heldBack, LogThrottle } from './log-throttle.ts';
import { reasonOf } from './logging.ts';
import { AbandonedLoadError } from './source-loader.ts';

// A peer or an origin that is down fails every request; one line in ten seconds says the same.
const FAILURE_INTERVAL_MS = 10_000;

/** The hooks of one node. The lines of single requests have the level debug, and cost nothing above it. */
export function createLogHooks(log: Logger, clock: Clock = systemClock): Hooks {
  return { ...(log.isLevelEnabled('debug') && requestHooks(log)), ...clusterHooks(log, clock) };
}

function requestHooks(log: Logger): Hooks {
  return {
    onHit: (event) => log.debug(event, 'hit'),
    onPeerPicked: (event) => log.debug(event, 'peer picked'),
    onPeerRequest: (event) => log.debug(event, 'peer request'),
    onLoad: (event) => log.debug(event, 'origin searched'),
  };
}

function clusterHooks(log: Logger, clock: Clock): Hooks {
  const peerFailures = new LogThrottle(clock, FAILURE_INTERVAL_MS);
  const loadFailures = new LogThrottle(clock, FAILURE_INTERVAL_MS);
  return {
    onPeerFailed: ({ group, peer, error }) => {
      const held = peerFailures.admit(peer);
      if (held !== undefined)
        log.warn({ group, peer, reason: reasonOf(error), ...heldBack(held) }, 'peer failed');
    },
    onLoaded: ({ group, key, error }) => {
      if (error === undefined || (error as Error).cause instanceof AbandonedLoadError) return;
      const held = loadFailures.admit(group);
      if (held !== undefined)
        log.warn({ group, key, reason: reasonOf(error), ...heldBack(held) }, 'origin failed');
    },
    onMembers: ({ members }) => {
      const ids = members.map(({ id }) => id);
      peerFailures.retain(new Set(ids));
      log.info({ members: ids }, 'members changed');
    },
    onError: ({ error, where }) => log.error({ err: error, where }, 'unexpected error'),
  };
}
