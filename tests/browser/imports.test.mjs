// An office's own ledger comes into a register in the browser: what is not understood is said, what is at
// fault is named, nothing changes before it is confirmed; with scripts and without.

import assert from 'node:assert/strict';
import { looked, sameSession, setUp, skipSecondFactor } from './newcomer.mjs';
import { appointed, arrives, registered, send } from './people.mjs';
import { ledger } from './workbook.mjs';

const KEEPER = '山田 一子';
const IMPORT = '/registers/issued_device/import';

async function brings(page, server, name, buffer) {
  await page.goto(`${server.url}/registers/issued_device`);
  await page.locator(`main a[href="${IMPORT}"]`).first().click();
  await page.locator('[name=file]').setInputFiles({
    name, buffer, mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  });
  await send(page, `form[action="${IMPORT}"]`);
  // Without scripts the page that waits asks for itself again.
  await page.waitForURL('**/result');
  return new URL(page.url()).pathname;
}

async function saysWhatMarksMean(page) {
  assert.match(await page.locator('section[aria-labelledby=faults]').innerText(), /F5[\s\S]*△/);
  const mark = page.getByLabel('項目「のぞき見防止フィルターの貸与」の「△」の意味');
  await mark.selectOption('yes');
  await page.locator('form[action$="/mapping"] [name=profile]').fill('機器管理台帳');
  await send(page, 'form[action$="/mapping"]');
  await page.waitForURL('**/result');
}

async function confirms(page) {
  const confirm = page.locator('form[action$="/confirm"]');
  await confirm.locator('[name=confirmed]').check();
  await send(page, 'form[action$="/confirm"]');
  await page.waitForURL('**/result');
  assert.match(await page.locator('.alert--success').innerText(), /登録しました/);
}

export const tests = [
  {
    name: 'a ledger with merged headings and era dates is looked through, mapped, confirmed and stored',
    limit: 400,
    async run(stage) {
      const server = await stage.sekisho('up', ['--lang', 'ja']);
      const first = await stage.visitor({ scripts: false });
      await setUp(first, server);
      await skipSecondFactor(first, server);
      const link = await registered(first, server, KEEPER, 'yamada');
      await appointed(first, server, 'isso', '情報システムセキュリティ責任者', KEEPER);
      const page = await arrives(stage, link);
      const wrong = [];
      const broken = await brings(page, server, '壊れた台帳.xlsx', ledger('○').subarray(0, 900));
      assert.match(await page.locator('main').innerText(), /ファイルが壊れています/);
      const faulty = await brings(page, server, '台帳.xlsx', ledger('△'));
      await looked(stage, page, server, 'imports', { ask: IMPORT, broken, faulty }, wrong);
      await saysWhatMarksMean(page);
      await looked(stage, page, server, 'imports', { ready: faulty }, wrong);
      await confirms(page);
      await looked(stage, page, server, 'imports', { done: faulty, list: '/registers/issued_device' }, wrong);
      // With scripts, and by the profile: the file says what the register holds already.
      const lively = await sameSession(stage, page, { language: 'ja' });
      await lively.goto(`${server.url}${IMPORT}`);
      await lively.locator('select[name=profile]').selectOption('機器管理台帳');
      await lively.locator('[name=file]').setInputFiles({
        name: '次の台帳.xlsx', buffer: ledger('△'), mimeType: 'application/octet-stream',
      });
      await send(lively, `form[action="${IMPORT}"]`);
      await lively.waitForURL('**/result');
      assert.match(await lively.locator('main').innerText(), /登録されている内容と同じため/);
      await lively.goto(`${server.url}/registers/issued_device`);
      const coming = lively.waitForEvent('download');
      await lively.locator('.files a[href*="format=csv"]').first().click();
      const file = await coming;
      assert.match(file.suggestedFilename(), /^issued_device\..*csv$/);
      assert.equal(wrong.join('\n'), '');
    },
  },
];
