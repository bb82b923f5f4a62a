// What tests of HgCache, its packages and its users' services are made of. Not for production.

export { createSeededRandom } from '../random.ts';
export { type CreateDiscovery, type DiscoveryCase, discoveryContract } from './discovery-contract.ts';
export { type EvictionCase, evictionContract } from './eviction-contract.ts';
export { createFakeClock, type FakeClock, settle } from './fake-clock.ts';
export { type MemoryCluster, startMemoryCluster } from './memory-cluster.ts';
export {
  createMemoryNetwork,
  type Fault,
  type Hold,
  type MemoryNetwork,
  type SeenRequest,
} from './memory-transport.ts';
export { type PlacementCase, placementContract } from './placement-contract.ts';
export {
  type CreateTransport,
  type NewTransport,
  type TransportCase,
  transportContract,
} from './transport-contract.ts';
