// What every peer transport must do, whatever it runs on; run against each of them.

import { exchangeCases } from './transport-exchange-cases.ts';
import { failureCases } from './transport-failure-cases.ts';
import type { TransportCase } from './transport-script.ts';

export type { CreateTransport, NewTransport, TransportCase } from './transport-script.ts';

/** The promises of `PeerTransport`. */
export const transportContract: readonly TransportCase[] = [...exchangeCases, ...failureCases];
