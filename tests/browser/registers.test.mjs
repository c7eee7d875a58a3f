// Keeping a register in the browser: entering, mistakes, finding, changing, retiring, picking from many
// without scripts; and how the pages look.

import assert from 'node:assert/strict';
import { goTo, looked, setUp, skipSecondFactor } from './newcomer.mjs';
import { appointed, arrives, registered, send } from './people.mjs';

const KEEPER = '山田 一子';

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
      await looked(stage, page, server, 'registers', looks, wrong);
      await findsAndChanges(page, server, medium);
      assert.equal(wrong.join('\n'), '');
    },
  },
];
