// Runs every *.test.mjs beside this file in one Chromium and prints what libtest would print.
//
// A test file exports `tests`: objects { name, run(t) } and optionally { skip(t) → reason, limit in seconds }.
// `t` is the Stage of stage.mjs. Arguments, if any, choose tests by a part of their name.

import { readdir } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { Stage } from './stage.mjs';

const LIMIT = 120; // seconds, where the test names no limit of its own
const folder = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const wanted = process.argv.slice(2);

async function load() {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.test.mjs')).sort();
  const all = [];
  for (const name of names) {
    const { tests } = await import(pathToFileURL(path.join(folder, name)));
    all.push(...tests.map((test) => ({ ...test, name: `${name.replace('.test.mjs', '')}: ${test.name}` })));
  }
  return all.filter((test) => wanted.length === 0 || wanted.some((part) => test.name.includes(part)));
}

async function withLimit(work, seconds) {
  let timer;
  const limit = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`not done after ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

const stage = await Stage.open();
let passed = 0;
const failures = [];
try {
  for (const test of await load()) {
    const reason = test.skip ? await test.skip(stage) : undefined;
    if (reason) {
      console.log(`SKIPPED ${test.name}: ${reason}`);
      passed += 1; // as with libtest, the caller moves it to the skipped ones by the line above
      continue;
    }
    const began = performance.now();
    const took = () => `   after ${((performance.now() - began) / 1000).toFixed(1)} s`;
    try {
      await withLimit(test.run(stage), test.limit ?? LIMIT);
      passed += 1;
      console.log(`test ${test.name} ... ok\n${took()}`);
    } catch (error) {
      failures.push(test.name);
      console.log(`test ${test.name} ... FAILED\n${took()}\n${error?.stack ?? error}\n${stage.said()}`);
    } finally {
      await stage.clear();
    }
  }
} finally {
  await stage.close();
}
const verdict = failures.length === 0 ? 'ok' : 'FAILED';
console.log(`test result: ${verdict}. ${passed} passed; ${failures.length} failed; 0 ignored`);
process.exitCode = failures.length === 0 ? 0 : 1;
