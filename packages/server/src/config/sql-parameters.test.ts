// Tests of what is said of SQL without a database.

import { expect, test } from 'vitest';
import { hasSecondStatement, sqlParameters } from './sql-parameters.ts';

test.each([
  ['SELECT score FROM scores WHERE name = ?', ['?']],
  ['SELECT 1', []],
  ['SELECT ? + ?', ['?', '?']],
  ['SELECT ?1, ?12', ['?1', '?12']],
  ['SELECT :key, @key, $key', [':key', '@key', '$key']],
  [`SELECT 'what?', 'it''s ?', "a?", \`b?\`, [c?] FROM t WHERE k = ?`, ['?']],
  ['SELECT 1 -- ?\n/* ? \n ? */ WHERE k = ?', ['?']],
  ['SELECT 1 /* never closed ?', []],
])('%j has %j', (query, parameters) => {
  expect(sqlParameters(query)).toEqual(parameters);
});

test.each([
  ['SELECT ?', false],
  ['SELECT ?;', false],
  ['SELECT ? ; -- done; really\n /* ; x */ ;; ', false],
  [`SELECT ';', "a;b" FROM t WHERE k = ?`, false],
  ['SELECT ?; DELETE FROM t', true],
  [`SELECT ?; 'x'`, true],
  ['SELECT 1;;SELECT ?', true],
])('%j has a second statement: %s', (query, hasOne) => {
  expect(hasSecondStatement(query)).toBe(hasOne);
});
