// A staff member applies for each kind of permit, the right officer decides, and the life runs to
// closed: by buttons and fields only, without scripts.

import assert from 'node:assert/strict';
import { OPPOSITES, judged, looked, setUp, skipSecondFactor } from './newcomer.mjs';
import { appointed, arrives, registered } from './people.mjs';

const STAFF = '木村 花';
const CHIEF = '高橋 実';
const SYSTEMS = '山田 一子';
const AUTHORITY = '中村 進';
const HEAD = '佐々木 薫';

// Enters something into a register; what comes back is its id.
async function enters(page, server, register, fill) {
  await page.goto(`${server.url}/registers/${register}/new`);
  await fill(page.locator('main form.form'));
  await page.locator('main form.form .form-end button').click();
  const refused = page.locator('main .alert');
  await Promise.race([page.waitForURL(new RegExp(`/registers/${register}/[a-z]+_`)), refused.waitFor()]);
  if (page.url().endsWith('/new')) assert.fail(`${register}: ${await refused.innerText()}`);
  return new URL(page.url()).pathname.split('/').pop();
}

async function grade(form, name, c, i, a) {
  for (const [letter, level] of [['c', c], ['i', i], ['a', a]]) {
    await form.locator(`[name="${name}-${letter}"][value="${level}"]`).check();
  }
}

const text = (form, name, value) => form.locator(`[name="${name}"]`).fill(value);
const pick = (form, name, value) => form.locator(`[name="${name}"][value="${value}"]`).check();

async function chosen(form, name, value) {
  const box = form.locator(`[name="${name}"][value="${value}"]`);
  if (await box.count()) return box.check();
  return form.locator(`select[name="${name}"]`).selectOption(value);
}

// Chooses the post that answers for something.
async function answers(form, name, title) {
  const list = form.locator(`select[name="${name}"]`);
  const option = list.locator('option', { hasText: title }).first();
  await list.selectOption(await option.getAttribute('value'));
}

// What each kind asks for, and who decides.
function kinds(things) {
  return [
    ['pt', 'chief', (f) => Promise.all([chosen(f, 'f-task', things.task), pick(f, 'f-place', 'home')])],
    ['po', 'systems', async (f) => { await chosen(f, 'f-device', things.device); await chosen(f, 'f-destination', 'home'); await grade(f, 'f-grade', 2, 2, 1); }],
    ['pi', 'chief', async (f) => { await chosen(f, 'f-device', things.device); await pick(f, 'f-place', 'outside_organisation'); await grade(f, 'f-grade', 2, 2, 1); await text(f, 'f-restrictions', '複製禁止'); }],
    ['pr', 'chief', async (f) => { await chosen(f, 'f-device', things.device); await text(f, 'f-outside_since-year', 'R8.11.1'); }],
    ['pm', 'chief', async (f) => { await chosen(f, 'f-medium', things.medium); await chosen(f, 'f-destination', 'domestic_trip'); await grade(f, 'f-grade', 2, 2, 1); }],
    ['ps', 'systems', async (f) => { await text(f, 'f-name', '図表作成ツール'); }],
    ['pl', 'systems', async (f) => { await chosen(f, 'f-kind', 'home'); await f.locator('[name=f-encrypted]').check(); }],
    ['px', 'systems', async (f) => { await chosen(f, 'f-system', things.system); await chosen(f, 'f-line', things.line); }],
    ['pp', 'systems', async (f) => { await chosen(f, 'f-kind', 'printer'); await text(f, 'f-model', 'P-100'); }],
    ['pv', 'chief', async (f) => { await chosen(f, 'f-service', things.service); await grade(f, 'f-grade', 1, 1, 1); await text(f, 'f-terms_edition', '2026年4月版'); await text(f, 'f-terms_read_on-year', 'R8.11.1'); for (const judged of ['secondary_use_judged', 'location_judged', 'loss_judged', 'acceptable']) await f.locator(`[name=f-${judged}]`).check(); }],
    ['pc', 'chief', async (f) => { await chosen(f, 'f-tool', things.tool); await pick(f, 'f-host', 'own'); await grade(f, 'f-grade', 2, 2, 1); }],
    ['pa', 'systems', async (f) => { await chosen(f, 'f-system', things.system); await chosen(f, 'f-device', things.device); }],
    ['pe', 'authority', async (f) => { await text(f, 'f-requirement', 'US-8.1.1-3-e'); await grade(f, 'f-grade', 2, 2, 1); await pick(f, 'f-place', 'controlled'); await text(f, 'f-review_on-year', '2027-01-31'); }],
  ];
}

const LATER = '2027-03-31';

// Today, where the organisation is.
const inJapan = () => new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);

async function applies(page, server, kind, fill, things) {
  const more = ['po', 'pi', 'pr', 'pa'].includes(kind) ? `?f-device=${things.device}` : '';
  await page.goto(`${server.url}/permits/new`);
  await page.locator(`main a[href="/permits/new/${kind}"]`).click();
  if (more) await page.goto(`${server.url}/permits/new/${kind}${more}`);
  const form = page.locator('main form.form');
  await fill(form);
  await text(form, 'f-term_from-year', inJapan());
  for (const part of ['month', 'day']) await text(form, `f-term_from-${part}`, '');
  await text(form, 'f-term_until-year', LATER);
  await text(form, 'remark', '年度末の資料を自宅で作成するため');
  await form.locator('.form-end button').click();
  await page.waitForURL(/\/permits\/[a-z]+_[0-9a-z]+$/);
  return new URL(page.url()).pathname;
}

async function confirms(page, path, act, said) {
  await page.locator(`main a[href="${path}/${act}"]`).click();
  const confirmed = page.locator('[name=confirmed]');
  if (await confirmed.count()) await confirmed.check();
  if (said) await page.locator('[name=remark]').fill(said);
  await page.locator('main form.form .form-end button').click();
  await page.waitForURL((url) => url.pathname === path);
}

