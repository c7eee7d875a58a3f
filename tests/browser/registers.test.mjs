// Keeping a register in the browser: entering, mistakes, finding, changing, retiring, picking from many
// without scripts; and how the pages look.

import assert from 'node:assert/strict';
import { PASSWORD, fits, goTo, sameSession, setUp, skipSecondFactor } from './newcomer.mjs';

const KEEPER = '山田 一子';

async function send(page, scope) {
  await page.locator(scope).locator('button[type=submit]:visible').last().click();
}

// Registers a person; what comes back is the link to choose a password.
async function registered(page, server, name, login) {
  await page.goto(`${server.url}/organisation`);
  const form = page.locator('form[action="/organisation/people"]');
  await form.locator('[name=name_ja]').fill(name);
  await form.locator('[name=login]').fill(login);
  await send(page, 'form[action="/organisation/people"]');
  return server.url + await page.locator('code.secret').innerText();
}

async function appointed(page, server, role, title, person) {
  await page.goto(`${server.url}/organisation?role=${role}`);
  await page.locator('form[action="/organisation/posts"] [name=title_ja]').fill(title);
  await send(page, 'form[action="/organisation/posts"]');
  await page.waitForURL(`${server.url}/organisation`);
  const form = page.locator('form[action="/organisation/appointments"]');
  const option = form.locator('[name=post] option', { hasText: title });
  await form.locator('[name=post]').selectOption(await option.getAttribute('value'));
  await form.locator('[name=person]').selectOption({ label: person });
  await send(page, 'form[action="/organisation/appointments"]');
  await page.waitForURL(`${server.url}/organisation`);
}

async function arrives(stage, url) {
  const page = await stage.visitor({ scripts: false });
  await page.goto(url);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('[name=password_again]').fill(PASSWORD);
  await page.locator('main button[type=submit]').click();
  await page.locator('form[action="/sign-out"]').waitFor();
  return page;
}

// A medium, with a mistake first: what was entered stays, and each fault leads to its field.
async function entersMedium(page, server) {
  await goTo(page, '/registers');
  await page.locator('main a[href="/registers/medium"]').click();
  assert.match(await page.locator('.empty').innerText(), /まだ登録されていません/);
  await page.locator('main a[href="/registers/medium/new"]').click();
  await page.locator('[name=f-unit]').selectOption({ index: 1 });
  await page.locator('[name=f-number]').fill('USB-00412');
  await page.getByLabel('USBメモリ').check();
  await page.locator('[name=f-encrypted]').check();
  await page.locator('[name=f-place]').fill('サーバー室の金庫');
  await page.locator('[name=f-acquired-era]').selectOption('heisei');
  await page.locator('[name=f-acquired-year]').fill('31');
  await page.locator('[name=f-acquired-month]').fill('5');
  await page.locator('[name=f-acquired-day]').fill('1');
  await send(page, 'main form.form');
  const wrong = page.locator('.alert--error a[href="#f-acquired"]');
  assert.match(await wrong.innerText(), /暦にありません/);
  assert.equal(await page.locator('[name=f-place]').inputValue(), 'サーバー室の金庫');
  await page.locator('[name=f-acquired-era]').selectOption('reiwa');
  await page.locator('[name=f-acquired-year]').fill('1');
  await send(page, 'main form.form');
  await page.waitForURL(/\/registers\/medium\/med_/);
  assert.match(await page.locator('main').innerText(), /2019年5月1日（令和元年）/);
  return new URL(page.url()).pathname;
}

async function findsAndChanges(page, server, medium) {
  await page.goto(`${server.url}/registers/medium`);
  await page.locator('[name=q]').fill('ＵＳＢ さーば');
  await send(page, 'form.search');
  await page.locator(`main a[href="${medium}"]`).click();
  await page.locator(`main a[href="${medium}/change"]`).click();
  await page.locator('[name=f-place]').fill('総務課の棚');
  await page.locator('[name=remark]').fill('点検のため移した');
  await send(page, 'main form.form');
  await page.waitForURL(server.url + medium);
  const history = page.locator('ol.history');
  assert.match(await history.innerText(), /サーバー室の金庫/);
  assert.match(await history.innerText(), /点検のため移した/);
  await page.locator(`main a[href="${medium}/retire"]`).click();
  await page.locator('[name=confirmed]').check();
  await send(page, 'main form.form');
  await page.waitForURL(server.url + medium);
  assert.match(await page.locator('main').innerText(), /廃止済み/);
}

// Anyone may tell of unease; what is told is asked for in words.
async function tells(page, server) {
  await page.goto(`${server.url}/registers/concern/new`);
  await page.locator('[name=f-kind]').selectOption('device');
  await page.locator('[name=remark]').fill('電車で画面をのぞかれた気がします。');
  await send(page, 'main form.form');
  await page.waitForURL(/\/registers\/concern\/cnc_/);
  assert.match(await page.locator('main').innerText(), /のぞかれた/);
  return new URL(page.url()).pathname;
}

export const tests = [
  {
    name: 'a register is kept without scripts, and its pages are quiet, without barriers, in every look',
    limit: 400,
    async run(stage) {
      const server = await stage.sekisho('up', ['--lang', 'ja']);
      const first = await stage.visitor({ scripts: false });
      await setUp(first, server);
      await skipSecondFactor(first, server);
      const link = await registered(first, server, KEEPER, 'yamada');
      await appointed(first, server, 'isso', '情報システムセキュリティ責任者', KEEPER);
      const page = await arrives(stage, link);
      const medium = await entersMedium(page, server);
      const concern = await tells(page, server);
      const looks = {
        registers: '/registers', list: '/registers/medium', empty: '/registers/line',
        new: '/registers/system/new', medium, change: `${medium}/change`,
        retire: `${medium}/retire`, concern, units: '/organisation/units',
      };
      const wrong = [];
      for (const how of [
        { language: 'ja', width: 1440, height: 900 },
        { language: 'ja', dark: true, width: 390, height: 844 },
        { language: 'en', dark: true, width: 1440, height: 900 },
        { language: 'en', width: 390, height: 844 },
      ]) {
        const other = await sameSession(stage, page, how);
        for (const [what, path] of Object.entries(looks)) {
          const reply = await other.goto(server.url + path);
          const name = `registers-${what}-${how.language}${how.dark ? '-dark' : ''}-${how.width}`;
          if (!reply.ok()) wrong.push(`${name}: ${reply.status()}`);
          for (const judge of [fits, (it) => stage.accessible(it), (it) => stage.quiet(it)]) {
            await judge(other).catch(({ message }) => wrong.push(`${name}: ${message}`));
          }
          other.troubles.length = 0;
          await stage.picture(other, name, { full: true });
        }
        await other.context().close();
      }
      await findsAndChanges(page, server, medium);
      assert.equal(wrong.join('\n'), '');
    },
  },
];
