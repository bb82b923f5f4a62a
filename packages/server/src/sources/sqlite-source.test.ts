import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { ConfigError, keyFromBytes, LoadError, StoppedError } from 'hgcache';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Source } from './source.ts';
import { sourceContract } from './source-contract.ts';
import { createSqliteSource } from './sqlite-source.ts';

const dir = mkdtempSync(join(tmpdir(), 'hgcache-sqlite-'));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;
const never = new AbortController().signal;

const opened: Source[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

function createDatabase(setUp: (database: DatabaseSync) => void): string {
  const file = `data-${files++}.db`;
  const database = new DatabaseSync(join(dir, file));
  setUp(database);
  database.close();
  return file;
}

function createScores(values: Iterable<[string, string]> = [['Tom', '630']]): string {
  return createDatabase((database) => {
    database.exec('CREATE TABLE scores (name TEXT PRIMARY KEY, score)');
    const insert = database.prepare('INSERT INTO scores VALUES (?, ?)');
    database.exec('BEGIN');
    for (const [name, score] of values) insert.run(name, score);
    database.exec('COMMIT');
  });
}

const QUERY = 'SELECT score FROM scores WHERE name = ?';

async function open(file: string, query = QUERY): Promise<Source> {
  const source = await createSqliteSource({ type: 'sqlite', file, query }, dir);
  opened.push(source);
  return source;
}

async function readExpression(expression: string): Promise<Buffer | undefined> {
  const source = await open(createScores(), `SELECT ${expression} FROM scores WHERE name = ?`);
  return (await source.load('Tom', { signal: never }))?.toBuffer();
}

/** The thread that `start` starts. */
async function threadOf<T>(start: () => Promise<T>): Promise<{ thread: Worker; result: T }> {
  const started = once(process, 'worker') as Promise<[Worker]>;
  const result = await start();
  return { thread: (await started)[0], result };
}

describe('sqlite source', () => {
  for (const { name, run } of sourceContract) {
    test(name, () => run((values) => open(createScores(values))));
  }

  test.each([
    ['text as UTF-8', `'Zoë'`, Buffer.from('Zoë')],
    ['an integer as its digits', '630', Buffer.from('630')],
    ['an integer beyond 2^53 as all its digits', '9223372036854775807', Buffer.from('9223372036854775807')],
    ['a real as its shortest text', '1.5', Buffer.from('1.5')],
    ['a blob as its bytes', `x'00ff80'`, Buffer.of(0, 0xff, 0x80)],
    ['an empty blob', `x''`, Buffer.alloc(0)],
    ['NULL as not found', 'NULL', undefined],
    [
      'several columns through json_object',
      `json_object('name', name, 'score', score)`,
      Buffer.from('{"name":"Tom","score":"630"}'),
    ],
  ])('reads %s', async (_, expression, bytes) => {
    expect(await readExpression(expression)).toEqual(bytes);
  });

  test('a key that is not valid UTF-8 is found where the query compares blobs, as is any other', async () => {
    const file = createDatabase((database) => {
      database.exec(
        `CREATE TABLE scores (name BLOB, score); INSERT INTO scores VALUES (x'ff', 1), (x'546f6d', 2)`,
      );
    });
    const source = await open(file, 'SELECT score FROM scores WHERE name = CAST(? AS BLOB)');
    expect((await source.load(keyFromBytes(Uint8Array.of(0xff)), { signal: never }))?.toString()).toBe('1');
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('2');
  });

  test('the first row counts', async () => {
    const source = await open(createScores(), `SELECT 'first' WHERE 'Tom' = ? UNION ALL SELECT 'second'`);
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('first');
  });

  test('what another process writes is seen', async () => {
    const file = createScores();
    const source = await open(file);
    const writer = new DatabaseSync(join(dir, file));
    writer.exec(`UPDATE scores SET score = '631'`);
    writer.close();
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('631');
  });

  test('a read waits until a writer lets go of its lock', async () => {
    const file = createScores();
    const source = await open(file);
    const writer = new DatabaseSync(join(dir, file));
    writer.exec(`BEGIN EXCLUSIVE; UPDATE scores SET score = '631'`);
    const loading = source.load('Tom', { signal: never });
    await new Promise((resolve) => setTimeout(resolve, 50));
    writer.exec('COMMIT');
    writer.close();
    expect((await loading)?.toString()).toBe('631');
  });

  test('a query that SQLite gives up on is a LoadError, and the next one works', async () => {
    const file = createScores();
    const source = await open(file, `SELECT json_extract(?, '$')`);
    const failure = await source.load('not json', { signal: never }).catch((error) => error);
    expect(failure).toBeInstanceOf(LoadError);
    expect(failure.message).toBe('SQLite: malformed JSON');
    expect((await source.load('630', { signal: never }))?.toString()).toBe('630');
  });

  test('a query that writes is refused, as the database is open for reading alone', async () => {
    const source = await open(createScores(), 'DELETE FROM scores WHERE name = ? RETURNING score');
    const failure = await source.load('Tom', { signal: never }).catch((error) => error);
    expect(failure).toBeInstanceOf(LoadError);
    expect(failure.message).toBe('SQLite: attempt to write a readonly database');
  });

  test('a caller who leaves while the thread is busy does not wait for it, and others are answered', async () => {
    // The key says how many rows to count through.
    const slow =
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT count(*) FROM n';
    const source = await open(createScores(), slow.replace('< ?', '< CAST(? AS INTEGER)'));
    const controller = new AbortController();
    const reason = new Error('nobody waits');
    const leaving = source.load('1000000', { signal: controller.signal });
    const staying = source.load('10', { signal: never });
    setImmediate(() => setImmediate(() => controller.abort(reason)));
    const order: string[] = [];
    await Promise.all([
      expect(leaving)
        .rejects.toBe(reason)
        .then(() => order.push('left')),
      staying.then((value) => order.push(String(value))),
    ]);
    expect(order).toEqual(['left', '10']);
  });

  test('when the thread dies, what is outstanding is a LoadError, and a new thread answers what comes then', async () => {
    const { thread, result: source } = await threadOf(() => open(createScores()));
    const outstanding = source.load('Tom', { signal: never });
    await Promise.all([expect(outstanding).rejects.toBeInstanceOf(LoadError), thread.terminate()]);
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('630');
  });

  test('a database that is gone when the thread has to start again is a LoadError, until it is back', async () => {
    const file = createScores();
    const { thread, result: source } = await threadOf(() => open(file));
    await thread.terminate();
    renameSync(join(dir, file), join(dir, 'away.db'));
    await expect(source.load('Tom', { signal: never })).rejects.toBeInstanceOf(LoadError);
    renameSync(join(dir, 'away.db'), join(dir, file));
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('630');
  });

  test('closing ends what is outstanding and the thread', async () => {
    const { thread, result: source } = await threadOf(() => open(createScores()));
    const exited = once(thread, 'exit');
    const outstanding = source.load('Tom', { signal: never });
    await Promise.all([expect(outstanding).rejects.toBeInstanceOf(StoppedError), source.close()]);
    await exited;
  });

  test.each([
    ['a file that is not there', 'gone.db', QUERY, 'unable to open database file'],
    [
      'a table that is not there',
      undefined,
      'SELECT score FROM points WHERE name = ?',
      'no such table: points',
    ],
    ['a query with a typing error', undefined, 'SELEC score FROM scores WHERE name = ?', 'syntax error'],
    ['a query without a parameter', undefined, 'SELECT score FROM scores', 'exactly one parameter'],
    ['a query with two parameters', undefined, `${QUERY} OR name = ?`, 'exactly one parameter'],
    ['a named parameter', undefined, 'SELECT score FROM scores WHERE name = :name', 'exactly one parameter'],
    ['two columns', undefined, 'SELECT name, score FROM scores WHERE name = ?', '2 columns (name, score)'],
    ['a statement that gives none', undefined, 'DELETE FROM scores WHERE name = ?', 'no column'],
  ])('%s is a ConfigError that names file, query and reason', async (_, given, query, problem) => {
    const file = given ?? createScores();
    const failure = await open(file, query).catch((error) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain(join(dir, file));
    expect(failure.message).toContain(JSON.stringify(query));
    expect(failure.message).toContain(problem);
  });

  test('a file that is no database is a ConfigError', async () => {
    writeFileSync(join(dir, 'text.db'), 'This is no database at all.'.repeat(100));
    const failure = await open('text.db').catch((error) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain('file is not a database');
  });

  test('a parameter that stands twice by its number is one parameter', async () => {
    const source = await open(createScores(), 'SELECT score FROM scores WHERE name = ?1 AND ?1 IS NOT NULL');
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('630');
  });
});