export const tests = [
  {
    name: 'each kind but that of own devices runs from application to close, decided by the right officer, without scripts',
    limit: 480,
    async run(stage) {
      const server = await stage.sekisho('up', ['--lang', 'ja']);
      const head = await stage.visitor({ scripts: false });
      await setUp(head, server);
      await skipSecondFactor(head, server);
      const device = await judged(server);
      const links = {};
      for (const [who, name, role, title] of [
        ['staff', STAFF, 'staff', '係員'],
        ['chief', CHIEF, 'diso', '総務課長'],
        ['systems', SYSTEMS, 'isso', '情報システム室長'],
        ['authority', AUTHORITY, 'exception_authority', '例外措置審査官'],
        ['hiso', HEAD, 'hiso', '統括情報セキュリティ責任者'],
      ]) {
        links[who] = await registered(head, server, name, who);
        await appointed(head, server, role, title, name);
      }
      const people = {};
      for (const [who, link] of Object.entries(links)) people[who] = await arrives(stage, link);
      const { staff, chief, systems } = people;
      const things = { device };
      things.task = await enters(chief, server, 'task', async (f) => {
        await text(f, 'f-name', '予算要求の調整'); await grade(f, 'f-grade', 2, 2, 1); await chosen(f, 'f-state', 'allowed');
      });
      things.line = await enters(systems, server, 'line', async (f) => {
        await text(f, 'f-name', '庁内LAN'); await chosen(f, 'f-kind', 'internal');
        await answers(f, 'f-officer', '情報システム室長');
      });
      things.system = await enters(systems, server, 'system', async (f) => {
        await text(f, 'f-name', '文書管理システム'); await grade(f, 'f-highest', 2, 2, 1); await chosen(f, 'f-host', 'own_premises');
        await answers(f, 'f-officer', '情報システム室長');
      });
      things.medium = await enters(chief, server, 'medium', async (f) => {
        await text(f, 'f-number', 'USB-001'); await chosen(f, 'f-kind', 'usb_memory'); await f.locator('[name=f-encrypted]').check();
      });
      things.service = await enters(people.hiso, server, 'service', async (f) => {
        await text(f, 'f-name', '地図サービス'); await text(f, 'f-provider', '地図社'); await chosen(f, 'f-kind', 'terms'); await grade(f, 'f-highest', 1, 1, 1);
        // Nobody is permitted what stands on terms that were not judged.
        await text(f, 'f-terms_version', '2026年4月版'); await text(f, 'f-judged_terms', '2026年4月版'); await text(f, 'f-judged_on-year', 'R8.11.1');
        await answers(f, 'f-judged_by', '総務課長'); await chosen(f, 'f-judgement', 'acceptable');
      });
      things.tool = await enters(people.hiso, server, 'conference_tool', async (f) => {
        await text(f, 'f-name', '会議サービス'); await text(f, 'f-provider', '会議社'); await text(f, 'f-contract', '令和8年度会議サービス利用契約'); await chosen(f, 'f-scope', 'organisation'); await chosen(f, 'f-own', 'c2');
        await answers(f, 'f-owner', '総務課長');
      });
      // A device of one's own is enrolled by its agent and has its test over HTTP.
      const all = kinds(things);
      const made = {};
      const wrong = [];
      const sees = (who, what, path) => looked(stage, people[who], server, 'permits', { [what]: path }, wrong, OPPOSITES);
      for (const [kind, , fill] of all) made[kind] = await applies(staff, server, kind, fill, things);
      await sees('staff', 'kinds', '/permits/new');
      await sees('staff', 'form', `/permits/new/pi?f-device=${device}`);
      await sees('chief', 'waiting', '/permits/waiting');
      await sees('chief', 'decision', made.pi);
      await sees('chief', 'deputies', '/permits/deputies');
      for (const [kind, who] of all) {
        const officer = people[who];
        await officer.goto(`${server.url}/permits/waiting`);
        await officer.locator(`main a[href="${made[kind]}"]`).click();
        await officer.locator('main button[value=approve]').click();
        await officer.waitForURL((url) => url.pathname === made[kind]);
        await staff.goto(server.url + made[kind]);
        await confirms(staff, made[kind], 'activate');
      }
      await sees('staff', 'active', made.pi);
      await sees('staff', 'paper', `${made.pi}/form`);
      await sees('staff', 'mine', '/permits');
      await sees('staff', 'extension', `${made.pi}/extension`);
      for (const [kind] of all) {
        const path = made[kind];
        await staff.goto(server.url + path);
        await confirms(staff, path, 'return');
        const erased = staff.locator(`main a[href="${path}/information_erased"]`);
        if (kind === 'pi') await sees('staff', 'owing', path);
        if (await erased.count()) await confirms(staff, path, 'information_erased', '端末から完全に消去した');
        for (const duty of ['device_returned', 'device_inspected', 'medium_returned', 'reconnection_done']) {
          await systems.goto(server.url + path);
          if (await systems.locator(`main a[href="${path}/${duty}"]`).count()) await confirms(systems, path, duty);
        }
        await staff.goto(server.url + path);
        assert.equal(await staff.locator('main .lead .state').first().innerText(), '完了', kind);
      }
      await sees('systems', 'all', '/permits/all');
      await sees('systems', 'owed', '/permits/owed');
      await sees('hiso', 'rules', '/permits/rules');
      await sees('staff', 'closed', made.pi);
      assert.equal(wrong.join('\n'), '');
      for (const page of Object.values(people)) assert.equal(page.troubles.join('\n'), '');
    },
  },
];
