// API tokens and mail in the browser: a token is issued, shown once, used by a program and revoked; a
// letter that cannot leave is shown with its reason; and how both pages look.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { goTo, looked, setUp, skipSecondFactor } from './newcomer.mjs';
import { appointed, arrives, registered, send } from './people.mjs';
import { until } from './stage.mjs';

const OFFICER = '山田 一子';
const STAFF = '佐藤 花';
const TITLE = '総務課長';

// Issues a token by the page, after a mistake; its text is on the page that follows and on no later one.
async function issues(page, server, label, scopes) {
  await page.goto(`${server.url}/tokens`);
  const form = page.locator('form[action="/tokens"]');
  const posts = await form.locator('[name=post] option').count();
  await form.locator('[name=post]').selectOption({ index: posts - 1 });
  await form.locator('[name=scope_read]').uncheck();
  await form.locator('[name=label]').fill(label);
  await send(page, 'form[action="/tokens"]');
  assert.match(await page.locator('#scope-error').innerText(), /範囲が選ばれていません/);
  assert.equal(await form.locator('[name=label]').inputValue(), label);
  await form.locator('[name=post]').selectOption({ index: posts - 1 });
  for (const scope of scopes) await form.locator(`[name=scope_${scope}]`).check();
  await send(page, 'form[action="/tokens"]');
  const secret = await page.locator('.secret').innerText();
  assert.match(secret, /^sekisho_/);
  await page.goto(`${server.url}/tokens`);
  assert.ok(!(await page.content()).includes(secret), 'the text of a token is shown again');
  assert.match(await page.locator('main table').innerText(), new RegExp(label));
  return secret;
}

async function asks(server, secret, method, where, body) {
  const reply = await fetch(`${server.url}/api/v1${where}`, {
    method,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': `${method}${where}` }),
    },
    body: body && JSON.stringify(body),
  });
  return { status: reply.status, json: await reply.json() };
}

async function applies(server, officer, staff) {
  const units = await asks(server, officer, 'GET', '/units');
  const medium = await asks(server, officer, 'POST', '/registers/medium', {
    unit: units.json.items[0].id,
    fields: { number: 'USB-1', kind: 'usb_memory', encrypted: true },
  });
  assert.equal(medium.status, 201, JSON.stringify(medium.json));
  const days = (count) => new Date(Date.now() + count * 86_400_000).toISOString();
  const applied = await asks(server, staff, 'POST', '/permits', {
    kind: 'pm',
    fields: { medium: medium.json.id, destination: 'home', grade: 'C1I1A1', encrypted: true },
    from: days(0),
    until: days(20),
    purpose: '自宅で資料を使うため',
  });
  assert.equal(applied.status, 201, JSON.stringify(applied.json));
}

// The letter that asks for a decision does not get out: who looks after mail sees why, and tries again.
async function sees(page, server) {
  await goTo(page, '/mail');
  await until('a letter that failed', async () => {
    await page.goto(`${server.url}/mail?state=failing`);
    return (await page.locator('main').innerText()).includes('1 回失敗。');
  });
  const main = await page.locator('main').innerText();
  for (const shown of ['決裁のお願い', OFFICER, '127.0.0.1:1']) assert.ok(main.includes(shown), `${shown}: ${main}`);
  const again = page.getByRole('button', { name: '今すぐ送り直す' }).first();
  await again.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${server.url}/mail`);
}

export const tests = [
  {
    name: 'tokens are issued and revoked, mail that fails is shown, and both pages are without barriers',
    limit: 400,
    async run(stage) {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'sekisho-mail-'));
      try {
        const config = path.join(folder, 'sekisho.toml');
        // Nobody listens there.
        await writeFile(config, '[mail]\nrelay = "127.0.0.1:1"\nfrom = "sekisho@example.go.jp"\n');
        const server = await stage.sekisho('serve', ['--lang', 'ja', '--config', config]);
        const first = await stage.visitor({ scripts: false });
        await setUp(first, server);
        await skipSecondFactor(first, server);
        const links = [];
        for (const [name, login, role, title] of [
          [OFFICER, 'yamada', 'diso', TITLE],
          [STAFF, 'sato', 'csirt', '緊急対応係'],
          ['鈴木 次郎', 'suzuki', 'isso', '情報システムセキュリティ責任者'],
        ]) {
          links.push(await registered(first, server, name, login, `${login}@example.go.jp`));
          await appointed(first, server, role, title, name);
        }
        const pages = [];
        for (const link of links) pages.push(await arrives(stage, link));
        const registers = await issues(pages[0], server, '台帳の連携', ['read', 'registers']);
        const permits = await issues(pages[1], server, '申請の連携', ['read', 'permits']);
        await applies(server, registers, permits);
        await issues(pages[2], server, '監視', ['read']);
        await sees(pages[2], server);
        const wrong = [];
        await looked(stage, pages[2], server, 'mail', { letters: '/mail', tokens: '/tokens' }, wrong);
        assert.equal(wrong.join('\n'), '');
        // Revoked by the page, the token opens nothing any more.
        await pages[0].goto(`${server.url}/tokens`);
        await pages[0].getByRole('button', { name: '失効させる' }).click();
        assert.match(await pages[0].locator('main table').innerText(), /失効/);
        assert.equal((await asks(server, registers, 'GET', '/units')).status, 401);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
];
