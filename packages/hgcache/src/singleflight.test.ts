import { describe, expect, it } from 'vitest';
import { type Flight, Singleflight } from './singleflight.ts';
import { settle } from './testing/fake-clock.ts';

function deferred<T>() {
  return Promise.withResolvers<T>();
}

describe('Singleflight', () => {
  it('runs the work once for callers at the same time, and anew for later ones', async () => {
    const flights = new Singleflight<number>();
    let runs = 0;
    const work = async (): Promise<number> => ++runs;
    expect(
      await Promise.all([flights.run('a', work), flights.run('a', work), flights.run('a', work)]),
    ).toEqual([1, 1, 1]);
    expect(await flights.run('a', work)).toBe(2);
    expect(flights.size).toBe(0);
  });

  it('runs different keys apart', async () => {
    const flights = new Singleflight<string>();
    const run = (key: string): Promise<string> => flights.run(key, async () => key);
    expect(await Promise.all([run('a'), run('b')])).toEqual(['a', 'b']);
  });

  it('gives every caller the failure, and the next one a new try', async () => {
    const flights = new Singleflight<number>();
    const failing = (): Promise<number> => Promise.reject(new Error('origin is down'));
    const results = await Promise.allSettled([flights.run('a', failing), flights.run('a', failing)]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(await flights.run('a', async () => 1)).toBe(1);
  });

  it('lets a caller leave alone, also the first one', async () => {
    const flights = new Singleflight<number>();
    const result = deferred<number>();
    let flight: Flight | undefined;
    const leaving = new AbortController();
    const work = (started: Flight): Promise<number> => {
      flight = started;
      return result.promise;
    };
    const first = flights.run('a', work, leaving.signal);
    const second = flights.run('a', work, new AbortController().signal);
    leaving.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(flight?.signal.aborted).toBe(false);
    result.resolve(7);
    expect(await second).toBe(7);
  });

  it('aborts the work when the last caller has left, and starts anew for the next one', async () => {
    const flights = new Singleflight<number>();
    const leaving = new AbortController();
    let flight: Flight | undefined;
    const work = (started: Flight): Promise<number> => {
      flight = started;
      return new Promise(() => {});
    };
    const callers = [flights.run('a', work, leaving.signal), flights.run('a', work, leaving.signal)];
    leaving.abort();
    expect((await Promise.allSettled(callers)).every((caller) => caller.status === 'rejected')).toBe(true);
    expect(flight?.signal.aborted).toBe(true);
    expect(flight?.isCurrent).toBe(false);
    expect(await flights.run('a', async () => 2)).toBe(2);
  });

  it('never aborts work that a caller without a signal waits for', async () => {
    const flights = new Singleflight<number>();
    const result = deferred<number>();
    const leaving = new AbortController();
    const staying = flights.run('a', () => result.promise);
    const gone = flights.run('a', () => result.promise, leaving.signal);
    leaving.abort();
    await expect(gone).rejects.toThrow();
    expect(flights.has('a')).toBe(true);
    result.resolve(1);
    expect(await staying).toBe(1);
  });

  it('rejects a caller that has been aborted already', async () => {
    const flights = new Singleflight<number>();
    await expect(flights.run('a', async () => 1, AbortSignal.abort(new Error('late')))).rejects.toThrow(
      'late',
    );
  });

  it('keeps fenced work for its callers and starts anew for later ones', async () => {
    const flights = new Singleflight<string>();
    const old = deferred<string>();
    let oldFlight: Flight | undefined;
    const before = flights.run('a', (flight) => {
      oldFlight = flight;
      return old.promise;
    });
    flights.fence('a');
    const after = flights.run('a', async () => 'new');
    expect(oldFlight?.isCurrent).toBe(false);
    old.resolve('old');
    expect(await before).toBe('old');
    expect(await after).toBe('new');
    expect(flights.size).toBe(0);
  });

  it('does not let fenced work end the flight that came after it', async () => {
    const flights = new Singleflight<string>();
    const old = deferred<string>();
    const recent = deferred<string>();
    const before = flights.run('a', () => old.promise);
    flights.fenceAll();
    const after = flights.run('a', () => recent.promise);
    old.resolve('old');
    await before;
    await settle();
    expect(flights.has('a')).toBe(true);
    recent.resolve('new');
    expect(await after).toBe('new');
  });

  it('turns work that throws at once into a rejection', async () => {
    const flights = new Singleflight<number>();
    const throwing = (): Promise<number> => {
      throw new Error('at once');
    };
    await expect(flights.run('a', throwing)).rejects.toThrow('at once');
    expect(flights.size).toBe(0);
  });

  it('drops the failure of work that nobody waits for', async () => {
    const flights = new Singleflight<number>();
    const result = deferred<number>();
    const leaving = new AbortController();
    const caller = flights.run('a', () => result.promise, leaving.signal);
    leaving.abort();
    await expect(caller).rejects.toThrow();
    result.reject(new Error('too late to matter'));
    await settle();
  });
});
