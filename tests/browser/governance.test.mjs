// Plan, risks, rules, opinions, exceptions, unease, incidents and checklists of the demonstration: every page in
// every look, and a report without a name from the form to its answer.

import assert from 'node:assert/strict';
import { OPPOSITES, link, looked } from './newcomer.mjs';
import { send } from './people.mjs';

const LISTS = {
  plan: '/plan', cases: '/cases', risks: '/risks', rules: '/rules', conflicts: '/rules/conflicts', opinions: '/opinions',
  exceptions: '/exceptions', concerns: '/concerns', incidents: '/incidents', checklists: '/checklists',
  services: '/services', 'service-catalogue': '/service-catalogue', conferences: '/conferences', annex: '/risks/annex?frequency=0.5&low=1000000&high=50000000',
};
const FORMS = {
  'risk-new': '/risks/new', 'rule-new': '/rules/new', 'concern-new': '/concerns/new', 'incident-new': '/incidents/new',
  nameless: '/unease', 'nameless-answer': '/unease/answer',
};

async function arrives(stage, server) {
  const page = await stage.visitor({});
  await page.goto(await link(server));
  if (!(await page.locator('form[action="/sign-out"]').count())) await send(page, 'main form');
  const skip = page.locator('form[action="/set-up/second-factor/skip"] button');
  if (await skip.count()) await skip.click();
  await page.locator('form[action="/sign-out"]').waitFor();
  return page;
}

// The first thing of each list, with the pages that hang on it.
async function firsts(page, server) {
  const found = {};
  for (const [what, path, pattern, more] of [
    ['case', '/cases', 'cas_', []],
    ['risk', '/risks', 'rsk_', []],
    ['rule', '/rules', 'rul_', ['/effect', '/changes']],
    ['exception', '/exceptions', 'pmt_', []],
    ['opinion', '/opinions', '_', []],
  ]) {
    await page.goto(server.url + path);
    const first = page.locator(`main a[href^="${path}/"][href*="${pattern}"]`).first();
    if (!(await first.count())) continue;
    const href = await first.getAttribute('href');
    found[what] = href;
    for (const each of more) found[what + each.replace('/', '-')] = href + each;
  }
  return found;
}

async function tellsNamelessly(stage, server) {
  const page = await stage.visitor({ width: 390, height: 844 });
  await page.goto(`${server.url}/unease`);
  const words = '私物の端末で業務をしている人がいるようです。';
  await page.locator('[name=words]').fill(words);
  await page.locator('main form [name=kind]').first().click();
  if (page.url().endsWith('/unease') && !(await page.locator('main output, main .receipt, main code').count())) {
    await page.locator('main form button[type=submit]').first().click();
  }
  const main = page.locator('main');
  const code = (await main.innerText()).match(/[0-9A-Za-z]{4,5}(-[0-9A-Za-z]{4,5}){2,}/);
  assert.ok(code, await main.innerText());
  assert.deepEqual(await page.context().cookies(), []); // nothing stays with the browser
  await page.goto(`${server.url}/unease/answer`);
  await page.locator('[name=code]').fill(code[0]);
  await page.locator('main form button[type=submit]').first().click();
  await page.locator('main', { hasText: words }).waitFor();
}

export const tests = [
  {
    name: 'what governs telework is shown in every look, without barriers, and unease is told without a name',
    limit: 600,
    async run(stage) {
      const server = await stage.sekisho('up', ['--demo']);
      const page = await arrives(stage, server);
      const ones = await firsts(page, server);
      for (const what of ['risk', 'rule', 'exception']) assert.ok(ones[what], `the demonstration has no ${what}`);
      const wrong = [];
      await looked(stage, page, server, 'governance', { ...LISTS, ...FORMS, ...ones }, wrong, OPPOSITES);
      assert.deepEqual(wrong, []);
      await tellsNamelessly(stage, server);
    },
  },
];
