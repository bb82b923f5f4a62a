// What tests of HgCache, its packages and its users' services are made of. Not for production.

export { createSeededRandom } from '../random.ts';
export { createFakeClock, type FakeClock, settle } from './fake-clock.ts';
export { createMemoryNetwork, type Fault, type MemoryNetwork, type SeenRequest } from './memory-transport.ts';
