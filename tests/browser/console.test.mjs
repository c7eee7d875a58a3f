// The console as a person meets it: from the one-time link to the verdicts on this machine.

import assert from 'node:assert/strict';
import { PASSWORD, fits, goTo, judged, link, sameSession, setUp, skipSecondFactor } from './newcomer.mjs';

const LOOKS = ['ja', 'en'].flatMap((language) => [false, true].map((dark) => ({ language, dark })));

function name_of(what, { language, dark, width = 1440 }) {
  return [what, language, ...(dark ? ['dark'] : []), width].join('-');
}

async function opens(page, url) {
  const reply = await page.goto(url);
  assert.ok(reply.ok(), `${reply.status()} at ${page.url()}`);
}

// From link to sign-in again, by links and buttons only.
async function newcomersWay(stage, page, server) {
  await setUp(page, server);
  await skipSecondFactor(page, server);
  const device = await judged(server);
  await page.reload();
  assert.match(await page.locator('header').innerText(), /試験省/);

  await goTo(page, '/requirements');
  await page.locator('main a[href^="/requirements/"]').first().click();
  await page.waitForURL('**/requirements/*');
  assert.ok((await page.locator('h1').innerText()).length > 3);

  await goTo(page, '/devices');
  await page.locator(`main a[href^="/devices/${device}"]`).first().click();
  await page.waitForURL(`**/devices/${device}**`);
  assert.match(await page.locator('main').innerText(), /Debian|Ubuntu|Linux/);

  await goTo(page, '/ledger');
  assert.match(await page.locator('main').innerText(), /\d/);

  await page.locator('a.language').click();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.match(page.url(), /\/ledger$/); // the switch comes back to the page it stood on
  assert.match(await page.locator('header').innerText(), /Ministry of Trials/);

  await page.locator('form[action="/sign-out"] button').click();
  await page.waitForURL('**/sign-out');
  await page.goto(`${server.url}/`);
  await page.waitForURL('**/sign-in**');
  await page.locator('[name=login]').fill('taro');
  await page.locator('[name=password]').fill('wrong horse battery staple');
  await page.locator('main button[type=submit]').click();
  await page.locator('main [role=alert]').waitFor(); // the refusal
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.ok(await page.locator('[name=password]').isVisible(), 'a wrong password was taken');
  page.troubles = page.troubles.filter((it) => !/status of 4\d\d/.test(it)); // that refusal
  await page.locator('[name=login]').fill('taro');
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('main button[type=submit]').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  await page.locator('form[action="/sign-out"]').waitFor();
}

export const tests = [
  {
    name: 'the first pages are quiet, without barriers, in both languages, light and dark',
    async run(stage) {
      const server = await stage.sekisho('up');
      const setUpLink = await link(server);
      for (const look of LOOKS) {
        const page = await stage.visitor({ ...look, width: 1440, height: 900 });
        for (const [what, url] of [['waiting', server.url], ['set-up', setUpLink]]) {
          await opens(page, url);
          assert.equal(await page.locator('html').getAttribute('lang'), look.language);
          await stage.accessible(page);
          await stage.quiet(page);
          await stage.picture(page, name_of(what, look), { full: true });
        }
      }
    },
  },
  {
    name: 'a newcomer sets up, looks around, changes the language and comes back',
    async run(stage) {
      const server = await stage.sekisho('up');
      const page = await stage.visitor();
      await newcomersWay(stage, page, server);
      await stage.quiet(page);
    },
  },
  {
    name: 'the same without scripts and on a telephone',
    async run(stage) {
      const server = await stage.sekisho('up');
      const page = await stage.visitor({ scripts: false, width: 390, height: 844 });
      await newcomersWay(stage, page, server);
      if (page.troubles.length > 0) throw new Error(page.troubles.join('\n'));
    },
  },
  {
    name: 'the set-up form says what is wrong and keeps what was entered',
    async run(stage) {
      const server = await stage.sekisho('up');
      const page = await stage.visitor();
      await page.goto(await link(server));
      // What the browser would catch by itself is left to the server here.
      await page.locator('main form').evaluate((form) => { form.noValidate = true; });
      await page.locator('[name=organisation_ja]').fill('試験省');
      await page.locator('[name=login]').fill('taro');
      await page.locator('[name=password]').fill('short');
      await page.locator('[name=password_again]').fill('other');
      await page.locator('main button[type=submit]').click();
      await page.locator('[aria-invalid=true]').first().waitFor();
      assert.equal(await page.locator('[name=organisation_ja]').inputValue(), '試験省');
      assert.equal(await page.locator('[name=password]').inputValue(), '');
      assert.ok(await page.locator('[name=password][aria-invalid=true]').count());
      await stage.accessible(page);
    },
  },
  {
    name: 'every page is quiet and without barriers, in every look and width',
    limit: 400,
    async run(stage) {
      const server = await stage.sekisho('up', ['--lang', 'ja']);
      const first = await stage.visitor();
      await setUp(first, server);
      await stage.accessible(first);
      await skipSecondFactor(first, server);
      const device = await judged(server);
      const pages = {
        overview: '/', requirements: '/requirements', requirement: '/requirements/GOV-3-1-c',
        devices: '/devices', device: `/devices/${device}`, ledger: '/ledger',
        organisation: '/organisation', account: '/account',
      };
      const wrong = []; // all of it, so that one fault does not hide the next
      for (const look of LOOKS) {
        for (const [width, height] of [[1440, 900], [390, 844]]) {
          const page = await sameSession(stage, first, { ...look, width, height });
          for (const [what, path] of Object.entries(pages)) {
            await opens(page, server.url + path);
            assert.equal(await page.locator('html').getAttribute('lang'), look.language);
            for (const judge of [fits, (it) => stage.accessible(it), (it) => stage.quiet(it)]) {
              await judge(page).catch(({ message }) => wrong.push(`${name_of(what, { ...look, width })}: ${message}`));
            }
            page.troubles.length = 0;
            // The table of all requirements is some thirty windows long.
            await stage.picture(page, name_of(what, { ...look, width }), { full: what !== 'requirements' });
          }
          if (width === 1440 && !look.dark) {
            await opens(page, server.url);
            await stage.picture(page, `docs-console.${look.language}`);
          }
          await page.context().close();
        }
      }
      assert.equal(wrong.join('\n'), '');
    },
  },
];
