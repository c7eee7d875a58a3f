// Who reaches what and why, as officers and staff see it: empty at first, then with a system and a permit.

import assert from 'node:assert/strict';
import { OPPOSITES, goTo, judged, looked, setUp, skipSecondFactor } from './newcomer.mjs';
import { appointed, arrives, registered } from './people.mjs';

const STAFF = '木村 花';
const SYSTEMS = '山田 一子';

async function enters(page, server, register, fill) {
  await page.goto(`${server.url}/registers/${register}/new`);
  await fill(page.locator('main form.form'));
  await page.locator('main form.form .form-end button').click();
  await page.waitForURL(new RegExp(`/registers/${register}/[a-z]+_`));
  return new URL(page.url()).pathname.split('/').pop();
}

async function grade(form, name, ...levels) {
  for (const [n, letter] of ['c', 'i', 'a'].entries()) {
    await form.locator(`[name="${name}-${letter}"][value="${levels[n]}"]`).check();
  }
}

async function chosen(form, name, value) {
  const box = form.locator(`[name="${name}"][value="${value}"]`);
  if (await box.count()) return box.check();
  return form.locator(`select[name="${name}"]`).selectOption(value);
}

async function answers(form, title) {
  const list = form.locator('select[name="f-officer"]');
  const option = list.locator('option', { hasText: title }).first();
  await list.selectOption(await option.getAttribute('value'));
}

const inJapan = () => new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);

export const tests = [
  {
    name: 'officers and staff see who reaches what, why not, and what a permit would change',
    limit: 420,
    async run(stage) {
      const server = await stage.sekisho('up', ['--lang', 'ja']);
      const head = await stage.visitor();
      await setUp(head, server);
      await skipSecondFactor(head, server);
      const device = await judged(server);
      const wrong = [];

      const links = {};
      for (const [who, name, role, title] of [
        ['staff', STAFF, 'staff', '係員'],
        ['systems', SYSTEMS, 'isso', '情報システム室長'],
      ]) {
        links[who] = await registered(head, server, name, who);
        await appointed(head, server, role, title, name);
      }
      const systems = await arrives(stage, links.systems, { scripts: true });
      const staff = await arrives(stage, links.staff, { scripts: true });

      // Nothing is there yet: each part says what to do first.
      await goTo(systems, '/access');
      const first = await systems.locator('main').innerText();
      for (const said of ['ゲートウェイがありません', '接続中の端末はありません', '拒否した利用はありません']) assert.ok(first.includes(said), said);
      await looked(stage, systems, server, 'access-empty', { now: '/access', systems: '/access/systems' }, wrong, OPPOSITES);

      const line = await enters(systems, server, 'line', async (f) => {
        await f.locator('[name="f-name"]').fill('庁内LAN'); await chosen(f, 'f-kind', 'internal'); await answers(f, '情報システム室長');
      });
      const system = await enters(systems, server, 'system', async (f) => {
        await f.locator('[name="f-name"]').fill('文書管理システム'); await grade(f, 'f-highest', 2, 2, 1); await chosen(f, 'f-host', 'own_premises');
        await f.locator('[name="f-remote"]').check(); await f.locator('[name="f-address"]').fill('192.0.2.10');
        await answers(f, '情報システム室長');
      });
      await enters(systems, server, 'gateway', async (f) => {
        await f.locator('[name="f-name"]').fill('本庁ゲートウェイ'); await chosen(f, 'f-line', line);
        await f.locator('[name="f-endpoint"]').fill('gate.example.jp:51820'); await f.locator('[name="f-network"]').fill('10.90.0.0/24');
        await answers(f, '情報システム室長');
      });

      // Staff apply; whoever decides sees beforehand what it would change.
      await staff.goto(`${server.url}/permits/new/pa?f-device=${device}`);
      const form = staff.locator('main form.form');
      await chosen(form, 'f-system', system);
      await chosen(form, 'f-device', device);
      await form.locator('[name="f-term_from-year"]').fill(inJapan());
      await form.locator('[name="f-term_until-year"]').fill('2027-03-31');
      await form.locator('[name="remark"]').fill('自宅で決裁するため');
      await form.locator('.form-end button').click();
      await staff.waitForURL(/\/permits\/[a-z]+_[0-9a-z]+$/);
      const permit = new URL(staff.url()).pathname;
      await systems.goto(server.url + permit);
      const weighed = await systems.locator('section[aria-labelledby=effect]').innerText();
      assert.match(weighed, /許可した場合の変化/);
      assert.match(weighed, /足りないもの/);
      await looked(stage, systems, server, 'access-effect', { permit }, wrong, OPPOSITES);
      await systems.locator('main button[value=approve]').click();
      await systems.waitForURL(`**${permit}`);
      await staff.goto(`${server.url}${permit}/activate`);
      const confirmed = staff.locator('[name=confirmed]');
      if (await confirmed.count()) await confirmed.check();
      await staff.locator('main form.form .form-end button').click();
      await staff.waitForURL(`**${permit}`);

      // The person sees what is missing and what to do, the officer the same from both sides.
      await goTo(staff, '/access/mine');
      const mine = staff.locator('.answer').first();
      assert.match(await mine.innerText(), /文書管理システム[\s\S]*利用できない/);
      if (!(await mine.locator('details').getAttribute('open') !== null)) await mine.locator('summary').click();
      assert.match(await mine.innerText(), /必要な対応[\s\S]*対応できる方/);
      await goTo(systems, '/access');
      await systems.locator('main nav a[href="/access/systems"]').click();
      await systems.locator(`main a[href="/access/systems/${system}"]`).click();
      assert.match(await systems.locator('main').innerText(), new RegExp(STAFF));
      await systems.locator('main nav a[href="/access/people"]').click();
      await systems.locator('main a', { hasText: STAFF }).click();
      assert.match(await systems.locator('main').innerText(), /文書管理システム/);
      const person = new URL(systems.url()).pathname;

      await looked(stage, systems, server, 'access', {
        now: '/access', people: '/access/people', person, systems: '/access/systems',
        system: `/access/systems/${system}`, asked: `${person}?system=${system}`,
        cut: `/access/cut/system/${system}`,
      }, wrong);
      await looked(stage, staff, server, 'access-mine', { mine: '/access/mine' }, wrong);
      assert.equal(wrong.join('\n'), '');
    },
  },
];
